"""Outages on a stack of its own: ClickHouse away, the broker away, the broker hanging, one noisy sender, readers that do not read.

    python -m bench.outages                          # all, about five minutes
    python -m bench.outages clickhouse --away 120    # one of: clickhouse, broker, hanging, noise, readers

The exit code is 1 when a bar is missed.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from bench.outages import broker_away, clickhouse_away, noise, slow_readers
from bench.outages.figures import Figure
from bench.outages.world import World, running

SCENARIOS: Final[dict[str, tuple[Callable[[World, float], list[Figure]], float]]] = {
    "clickhouse": (clickhouse_away.run, 120.0),
    "broker": (broker_away.run, 20.0),
    "hanging": (broker_away.run_hanging, 20.0),
    "noise": (noise.run, 15.0),
    "readers": (slow_readers.run, 20.0),
}
"""What runs, and for how many seconds a part is away, or misbehaves."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.outages")
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--away", type=float, help="seconds, instead of each scenario's own")
    given = parser.parse_args(arguments)
    if unknown := set(given.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    missed = 0
    with running() as world:
        for name in given.scenarios:
            scenario, seconds = SCENARIOS[name]
            seconds = given.away or seconds
            print(f"== {name}, {seconds:g} s", flush=True)
            missed += sum(not told(figure) for figure in scenario(world, seconds))
    return 1 if missed else 0


def told(figure: Figure) -> bool:
    """Prints it; whether it keeps its bar."""
    bar = f"(bar: {figure.bar})" if figure.bar else ""
    print(f"{'ok  ' if figure.holds else 'MISS'}  {figure.what:<60} {figure.value:>16} {bar}", flush=True)
    return figure.holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
