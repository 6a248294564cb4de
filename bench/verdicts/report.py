"""Prints what the simulations found, as the tables of `docs/verdicts.md`."""

import argparse
import time
from collections.abc import Sequence
from typing import Final

from bench.verdicts import flags, hard, intervals
from bench.verdicts.estimates import Estimate
from bench.verdicts.flags import FalseFlags, Found
from bench.verdicts.intervals import Measured
from services.contracts.pack.flag_rules import EvidenceRule

UNIT_YEARS: Final = 80_000
"""By each size of block: rates of one size of unit against another are then known to an eighth, in two minutes."""
RUNS: Final = 1_000
SPREADS: Final = (2.0, 6.0)
"""Points; the last is the one that the bar is about, for with the first one even a sure eye would be at a loss."""

_FIFTHS: Final = "fifth 1, the smallest | 2 | 3 | 4 | 5"

BLOCKS: Final = 250
"""Of each design: all figures of all designs together are then known to a third of a point, in about a minute."""


def main(arguments: Sequence[str] = ()) -> int:
    """The number of bars that are missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="simulated blocks of each design")
    parser.add_argument(
        "--unit-years", type=int, default=UNIT_YEARS, help="simulated for flags, by each size of block"
    )
    parser.add_argument("--runs", type=int, default=RUNS, help="searches for a unit that stands apart, each")
    asked = parser.parse_args(arguments)
    return _intervals(asked.blocks) + _flags(asked.unit_years, asked.runs)


def _intervals(count: int) -> int:
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
    _hard(max(count // 5, 2))
    print(f"\n{count} blocks of each design, {time.monotonic() - started:.0f} s")
    return _missed(found)


def _hard(count: int) -> None:
    sizes = " | ".join(f"{units} units" for units in intervals.SIZES)
    print(
        f"\nHeld, %, of latent scores and of true ranks, where the model is not what happens ({count} blocks each):\n"
    )
    print(f"| case | scores: {sizes} | ranks: {sizes} |\n|{'---|' * 7}")
    for one in hard.measure(intervals.SIZES, count):
        print(f"| {one.case} | {' | '.join(part.worded(0) for part in (*one.scores, *one.ranks))} |")


def _flags(unit_years: int, runs: int) -> int:
    started, rule = time.monotonic(), EvidenceRule()
    print("\nFlags by evidence, as recommended. Where no unit differs, per 100 unit-years of twelve looks:\n")
    print(
        f"| block | false leaders | false underperformers | {_FIFTHS} | smallest to largest |\n|{'---|' * 9}"
    )
    years = {units: flags.false_flags(units, unit_years // units, rule) for units in intervals.SIZES}
    every = flags.counted("all", [year for of_size in years.values() for year in of_size])
    for one in [*(flags.counted(f"{units} units", of_size) for units, of_size in years.items()), every]:
        print(_false(one))
    print(
        f"\nOf units so many spreads below their block, the share flagged within {flags.WITHIN} looks, %, and the looks that half needed:\n"
    )
    print(f"| block | spreads | {_FIFTHS} | looks |\n|{'---|' * 8}")
    searched = [
        one
        for units in intervals.SIZES
        for spread in SPREADS
        for one in flags.found(units, runs, spread, rule)
    ]
    for found in searched:
        print(_found(found))
    judged = [one for one in searched if one.distance == flags.DISTANCES[-1] and one.spread == SPREADS[-1]]
    print(f"\n{unit_years} unit-years of each size, {runs} searches each, {time.monotonic() - started:.0f} s")
    return _missed(flags.misses(every, judged))


def _missed(found: Sequence[str]) -> int:
    for miss in found:
        print(f"missed: {miss}")
    return len(found)


def _false(one: FalseFlags) -> str:
    fifths = " | ".join(fifth.worded(2) for fifth in one.fifths)
    ratio = one.smallest_to_largest.worded(2, 1.0)
    return f"| {one.name} | {one.leaders.worded(2)} | {one.underperformers.worded(2)} | {fifths} | {ratio} |"


def _found(one: Found) -> str:
    fifths = " | ".join(fifth.worded() for fifth in one.fifths)
    looks = ", ".join("-" if looks > flags.LOOKS else f"{looks:g}" for looks in one.median_looks)
    return f"| {one.units} units, {one.spread:g} points | {one.distance:g} | {fifths} | {looks} |"


def _row(one: Measured) -> str:
    widths = (_width(one.score_width), _width(one.rank_width))
    return f"| {one.name} | {one.scores.worded()} | {widths[0]} | {one.ranks.worded()} | {widths[1]} |"


def _width(width: Estimate) -> str:
    return "" if width.value != width.value else width.worded(2, 1.0)
