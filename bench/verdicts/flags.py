"""How often statistical flags are wrong where no unit differs, and how soon they find a unit that does.

Each simulated block reports new counts at every look, twelve looks a year, and the engine's own rule judges them: `evidence` gives the
levels, `flag_rules` opens and ends. Units are told by fifths of size over all blocks of a run.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.verdicts.blocks import Design, Floats, latent_rates
from bench.verdicts.estimates import Estimate, ratio_of, share_of
from bench.verdicts.looks import Looked
from services.contracts.flags import FlagKind
from services.contracts.pack.flag_rules import EvidenceRule

LOOKS: Final = 12
"""A year."""
FIFTHS: Final = 5
DISTANCES: Final = (1.0, 2.0, 3.0)
"""Spreads below the block's centre."""
WITHIN: Final = 3
"""Evaluations that the bar gives a unit three spreads away."""

_BATCH: Final = 50
"""Blocks at once."""
_KINDS: Final[tuple[FlagKind, ...]] = ("leader", "underperformer")

MOST_FALSE: Final = 1.0
FOUND: Final = 0.95
EVEN: Final = (0.8, 1.25)
"""The bars of issue 5."""


class Year(NamedTuple):
    """One block over a year: what flags were opened, by unit (units,), and how large its units are."""

    leaders: Floats
    underperformers: Floats
    sizes: Floats


class FalseFlags(NamedTuple):
    """A unit and year where no unit differs; of both kinds by fifth of size, the smallest first, and the first against the last."""

    name: str
    leaders: Estimate
    underperformers: Estimate
    fifths: tuple[Estimate, ...]
    smallest_to_largest: Estimate


class Found(NamedTuple):
    """Of units that truly stand so far below: the share flagged within three looks, by fifth of size, and the looks that half needed."""

    units: int
    spread: float
    distance: float
    fifths: tuple[Estimate, ...]
    median_looks: tuple[float, ...]


def false_flags(units: int, years: int, rule: EvidenceRule, seed: int = 1) -> list[Year]:
    """Blocks of equal units."""
    random = np.random.default_rng([seed, units, 99])
    design = Design(units, 0.0, "common")
    batches = [min(_BATCH, years - at) for at in range(0, years, _BATCH)]
    return [year for batch in batches for year in _years(design, batch, rule, random)]


def counted(name: str, years: Sequence[Year]) -> FalseFlags:
    """What the years of one size, or of all sizes together, come to."""
    cuts = _cuts(np.concatenate([year.sizes for year in years]))
    flags = [year.leaders + year.underperformers for year in years]
    members = [[_fifth(year.sizes, cuts) == number for year in years] for number in range(FIFTHS)]
    opened = [[float(own[there].sum()) for own, there in zip(flags, fifth, strict=True)] for fifth in members]
    lived = [[float(there.sum()) for there in fifth] for fifth in members]
    return FalseFlags(
        name,
        _rate([year.leaders for year in years]),
        _rate([year.underperformers for year in years]),
        tuple(ratio_of(above, below) for above, below in zip(opened, lived, strict=True)),
        _against(opened[0], lived[0], opened[-1], lived[-1]),
    )


def found(units: int, runs: int, spread: float, rule: EvidenceRule, seed: int = 1) -> Iterator[Found]:
    """Blocks whose units differ by `spread` points, with one unit that stands 1, 2 or 3 spreads below the centre."""
    design = Design(units, spread, "common")
    for distance in DISTANCES:
        random = np.random.default_rng([seed, units, round(10 * distance), round(10 * spread)])
        batches = [min(_BATCH, runs - at) for at in range(0, runs, _BATCH)]
        searched = [one for batch in batches for one in _search(design, batch, distance, rule, random)]
        sizes, looks = np.array(searched).T
        yield _found(units, spread, distance, sizes, looks)


def misses(every: FalseFlags, one: Sequence[Found]) -> list[str]:
    """What misses its bar: `every` is of all sizes together, `one` of units three spreads away."""
    missed = [
        f"{100 * rate.value:.2f} false {kind} per 100 unit-years"
        for kind, rate in (("leaders", every.leaders), ("underperformers", every.underperformers))
        if 100 * rate.value > MOST_FALSE
    ]
    ratio = every.smallest_to_largest
    if not (EVEN[0] <= ratio.low and ratio.high <= EVEN[1]):
        missed.append(f"false flags of the smallest to the largest fifth: {ratio.worded(2, 1.0)}")
    return missed + [
        f"{of.units} units: {fifth.value:.1%} of fifth {number} found within {WITHIN}"
        for of in one
        for number, fifth in enumerate(of.fifths, 1)
        if fifth.value < FOUND
    ]


# --- one block ----------------------------------------------------------------------------------------------------------------


def _years(design: Design, count: int, rule: EvidenceRule, random: np.random.Generator) -> Iterator[Year]:
    """A year of each block, after the looks that its first one remembers."""
    blocks, before = Looked(design, count, rule, random), rule.n - 1
    for _ in range(before + LOOKS):
        blocks.look()
    opened = [blocks.openings(kind, before) for kind in _KINDS]
    for at in range(count):
        yield Year(opened[0][:, at], opened[1][:, at], blocks.sizes[:, at])


def _search(
    design: Design, count: int, distance: float, rule: EvidenceRule, random: np.random.Generator
) -> Iterator[tuple[float, int]]:
    """(size, looks needed) of the unit that stands apart in each block; one look more than a year has where it was not found."""
    centre = latent_rates(Design(1, 0.0, "common"), random)[0]
    blocks = Looked(design, count, rule, random, centre - distance * design.spread / 100.0)
    needed: list[int | None] = [None] * count
    while None in needed and blocks.looks < LOOKS:
        blocks.look()
        needed = [blocks.first_opened("underperformer", 0, at) for at in range(count)]
    for size, looks in zip(blocks.sizes[0], needed, strict=True):
        yield float(size), looks or LOOKS + 1


# --- figures ------------------------------------------------------------------------------------------------------------------


def _found(units: int, spread: float, distance: float, sizes: Floats, looks: Floats) -> Found:
    fifths = _fifth(sizes, _cuts(sizes))
    parts = [looks[fifths == number] for number in range(FIFTHS)]
    shares = tuple(share_of(int((part <= WITHIN).sum()), len(part)) for part in parts)
    return Found(units, spread, distance, shares, tuple(float(np.median(part)) for part in parts))


def _cuts(sizes: Floats) -> Floats:
    return np.quantile(sizes, np.arange(1, FIFTHS) / FIFTHS)


def _fifth(sizes: Floats, cuts: Floats) -> npt.NDArray[np.int64]:
    """(units,) 0 for the smallest fifth to 4 for the largest."""
    return np.searchsorted(cuts, sizes)


def _rate(opened: Sequence[Floats]) -> Estimate:
    """Per unit-year, blocks weighing as many units as they have."""
    return ratio_of([float(own.sum()) for own in opened], [float(len(own)) for own in opened])


def _against(
    opened: Sequence[float], lived: Sequence[float], by: Sequence[float], lived_by: Sequence[float]
) -> Estimate:
    """One rate over another, with the interval of its logarithm; the two are of different units, and flags are rare."""
    if not (any(opened) and any(by)):
        return Estimate(math.nan, 0.0, math.inf)
    ratio = (math.fsum(opened) / math.fsum(lived)) / (math.fsum(by) / math.fsum(lived_by))
    reach = math.exp(
        1.959964 * math.sqrt(_relative_variance(opened, lived) + _relative_variance(by, lived_by))
    )
    return Estimate(ratio, ratio / reach, ratio * reach)


def _relative_variance(opened: Sequence[float], lived: Sequence[float]) -> float:
    rate = ratio_of(opened, lived)
    return float(((rate.high - rate.low) / (2 * 1.959964) / rate.value) ** 2)
