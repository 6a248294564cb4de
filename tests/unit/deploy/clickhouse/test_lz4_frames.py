"""A file of LZ4 frames is whole only to its last byte."""

import io
import itertools

import lz4.frame
import pytest

from deploy.embedded.clickhouse.lz4_frames import is_cut

DATA = bytes(range(256)) * 600  # more than one block of 64 KiB


@pytest.mark.parametrize(
    ("of_blocks", "of_content", "sized"), list(itertools.product((False, True), repeat=3))
)
def test_a_frame_is_cut_wherever_it_ends_early(of_blocks: bool, of_content: bool, sized: bool) -> None:
    frame = lz4.frame.compress(
        DATA, block_checksum=of_blocks, content_checksum=of_content, store_size=sized, block_size=4
    )
    assert not is_cut(io.BytesIO(frame))
    assert not is_cut(io.BytesIO(frame * 2))
    assert all(is_cut(io.BytesIO(frame[:end])) for end in range(1, len(frame)))
    assert is_cut(io.BytesIO(frame + frame[:-1]))


@pytest.mark.parametrize("data", [b"", b"no frame"])
def test_what_is_no_frame_is_not_cut(data: bytes) -> None:
    assert not is_cut(io.BytesIO(data))
