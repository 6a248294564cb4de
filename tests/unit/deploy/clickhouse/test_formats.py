"""Blocks of a stream join into one result."""

import pytest

from deploy.embedded.clickhouse.formats import content_type, may_stream, without_head


@pytest.mark.parametrize(
    ("name", "block", "rest"),
    [
        ("CSV", b'1,"x"\n', b'1,"x"\n'),
        ("CSVWithNames", b'"a","b"\n1,2\n', b"1,2\n"),
        ("CSVWithNames", b'"a\nb","c"\n1,2\n', b"1,2\n"),
        ("TabSeparatedWithNamesAndTypes", b"a\nUInt8\n1\n", b"1\n"),
        ("JSONCompactEachRowWithNames", b'["a"]\n[1]\n', b"[1]\n"),
        ("CSVWithNames", b'"a"\n', b""),
    ],
)
def test_a_later_block_loses_the_head_that_it_repeats(name: str, block: bytes, rest: bytes) -> None:
    assert without_head(name, block) == rest


@pytest.mark.parametrize("name", ["JSON", "Parquet", "PrettyCompact", "XML", "Null"])
def test_a_format_with_a_foot_is_not_streamed(name: str) -> None:
    assert not may_stream(name)


def test_a_format_has_the_media_type_of_the_server() -> None:
    assert content_type("JSONEachRow") == "application/json; charset=UTF-8"
    assert content_type("Native") == "application/octet-stream"
    assert content_type("CSVWithNames").endswith("header=present")
