"""Places from scores, for one ranking or for many draws at once."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from services.contracts.pack.model import TieBreak
from services.contracts.periods import Period
from services.scoring.engine.numbers.arrays import Integers, Numbers

Ties = Literal["min", "dense"]

_SHARE_SLACK: Final = 1e-9
"""0.29 × 100 is 28.999999999999996 in binary."""

_NARROW: Final = 31
"""Bits of a 32 bit number without its sign: numbers of half the width are sorted in half the time."""


def rank(ticks: Integers, ties: Ties) -> Integers:
    """Ranks of (units,) or (draws, units) ticks, 1 for the highest score. Ticks are below 2^47, units at most 2^16.

    `min`: one more than the number of better scores (1, 2, 2, 4); `dense`: one more than the number of different better scores (1, 2, 2, 3).
    """
    if ticks.ndim == 1:
        better = np.sort(-ticks) if ties == "min" else np.unique(-ticks)
        return np.asarray(1 + np.searchsorted(better, -ticks), dtype=np.int64)
    placed = places(ticks, ties)
    ranks = np.empty(placed.unit.shape, dtype=np.int64)
    np.put_along_axis(ranks, placed.unit, placed.rank, axis=1)
    return ranks


class Places(NamedTuple):
    """The places of many draws, each from best to worst: (draws, places)."""

    unit: Integers
    """Whose place it is."""
    first: Integers
    """The first place of all that are level with it."""
    rank: Integers
    """By the tie rule; `first` itself with `min`."""

    def counts(self, numbers: Integers) -> Integers:
        """(units, places) in how many draws the unit has that number, of `first` or `rank`; column p is number p + 1."""
        units = self.unit.shape[1]
        which = self.unit * units
        which += numbers
        return np.bincount(which.reshape(-1), minlength=units * units + 1)[1:].reshape(units, units)

    def torn(self, k: int) -> Integers:
        """(units,) in how many draws the first k places end among those that are level with the unit."""
        units = self.unit.shape[1]
        if k >= units:
            return np.zeros(units, dtype=np.int64)
        draws = np.flatnonzero(self.first[:, k] <= k)
        is_level = self.first[draws] == self.first[draws, k, np.newaxis]
        return np.bincount(self.unit[draws][is_level], minlength=units)


def places(ticks: Numbers, ties: Ties) -> Places:
    """The places of (draws, units) ticks, whole numbers or whole doubles; ranks as `rank` gives them."""
    ordered, unit = _descending(np.ascontiguousarray(ticks))  # what is flattened below must be no copy
    level = _level(ordered)
    first = np.empty_like(ordered)
    first[:] = np.arange(1, ordered.shape[1] + 1)
    first.reshape(-1)[level] = first.reshape(-1)[_first_of_run(level) - 1]
    return Places(unit, first, first if ties == "min" else _dense(level, first))


def _dense(level: Integers, first: Integers) -> Integers:
    """(draws, places) how many different scores there are up to each place."""
    begins = np.ones_like(first)
    begins.reshape(-1)[level] = 0
    return np.add.accumulate(begins, axis=1, dtype=first.dtype)


def _level(ordered: Integers) -> Integers:
    """Which of (draws, places) scores are level with the one before them in their draw, as positions in the flat array, ascending."""
    flat = ordered.reshape(-1)
    level = 1 + np.flatnonzero(flat[1:] == flat[:-1])
    return level[level % ordered.shape[1] > 0] if len(level) else level


def _first_of_run(ascending: Integers) -> Integers:
    """Of each of (n,) numbers, the first of those that follow one another up to it without a gap."""
    begins = np.ones(len(ascending), dtype=bool)
    begins[1:] = ascending[1:] > ascending[:-1] + 1
    return np.maximum.accumulate(np.where(begins, ascending, 0))


def top_of(share: float, units: int) -> int:
    """How many units a share of the block is: whole ones, and no fewer than one of them."""
    return min(max(int(share * units + _SHARE_SLACK), 1), units)


def _descending(ticks: Numbers) -> tuple[Integers, Integers]:
    """The negated ticks from best to worst, and whose they are, both in 32 bits where they fit.

    Sorting one number that holds both is four times as fast as argsort.
    """
    units = ticks.shape[-1]
    bits = max(units - 1, 0).bit_length()
    greatest = max(int(ticks.max(initial=0)), -int(ticks.min(initial=0)))
    narrow = greatest < 1 << (_NARROW - bits)
    keys: Integers = np.negative(ticks.astype(np.int32 if narrow else np.int64))
    keys <<= bits
    keys |= np.arange(units, dtype=keys.dtype)
    keys.sort(axis=-1)
    whose = keys & ((1 << bits) - 1)
    keys >>= bits
    return keys, whose


def decided(
    ranks: Integers, tie_breaks: Sequence[TieBreak], period: Period, units: Sequence[str]
) -> Integers:
    """Ranks (units,) with what people decided about ties of that period: level units that are listed come in that order, the others after them.

    A list changes nothing between units that are not level. Only with `min` ties is there room for it: 2, 2, 2 becomes 2, 3, 4.
    """
    for tie_break in tie_breaks:
        if tie_break.period != period.text:
            continue
        order = {unit: place for place, unit in enumerate(tie_break.units)}
        for level in np.unique(ranks):
            rows = [int(row) for row in np.flatnonzero(ranks == level)]
            at = [row for row in rows if units[row] in order]
            ranks = _in_order(ranks, int(level), sorted(at, key=lambda row: order[units[row]]))
    return ranks


def _in_order(ranks: Integers, level: int, listed: Sequence[int]) -> Integers:
    """The listed rows take the places from `level` on, one each; the others of that level the place after them."""
    if not listed:
        return ranks
    broken = np.where(ranks == level, level + len(listed), ranks)
    broken[list(listed)] = np.arange(level, level + len(listed))
    return broken


def level_or_above(ticks: Integers) -> Integers:
    """For each of (units,) how many score at least as much, itself among them."""
    ascending = np.sort(ticks)
    return np.asarray(len(ticks) - np.searchsorted(ascending, ticks, side="left"), dtype=np.int64)
