"""Reads a multipart form: text fields, which hold a statement or parameters too long for a URL, and files, which hold
the rows of external tables."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from deploy.embedded.clickhouse.errors import QUERY_IS_TOO_LARGE, refusal

MAX_FORM_BYTES = 64 * 1024 * 1024  # it is held whole: rows for a table belong into an insert, which streams


@dataclass(frozen=True)
class Form:
    """The fields in their order, and the files by the names of their fields."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def is_form(content_type: str) -> bool:
    return content_type.startswith("multipart/form-data")


async def read_form(body: AsyncIterator[bytes], content_type: str) -> Form:
    """Reads the body to its end; raises code 229 when it is above MAX_FORM_BYTES."""
    raw = bytearray(f"Content-Type: {content_type}\r\n\r\n".encode())
    async for chunk in body:
        raw += chunk
        if len(raw) > MAX_FORM_BYTES:
            raise refusal(QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", "The form is above 64 MiB.")
    form = Form()
    for part in BytesParser(policy=HTTP).parsebytes(bytes(raw)).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        # An empty file name marks a file too: clickhouse-go sends its tables so
        if part.get_param("filename", header="content-disposition") is None:
            form.fields.append((name, _payload(part).decode()))
        else:
            form.files[name] = _payload(part)
    return form


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
