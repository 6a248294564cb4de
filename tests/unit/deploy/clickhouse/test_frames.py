"""Blocks are those of the engine: it writes its data files in them."""

from pathlib import Path

import pytest
from chdb._chdb import connect  # type: ignore[attr-defined]

from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.frames import FrameDecoder, FrameEncoder


@pytest.fixture(scope="module")
def written_by_the_engine(tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, bytes]:
    """Column files of the engine, by what is in them: of 1 to 200 bytes, so that every branch of the hash is taken,
    and of many blocks, in each method."""
    folder = tmp_path_factory.mktemp("engine")
    sizes = {f"t{size}": (size, "NONE") for size in (*range(1, 40), 120, 130, 200)}
    sizes |= {"lz4": (100, "LZ4"), "zstd": (100, "ZSTD")}
    connection = connect(f"{folder}?allow_suspicious_codecs=1")
    content: dict[bytes, bytes] = {}
    for name, (size, codec) in sizes.items():
        rows = 1 if codec == "NONE" else 20_000
        connection.query(
            f"CREATE TABLE default.{name} (s FixedString({size}) CODEC({codec})) ENGINE = MergeTree ORDER BY tuple() "
            "SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0"
        )
        connection.query(
            f"INSERT INTO default.{name} SELECT substring(repeat(hex(rand64(number)), 13), 1, {size}) FROM numbers({rows})"
        )
        path = connection.query(
            f"SELECT path FROM system.parts WHERE table = '{name}' AND active", "TSVRaw"
        ).bytes()
        kept = connection.query(f"SELECT * FROM default.{name}", "RowBinary").bytes()
        content[kept] = next(Path(path.decode().strip()).glob("s.bin")).read_bytes()
    connection.close()
    return content


def test_what_the_engine_packed_is_unpacked(written_by_the_engine: dict[bytes, bytes]) -> None:
    assert len(written_by_the_engine) > 40
    for rows, packed in written_by_the_engine.items():
        decoder = FrameDecoder()
        assert decoder.feed(packed) == rows
        decoder.finish()


@pytest.mark.parametrize("size", [0, 1, 127, 128, 1_000_000, 3_000_000])
def test_what_was_packed_is_unpacked_again_in_pieces_of_any_size(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    packed, decoder = FrameEncoder().compress(data), FrameDecoder()
    step = max(1, len(packed) // 7)
    assert b"".join(decoder.feed(packed[at : at + step]) for at in range(0, len(packed), step)) == data
    decoder.finish()


def test_damage_anywhere_is_found() -> None:
    packed = FrameEncoder().compress(b"text" * 10)
    for at in range(len(packed)):
        damaged = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
        decoder = FrameDecoder()
        with pytest.raises(ClickHouseError) as failed:
            decoder.feed(damaged)
            decoder.finish()
        assert failed.value.code in (40, 271)
