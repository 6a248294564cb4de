"""Tells whether a file of LZ4 frames is whole. The engine decodes it, and takes one that is cut for one that ends there.

The form is that of https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
"""

import os
from typing import IO

_MAGIC = b"\x04\x22\x4d\x18"
_BLOCK_CHECKSUM, _CONTENT_SIZE, _CONTENT_CHECKSUM, _DICTIONARY = 0x10, 0x08, 0x04, 0x01
_CHECKSUM_BYTES = 4
_UNCOMPRESSED = 1 << 31


def is_cut(frames: IO[bytes]) -> bool:
    """Whether the last frame has no end. What is no frame is not cut: the engine refuses it."""
    size = frames.seek(0, os.SEEK_END)
    at = 0
    while at < size:
        frames.seek(at)
        head = frames.read(len(_MAGIC) + 1)
        if not head.startswith(_MAGIC):
            return len(head) < len(_MAGIC) and _MAGIC.startswith(head)
        at = _end(frames, at, head[-1])
    return at > size


def _end(frames: IO[bytes], at: int, flags: int) -> int:
    """Offset behind the frame that begins at `at`; behind the file when it is cut."""
    per_block = _CHECKSUM_BYTES if flags & _BLOCK_CHECKSUM else 0
    at += 7 + (8 if flags & _CONTENT_SIZE else 0) + (4 if flags & _DICTIONARY else 0)
    while True:
        frames.seek(at)
        prefix = frames.read(4)
        length = int.from_bytes(prefix, "little") & ~_UNCOMPRESSED
        at += 4
        if not length or len(prefix) < 4:
            return at + (_CHECKSUM_BYTES if flags & _CONTENT_CHECKSUM else 0)
        at += length + per_block
