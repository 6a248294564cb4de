"""A checkpoint as bytes: each block's state, and a manifest that says where the blocks of the partition stand and at which offset of the log.

It is a cache of the fold and never a truth: what cannot be read, does not fit or is of another engine is left, and the log is read instead.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from sys import intern
from typing import Final

import msgspec
import zstandard

from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.results import Halt
from services.scoring.engine import ENGINE_VERSION, BlockState
from services.scoring.engine.log.state import Series, SeriesKey

CHECKPOINT_SCHEMA: Final = b"checkpoint/4"

CHUNK_BYTES: Final = 1024 * 1024
"""A block's state is cut into chunks of this size, compressed: far below what a record may have, so that one never blocks a fetch."""

_LEVEL: Final = 1
"""Of zstd: a state shrinks to a twentieth at 800 MB/s; higher levels cost more than they save."""


_A_PIECE: Final = 2_000
"""Figures and facts of a piece: a million facts are decoded in a second or two, and nothing else happens while one piece is, some milliseconds."""

_OF_A_SERIES: Final = 30
"""What a series weighs beside its figures."""

_Pieces = list[memoryview]
_SomeSeries = dict[SeriesKey, dict[str, Series]]


class SavedBlock(msgspec.Struct, array_like=True, frozen=True):
    """The first piece of a block: its state but for the series, which stand in the pieces that follow, and its flags, settled ones too: the
    owner writes them again now and then."""

    state: BlockState
    flags: list[Flag]


class Part(msgspec.Struct, array_like=True, frozen=True):
    """Where a block's state stands: the offsets of its chunks in the partition of `campaign.checkpoints`, and the sum of them."""

    block: BlockId
    generation: int
    offsets: tuple[int, ...]
    sha256: bytes


class Manifest(msgspec.Struct, frozen=True):
    """The partition after the records below `next_offset`. `halted`: blocks that are not applied any further."""

    partition: int
    next_offset: int
    engine: str
    shape: str
    """Of the state's types: a checkpoint of another shape is not read."""
    halted: dict[BlockId, Halt]
    parts: list[Part]

    @property
    def fits(self) -> bool:
        """Whether this program's fold wrote it, or one that folds the same way."""
        return (self.engine, self.shape) == (ENGINE_VERSION, SHAPE)


class BadCheckpoint(Exception):  # noqa: N818 - it names what is bad
    """The checkpoint cannot be used; the message says why. The log has everything."""


def _shape() -> str:
    """Of everything that a block's state is made of, down to the names and types of fields, in order."""
    types = msgspec.inspect.type_info(tuple[SavedBlock, _SomeSeries])
    return hashlib.sha256(CHECKPOINT_SCHEMA + repr(types).encode()).hexdigest()[:16]


SHAPE: Final = _shape()

_encoder: Final = msgspec.msgpack.Encoder()
_pieces_decoder: Final = msgspec.msgpack.Decoder(_Pieces)
_block_decoder: Final = msgspec.msgpack.Decoder(SavedBlock)
_series_decoder: Final = msgspec.msgpack.Decoder(_SomeSeries)
_manifest_decoder: Final = msgspec.msgpack.Decoder(Manifest)


def pieces_of(state: BlockState, flags: list[Flag]) -> Iterator[bytes]:
    """The block as it is now, piece by piece, so that other work may go on between two of them; the state must not change meanwhile."""
    yield _encoder.encode(SavedBlock(replace(state, series={}), flags))
    some: _SomeSeries = {}
    weight = 0
    for key, by_unit in state.series.items():
        for unit, series in by_unit.items():
            some.setdefault(key, {})[unit] = series
            weight += _weight(series)
            if weight >= _A_PIECE:
                yield _encoder.encode(some)
                some, weight = {}, 0
    if some:
        yield _encoder.encode(some)


def _weight(series: Series) -> int:
    """About what it takes to encode, in figures."""
    facts = 0 if series.facts is None else series.facts.count
    kept = sum(map(len, series.superseded.values())) if series.superseded else 0
    return _OF_A_SERIES + facts + kept + sum(map(_weight, series.carried.values()))


def body_of(pieces: Sequence[bytes]) -> bytes:
    return _encoder.encode(pieces)


def chunks_of(body: bytes) -> list[bytes]:
    """The bytes compressed and cut; at least one chunk. Takes a while for a large block: not on the event loop."""
    packed = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(body)
    return [packed[at : at + CHUNK_BYTES] for at in range(0, len(packed), CHUNK_BYTES)]


def sum_of(chunks: Iterable[bytes]) -> bytes:
    """SHA-256 over the chunks in their order: of what is written, which is a twentieth of the state."""
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.digest()


def open_block(part: Part, chunks: Sequence[bytes | None]) -> _Pieces:
    """The pieces of a block, not decoded yet. Raises `BadCheckpoint` where a chunk is missing, or is not what the part says. Takes a while for
    a large block: not on the event loop."""
    there = [chunk for chunk in chunks if chunk is not None]
    if len(there) < len(chunks):
        raise BadCheckpoint(f"a chunk of block {part.block} is no longer in the topic")
    if sum_of(there) != part.sha256:
        raise BadCheckpoint(f"the state of block {part.block} has another sum than the manifest says")
    try:
        return _pieces_decoder.decode(zstandard.ZstdDecompressor().decompress(b"".join(there)))
    except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
        raise BadCheckpoint(f"the state of block {part.block} cannot be read: {error}") from error


def decoded(part: Part, pieces: _Pieces) -> Iterator[SavedBlock]:
    """The block after each piece, whole after the last one. Raises `BadCheckpoint`."""
    try:
        saved = _block_decoder.decode(pieces[0])
        yield saved
        for piece in pieces[1:]:
            for key, by_unit in _series_decoder.decode(piece).items():
                saved.state.series.setdefault(key, {}).update(
                    (intern(unit), series) for unit, series in by_unit.items()
                )
            yield saved
    except (IndexError, msgspec.DecodeError, MemoryError) as error:
        raise BadCheckpoint(f"the state of block {part.block} cannot be read: {error}") from error


def encode_manifest(manifest: Manifest) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(_encoder.encode(manifest))


def decode_manifest(body: bytes) -> Manifest:
    """Raises `BadCheckpoint`."""
    try:
        return _manifest_decoder.decode(zstandard.ZstdDecompressor().decompress(body))
    except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
        raise BadCheckpoint(f"the manifest cannot be read: {error}") from error
