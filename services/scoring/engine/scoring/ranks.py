"""Places from scores, for one ranking or for many draws at once."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from services.contracts.pack.model import TieBreak
from services.contracts.periods import Period
from services.scoring.engine.numbers.arrays import Integers

Ties = Literal["min", "dense"]

_SHARE_SLACK: Final = 1e-9
"""0.29 × 100 is 28.999999999999996 in binary."""

_NARROW: Final = 31
"""Bits of a 32 bit number without its sign: numbers of half the width are sorted in half the time."""


def rank(ticks: Integers, ties: Ties) -> Integers:
    """Ranks along the last axis, 1 for the highest score. Ticks are below 2^47, units at most 2^16.

    `min`: one more than the number of better scores (1, 2, 2, 4); `dense`: one more than the number of different better scores (1, 2, 2, 3).
    """
    ordered, order = _descending(ticks)
    begins = np.ones(ticks.shape, dtype=bool)
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    if ties == "dense":
        places = np.cumsum(begins, axis=-1)
    else:
        position = np.arange(1, ticks.shape[-1] + 1)
        places = np.maximum.accumulate(np.where(begins, position, 1), axis=-1)
    ranks = np.empty(ticks.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


class Places(NamedTuple):
    """The places of many draws, each from best to worst: (draws, places)."""

    unit: Integers
    """Whose place it is."""
    ordered: Integers
    """The negated ticks that it was taken with."""
    place: Integers
    """The rank of that place, by the tie rule; (places,) where no draw has a tie."""

    def counts(self) -> Integers:
        """(units, ranks) how many draws gave the unit that rank; column r is rank r + 1."""
        units = self.unit.shape[1]
        which = self.unit * np.int64(units)
        which += self.place
        return np.bincount(which.reshape(-1), minlength=units * units + 1)[1:].reshape(units, units)

    def within_first(self, k: int) -> Integers:
        """(units,) in how many draws the unit, with all level with it, fits into the first k places."""
        return self._fitting(slice(0, k), k)

    def within_last(self, k: int) -> Integers:
        """(units,) in how many draws the unit, with all level with it, fits into the last k places."""
        units = self.unit.shape[1]
        return self._fitting(slice(units - k, units), units - k - 1)

    def _fitting(self, inside: slice, beside: int) -> Integers:
        """Ties are taken whole: whoever is level with the place just outside is outside."""
        units = self.unit.shape[1]
        held = self.unit[:, inside]
        if 0 <= beside < units:
            held = held[self.ordered[:, inside] != self.ordered[:, beside : beside + 1]]
        return np.bincount(held.reshape(-1), minlength=units)


def places(ticks: Integers, ties: Ties) -> Places:
    """The places of (draws, units) ticks; ranks as `rank` gives them."""
    ordered, units = _descending(ticks)
    begins = ordered[:, 1:] != ordered[:, :-1]
    position = np.arange(1, ticks.shape[1] + 1, dtype=ordered.dtype)
    if begins.all():
        return Places(units, ordered, position)
    first = np.ones((len(ticks), 1), dtype=bool)
    begins = np.concatenate([first, begins], axis=1)
    if ties == "dense":
        return Places(units, ordered, np.add.accumulate(begins, axis=1, dtype=np.int64))
    return Places(units, ordered, np.maximum.accumulate(np.where(begins, position, 1), axis=1))


def top_of(share: float, units: int) -> int:
    """How many units a share of the block is: whole ones, and no fewer than one of them."""
    return min(max(int(share * units + _SHARE_SLACK), 1), units)


def _descending(ticks: Integers) -> tuple[Integers, Integers]:
    """The negated ticks from best to worst, and whose they are, both in 32 bits where they fit.

    Sorting one number that holds both is four times as fast as argsort.
    """
    units = ticks.shape[-1]
    bits = max(units - 1, 0).bit_length()
    keys = -ticks
    if keys.size and max(int(keys.max()), -int(keys.min())) < 1 << (_NARROW - bits):
        keys = keys.astype(np.int32)
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
