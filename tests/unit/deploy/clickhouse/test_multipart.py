"""A form is split into its parts however it arrives."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.form import read_form

FORM = "multipart/form-data; boundary=b0"
BODY = (
    b'--b0\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT 1\r\n--b\r\nFROM t\r\n'
    b'--b0\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n'
    b'--b0\r\nContent-Disposition: form-data; name="t"; filename=""\r\nContent-Type: text/csv\r\n\r\n\r\n1\r\n\r\n'
    b'--b0\r\nContent-Disposition: form-data; name="u"; filename="u.csv"\r\n\r\n\r\n--b0--\r\nafter'
)


async def in_chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 30, 1000])
async def test_fields_and_files_are_whole_whatever_the_size_of_the_chunks(size: int) -> None:
    form = await read_form(in_chunks(BODY, size), FORM)
    assert form.fields == [("query", "SELECT 1\r\n--b\r\nFROM t"), ("empty", "")]
    assert {name: file.read() for name, file in form.files.items()} == {"t": b"\r\n1\r\n", "u": b""}
    form.close()


@pytest.mark.parametrize("length", range(0, BODY.index(b"--b0--") + 5, 5))
async def test_a_form_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(ClickHouseError) as refused:
        await read_form(in_chunks(BODY[:length], 50), FORM)
    assert refused.value.code == 36


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (BODY, "multipart/form-data"),
        (b"--b0\r\nContent-Type: text/csv\r\n\r\n1\r\n--b0--", FORM),
        (b"--b0\r\n" + b"x" * 40_000, FORM),
    ],
)
async def test_what_is_no_form_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(ClickHouseError) as refused:
        await read_form(in_chunks(body, 1000), content_type)
    assert refused.value.code == 36
