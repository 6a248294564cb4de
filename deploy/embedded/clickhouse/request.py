"""An HTTP request, read as ClickHouse reads it: statement, bound parameters, settings, session, formats, credentials."""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request

from deploy.embedded.clickhouse.body import decoded
from deploy.embedded.clickhouse.errors import BAD_ARGUMENTS, NOT_IMPLEMENTED, QUERY_IS_TOO_LARGE, refusal

MAX_FORM_BYTES = 64 * 1024 * 1024  # statements and parameters, not data: far above what the engine parses

MAX_SESSION_TIMEOUT_S = 3600.0  # ClickHouse's max_session_timeout

# Parameters that the HTTP interface itself reads: never settings of the engine
_OWN = frozenset(
    """query database default_format query_id session_id session_timeout session_check user password quota_key
    compress decompress wait_end_of_query buffer_size client_protocol_version role stacktrace
    enable_http_compression http_zlib_compression_level send_progress_in_http_headers http_headers_progress_interval_ms
    http_wait_end_of_query http_response_buffer_size cancel_http_readonly_queries_on_client_close
    add_http_cors_header http_write_exception_in_output_format
    """.split()  # noqa: SIM905 - one word a setting reads better
)
_TRUE = ("1", "true")


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str


@dataclass(frozen=True)
class QueryRequest:
    """What a request asks for. `text` is the part of the statement that came outside the body; `body` follows it."""

    text: bytes
    body: AsyncIterator[bytes]
    credentials: Credentials
    query_id: str
    read_only_method: bool
    database: str | None
    default_format: str
    session_id: str | None
    session_timeout_s: float
    session_check: bool
    accept_encodings: frozenset[str]
    wait_end: bool
    cancel_when_client_leaves: bool
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


async def read_request(request: Request, query_id: str) -> QueryRequest:
    """Reads everything but the body, which stays a stream unless it is a form. `query_id` serves when none is given."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    body = decoded(request.stream(), request.headers.get("content-encoding", "").strip().lower())
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        pairs += await _form(body, request.headers["content-type"])
        body = _nothing()
    values = dict(pairs)
    _refuse_unsupported(values)
    headers = request.headers
    return QueryRequest(
        text=values.get("query", "").encode(),
        body=body,
        credentials=_credentials(request, values),
        query_id=values.get("query_id") or query_id,
        read_only_method=request.method in ("GET", "HEAD"),
        database=values.get("database") or headers.get("x-clickhouse-database"),
        default_format=values.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated",
        session_id=values.get("session_id"),
        session_timeout_s=_seconds(values.get("session_timeout", "60")),
        session_check=values.get("session_check") in _TRUE,
        accept_encodings=_accepted(values, headers.get("accept-encoding", "")),
        wait_end=values.get("wait_end_of_query") in _TRUE or values.get("http_wait_end_of_query") in _TRUE,
        cancel_when_client_leaves=values.get("cancel_http_readonly_queries_on_client_close", "1") in _TRUE,
        parameters={name.removeprefix("param_"): text for name, text in pairs if name.startswith("param_")},
        settings={name: text for name, text in pairs if name not in _OWN and not name.startswith("param_")},
    )


def _seconds(text: str) -> float:
    if not text.isdecimal():
        raise refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", f"Invalid session timeout: '{text}'.")
    return min(float(text), MAX_SESSION_TIMEOUT_S)


def _refuse_unsupported(values: Mapping[str, str]) -> None:
    if values.get("compress") in _TRUE or values.get("decompress") in _TRUE:
        raise refusal(
            NOT_IMPLEMENTED,
            "NOT_IMPLEMENTED",
            "compress=1 and decompress=1 (ClickHouse's own block format) are not supported by the embedded server: "
            "use Accept-Encoding with enable_http_compression=1, and Content-Encoding.",
        )


def _accepted(values: Mapping[str, str], header: str) -> frozenset[str]:
    """The encodings that the client reads; `enable_http_compression` is on in this engine unless it is switched off."""
    if values.get("enable_http_compression", "1") not in _TRUE:
        return frozenset()
    offers = (offer.partition(";") for offer in header.lower().split(","))
    return frozenset(
        name.strip() for name, _, quality in offers if quality.replace(" ", "") not in ("q=0", "q=0.0")
    )


def _credentials(request: Request, values: Mapping[str, str]) -> Credentials:
    """Headers of ClickHouse come first, then basic authentication, then the URL."""
    headers = request.headers
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return Credentials(headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", ""))
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Credentials("", "")
        return Credentials(user or "default", password)
    return Credentials(values.get("user", "default"), values.get("password", ""))


async def _form(body: AsyncIterator[bytes], content_type: str) -> list[tuple[str, str]]:
    """The text fields of a multipart form, which clients use for a statement or parameters too long for a URL."""
    raw = bytearray(f"Content-Type: {content_type}\r\n\r\n".encode())
    async for chunk in body:
        raw += chunk
        if len(raw) > MAX_FORM_BYTES:
            raise refusal(QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", "The form is above 64 MiB.")
    fields: list[tuple[str, str]] = []
    for part in BytesParser(policy=HTTP).parsebytes(bytes(raw)).iter_parts():
        if part.get_filename():
            raise refusal(
                NOT_IMPLEMENTED, "NOT_IMPLEMENTED", "External data is not supported by the embedded server."
            )
        name = str(part.get_param("name", header="content-disposition"))
        payload = part.get_payload(decode=True)
        fields.append((name, payload.decode() if isinstance(payload, bytes) else ""))
    return fields


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
