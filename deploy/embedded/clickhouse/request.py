"""An HTTP request, read as ClickHouse reads it: statement, bound parameters, settings, session, formats, credentials."""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from deploy.embedded.clickhouse.body import decoded, unframed
from deploy.embedded.clickhouse.errors import BAD_ARGUMENTS, refusal
from deploy.embedded.clickhouse.external import ExternalTable, describing, external_tables
from deploy.embedded.clickhouse.form import Form, is_form, read_form
from deploy.embedded.clickhouse.holding import HOLD_BYTES, MAX_HOLD_BYTES
from deploy.embedded.clickhouse.users import Credentials, User, Users

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
class QueryRequest:
    """What a request asks for. `text` is the part of the statement that came outside the body; `body` follows it, decoded from `encoding`,
    unless `sent` is read, which is the body as it came."""

    text: bytes
    body: AsyncIterator[bytes]
    user: User
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
    hold_bytes: int = HOLD_BYTES
    encoding: str = ""
    sent: AsyncIterator[bytes] | None = None
    """None for a body with an encoding inside its encoding, and for a form."""
    in_frames: bool = False
    """`compress=1`: the answer goes in ClickHouse's own compressed blocks."""
    progress_every_s: float | None = None
    protocol_version: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    external: tuple[ExternalTable, ...] = ()


async def read_request(request: Request, query_id: str, users: Users) -> QueryRequest:
    """Reads everything but the body, which stays a stream unless it is a form. `query_id` serves when none is given.
    Raises code 516 when the credentials are wrong."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    sent: AsyncIterator[bytes] | None = request.stream()
    body = decoded(request.stream(), encoding)
    form = Form()
    if is_form(request.headers.get("content-type", "")):
        form, body, sent = await read_form(body, request.headers["content-type"]), _nothing(), None
    pairs += form.fields
    values = dict(pairs)
    not_settings = _OWN | describing(form.files)
    if values.get("decompress") in _TRUE:
        body, sent = unframed(body), None
    headers = request.headers
    return QueryRequest(
        text=values.get("query", "").encode(),
        body=body,
        user=users.admit(_credentials(request, values)),
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
        hold_bytes=_hold_bytes(values),
        encoding=encoding,
        sent=sent,
        in_frames=asks_for_frames(values),
        progress_every_s=_progress_every_s(values),
        protocol_version=_whole(values, "client_protocol_version", 0),
        parameters={name.removeprefix("param_"): text for name, text in pairs if name.startswith("param_")},
        external=external_tables(form.files, values),
        settings={
            name: text for name, text in pairs if name not in not_settings and not name.startswith("param_")
        },
    )


def _seconds(text: str) -> float:
    if not text.isdecimal():
        raise refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", f"Invalid session timeout: '{text}'.")
    return min(float(text), MAX_SESSION_TIMEOUT_S)


def _whole(values: Mapping[str, str], name: str, otherwise: int) -> int:
    text = values.get(name) or str(otherwise)
    if not text.isdecimal():
        raise refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", f"'{text}' is no value for {name}.")
    return int(text)


def _hold_bytes(values: Mapping[str, str]) -> int:
    asked = _whole(values, "buffer_size", 0) or _whole(values, "http_response_buffer_size", 0)
    return min(max(asked, HOLD_BYTES), MAX_HOLD_BYTES)


def asks_for_frames(values: Mapping[str, str]) -> bool:
    return values.get("compress") in _TRUE


def _progress_every_s(values: Mapping[str, str]) -> float | None:
    if values.get("send_progress_in_http_headers") not in _TRUE:
        return None
    return _whole(values, "http_headers_progress_interval_ms", 100) / 1000


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


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
