"""Prints what the simulations found, as the tables of `docs/verdicts.md`."""

import argparse
import time
from collections.abc import Sequence
from typing import Final

from bench.verdicts import intervals
from bench.verdicts.estimates import Estimate
from bench.verdicts.intervals import Measured

BLOCKS: Final = 250
"""Of each design: all figures of all designs together are then known to a third of a point, in about a minute."""


def main(arguments: Sequence[str] = ()) -> int:
    """The number of bars that are missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="simulated blocks of each design")
    count = parser.parse_args(arguments).blocks
    started = time.monotonic()
    measured = intervals.measure(count)
    print(
        "90 % intervals with the weights fixed. Each figure with its own 95 % confidence interval; widths are multiples of the oracle's.\n"
    )
    print("| block | latent scores held, % | width | true ranks held, % | width |\n|---|---|---|---|---|")
    for one in measured:
        print(_row(one))
    for one in intervals.null(count):
        print(f"| {one.name} | {one.scores.worded()} | | | |")
    print("\n| size of unit (blocks of 30 and 69) | latent scores held, % |\n|---|---|")
    for number, fifth in enumerate(measured[-1].fifths, 1):
        print(f"| fifth {number} of 5{', the smallest' if number == 1 else ''} | {fifth.worded()} |")
    found = intervals.misses(measured[-1])
    print(f"\n{count} blocks of each design, {time.monotonic() - started:.0f} s")
    for miss in found:
        print(f"missed: {miss}")
    return len(found)


def _row(one: Measured) -> str:
    widths = (_width(one.score_width), _width(one.rank_width))
    return f"| {one.name} | {one.scores.worded()} | {widths[0]} | {one.ranks.worded()} | {widths[1]} |"


def _width(width: Estimate) -> str:
    return "" if width.value != width.value else width.worded(2, 1.0)
