"""Random numbers that are the same on every machine: raw Philox words and our own transforms of them."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from scipy.special import ndtri

from services.scoring.engine.numbers.arrays import Floats, Integers

_BITS: Final = 12
"""Of a normal number: 4,096 equally likely values. Their variance is 0.9996; five of them come out of one word."""

_PER_WORD: Final = 64 // _BITS

_TABLE_DECIMALS: Final = 12
"""The inverse normal function may differ by a unit in the last place between processors; rounded, it does not."""


def seed_of(pack_seed: int, subject: str) -> int:
    """The seed of a ranking's draws: 53 bits (exact in JSON everywhere) of SHA-256 over the pack's seed and what is ranked."""
    digest = hashlib.sha256(f"{pack_seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


class Uniforms:
    """A sequence of uniform numbers in [0, 1), to be taken a few at a time: fresh memory for many costs more than drawing them.

    They are the top 53 bits of raw Philox4x64-10 words, by our own transform, for numpy's may change. Each `stream` (0 to 2^64 - 1) of a seed is
    its own sequence. Source: Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3.
    """

    def __init__(self, seed: int, stream: int = 0) -> None:
        self._source = _philox(seed, stream)

    def take(self, rows: int, columns: int) -> Floats:
        """The next ones (rows, columns), row by row; those of a column lie side by side."""
        words = self._source.random_raw(rows * columns)
        words >>= np.uint64(11)
        signed = words.view(np.int64).reshape(
            rows, columns
        )  # unsigned ones take five times as long to become doubles
        numbers = signed.astype(np.float64, order="F")
        numbers *= 2.0**-53
        return numbers


def uniforms(seed: int, rows: int, columns: int, stream: int = 0) -> Floats:
    """The first ones of a sequence."""
    return Uniforms(seed, stream).take(rows, columns)


def normals(seed: int, rows: int, columns: int, stream: int) -> Floats:
    """Standard normal numbers: the middles, in probability, of 4,096 equally likely strips, picked by 12 bits each."""
    wanted = rows * columns
    words = _philox(seed, stream).random_raw(-(-wanted // _PER_WORD))
    shifts = np.arange(_PER_WORD, dtype=np.uint64) * np.uint64(_BITS)
    picks = words[:, np.newaxis] >> shifts
    picks &= np.uint64(2**_BITS - 1)
    return _table()[picks.view(np.int64).reshape(-1)[:wanted]].reshape(rows, columns)


def choices(seed: int, rows: int, columns: int, stream: int, among: Sequence[int]) -> Integers:
    """Whole numbers from 0 to `among` - 1 for each column, equally likely to within 2^-53 times `among`."""
    return np.asarray(np.floor(uniforms(seed, rows, columns, stream) * np.array(among)), dtype=np.int64)


def _philox(seed: int, stream: int) -> np.random.Philox:
    return np.random.Philox(key=seed | stream << 64)


@cache
def _table() -> Floats:
    middles = (np.arange(2**_BITS) + 0.5) / 2**_BITS
    return np.asarray(np.round(ndtri(middles), _TABLE_DECIMALS), dtype=np.float64)
