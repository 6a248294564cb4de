"""A checkpoint as bytes: each block's state in parts, and a manifest that says which parts make up the partition at an offset.

It is a cache of the fold and never a truth: what cannot be read, does not fit or is of another engine is left, and the log is read instead.
"""

import hashlib
from typing import Final

import msgspec
import zstandard

from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.results import Halt
from services.scoring.engine import ENGINE_VERSION, BlockState

CHECKPOINT_SCHEMA: Final = b"checkpoint/1"

CHUNK_BYTES: Final = 1024 * 1024
"""A block's state is cut into chunks of this size, compressed: far below what a record may have, so that one never blocks a fetch."""

_LEVEL: Final = 1
"""Of zstd: a state shrinks to a twentieth at 800 MB/s; higher levels cost more than they save."""


class SavedBlock(msgspec.Struct, array_like=True, frozen=True):
    """One block with its flags, settled ones too: the owner writes them again now and then."""

    state: BlockState
    flags: list[Flag]


class Part(msgspec.Struct, array_like=True, frozen=True):
    """Where a block's state stands: the offsets of its chunks in the partition of `campaign.checkpoints`, and the sum of its bytes."""

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
    return hashlib.sha256(repr(msgspec.inspect.type_info(SavedBlock)).encode()).hexdigest()[:16]


SHAPE: Final = _shape()

_encoder: Final = msgspec.msgpack.Encoder()
_block_decoder: Final = msgspec.msgpack.Decoder(SavedBlock)
_manifest_decoder: Final = msgspec.msgpack.Decoder(Manifest)


def encode_block(state: BlockState, flags: list[Flag]) -> bytes:
    """The block as it is now; later changes of the state do not reach these bytes."""
    return _encoder.encode(SavedBlock(state, flags))


def chunks_of(body: bytes) -> list[bytes]:
    """The bytes compressed and cut; at least one chunk. Takes a while for a large block: not on the event loop."""
    packed = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(body)
    return [packed[at : at + CHUNK_BYTES] for at in range(0, len(packed), CHUNK_BYTES)]


def sum_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def decode_block(part: Part, chunks: list[bytes | None]) -> SavedBlock:
    """Raises `BadCheckpoint` where a chunk is missing, or is not what the part says."""
    if any(chunk is None for chunk in chunks):
        raise BadCheckpoint(f"a chunk of block {part.block} is no longer in the topic")
    try:
        body = zstandard.ZstdDecompressor().decompress(b"".join(chunk or b"" for chunk in chunks))
        if sum_of(body) != part.sha256:
            raise BadCheckpoint(f"the state of block {part.block} has another sum than the manifest says")
        return _block_decoder.decode(body)
    except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
        raise BadCheckpoint(f"the state of block {part.block} cannot be read: {error}") from error


def encode_manifest(manifest: Manifest) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(_encoder.encode(manifest))


def decode_manifest(body: bytes) -> Manifest:
    """Raises `BadCheckpoint`."""
    try:
        return _manifest_decoder.decode(zstandard.ZstdDecompressor().decompress(body))
    except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
        raise BadCheckpoint(f"the manifest cannot be read: {error}") from error
