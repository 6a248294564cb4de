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

_AT_A_TIME: Final = 8192
"""Words: 64 kB of them use the same memory again and again. Fresh memory costs more than drawing them."""

_TABLE_DECIMALS: Final = 12
"""The inverse normal function may differ by a unit in the last place between processors; rounded, it does not."""


def seed_of(pack_seed: int, subject: str) -> int:
    """The seed of a ranking's draws: 53 bits (exact in JSON everywhere) of SHA-256 over the pack's seed and what is ranked."""
    digest = hashlib.sha256(f"{pack_seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def uniforms(seed: int, rows: int, columns: int, stream: int = 0) -> Floats:
    """Uniform numbers in [0, 1): the top 53 bits of raw Philox4x64-10 words, by our own transform, for numpy's may change.

    Each `stream` (0 to 2^64 - 1) of a seed is its own sequence. Source: Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3.
    """
    source, numbers = _philox(seed, stream), np.empty(rows * columns)
    for first in range(0, len(numbers), _AT_A_TIME):
        part = numbers[first : first + _AT_A_TIME]
        part[:] = source.random_raw(len(part)) >> np.uint64(11)
        part *= 2.0**-53
    return numbers.reshape(rows, columns)


def normals(seed: int, rows: int, columns: int, stream: int) -> Floats:
    """Standard normal numbers: the middles, in probability, of 4,096 equally likely strips, picked by 12 bits each."""
    wanted = rows * columns
    words = _philox(seed, stream).random_raw(-(-wanted // _PER_WORD))
    shifts = np.arange(_PER_WORD, dtype=np.uint64) * np.uint64(_BITS)
    picks = (words[:, np.newaxis] >> shifts) & np.uint64(2**_BITS - 1)
    return _table()[picks.reshape(-1)[:wanted].astype(np.int64)].reshape(rows, columns)


def choices(seed: int, rows: int, columns: int, stream: int, among: Sequence[int]) -> Integers:
    """Whole numbers from 0 to `among` - 1 for each column, equally likely to within 2^-53 times `among`."""
    return np.asarray(np.floor(uniforms(seed, rows, columns, stream) * np.array(among)), dtype=np.int64)


def _philox(seed: int, stream: int) -> np.random.Philox:
    return np.random.Philox(key=seed | stream << 64)


@cache
def _table() -> Floats:
    middles = (np.arange(2**_BITS) + 0.5) / 2**_BITS
    return np.asarray(np.round(ndtri(middles), _TABLE_DECIMALS), dtype=np.float64)
