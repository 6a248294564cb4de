"""Decodes one Brotli frame and says what came behind it, which the brotli package does not."""

import brotli


class BrotliFrameDecoder:
    """Like the decoders of the other encodings, for bodies of several frames.

    The package refuses a piece that holds a frame's end and more, and does not say where the end was. So it is fed byte by byte, at a few
    megabytes a second: clients send Brotli only when they are told to.
    """

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self.unused_data: bytes | None = None

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, /) -> bytes:
        """What `data` adds, up to the frame's end; raises `brotli.error` for what is not Brotli."""
        out = bytearray()
        for at in range(len(data)):
            out += self._decompressor.process(data[at : at + 1])
            if self.eof:
                self.unused_data = data[at + 1 :]
                break
        return bytes(out)
