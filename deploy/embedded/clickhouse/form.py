"""Reads a multipart form: text fields, which hold a statement or parameters too long for a URL, and files, which hold
the rows of external tables."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

from deploy.embedded.clickhouse.errors import QUERY_IS_TOO_LARGE, refusal
from deploy.embedded.clickhouse.multipart import PartBegins, parts

MAX_FIELDS_BYTES = 64 * 1024 * 1024  # statements and parameters: far above what the engine parses
FILE_IN_MEMORY_BYTES = 1024 * 1024  # beyond it a file goes to disk


@dataclass(frozen=True)
class Form:
    """The fields in their order, and the files by the names of their fields, each at its beginning."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, IO[bytes]] = field(default_factory=dict)

    def close(self) -> None:
        """Removes the files."""
        for file in self.files.values():
            file.close()


def is_form(content_type: str) -> bool:
    return content_type.startswith("multipart/form-data")


async def read_form(body: AsyncIterator[bytes], content_type: str) -> Form:
    """Reads the body to its end; raises code 229 when its fields are above MAX_FIELDS_BYTES."""
    form, texts, size = Form(), list[tuple[str, bytearray]](), 0
    target: bytearray | IO[bytes] = bytearray()
    try:
        async for part in parts(body, content_type):
            if isinstance(part, PartBegins):
                target = _begin(form, texts, part)
            elif isinstance(target, bytearray):
                size += len(part)
                _check(size)
                target += part
            else:
                target.write(part)
    except BaseException:
        form.close()
        raise
    for file in form.files.values():
        file.seek(0)
    form.fields.extend((name, text.decode()) for name, text in texts)
    return form


def _begin(form: Form, texts: list[tuple[str, bytearray]], part: PartBegins) -> bytearray | IO[bytes]:
    """Where the content of this part goes."""
    if part.is_file:
        return form.files.setdefault(part.name, tempfile.SpooledTemporaryFile(max_size=FILE_IN_MEMORY_BYTES))
    texts.append((part.name, bytearray()))
    return texts[-1][1]


def _check(size: int) -> None:
    if size > MAX_FIELDS_BYTES:
        raise refusal(QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", "The fields of the form are above 64 MiB.")
