"""Bodies are decoded whatever their frames and however they are cut on their way."""

import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import brotli
import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded.clickhouse.body import Decoder, decoded
from deploy.embedded.clickhouse.errors import ClickHouseError

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "br": brotli.compress,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("encoding", ENCODERS)
@given(frames=st.lists(st.binary(max_size=300), min_size=1, max_size=4), piece=st.integers(1, 64))
def test_frames_that_follow_one_another_decode_in_pieces_of_any_size(
    encoding: str, frames: list[bytes], piece: int
) -> None:
    body = b"".join(ENCODERS[encoding](frame) for frame in frames)
    decoder = Decoder(encoding)
    pieces = [decoder.feed(body[at : at + piece]) for at in range(0, len(body), piece)]
    decoder.finish()
    assert b"".join(pieces) == b"".join(frames)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_that_was_cut_is_refused(encoding: str) -> None:
    decoder = Decoder(encoding)
    with pytest.raises(ClickHouseError) as refused:
        decoder.feed(ENCODERS[encoding](b"rows" * 1000)[:-3])
        decoder.finish()
    assert refused.value.code == 271


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_that_is_not_what_it_says_is_refused(encoding: str) -> None:
    with pytest.raises(ClickHouseError) as refused:
        Decoder(encoding).feed(b"this was never compressed, and is long enough to show it")
    assert refused.value.code == 271


async def test_a_body_without_encoding_passes_as_it_is() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    assert [chunk async for chunk in decoded(chunks(), "identity")] == [b"a", b"b"]


def test_an_unknown_encoding_is_refused_by_name() -> None:
    with pytest.raises(ClickHouseError, match="compress"):
        Decoder("compress")
