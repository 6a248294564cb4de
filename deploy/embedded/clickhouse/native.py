"""Rewrites blocks of the Native format for a client that names its protocol version: the engine writes for version 0.

clickhouse-connect and clickhouse-go (so Grafana) send `client_protocol_version`, and then expect what ClickHouse's
server writes for it: block info, the time zones of DateTime columns, and a byte for the kind of serialization.
"""

from collections.abc import Mapping

from deploy.embedded.clickhouse.errors import NOT_IMPLEMENTED, refusal
from deploy.embedded.clickhouse.layout import UnknownLayoutError, layout, varint

BLOCK_INFO = 51903
TIME_ZONES = 54337
SERIALIZATION_KINDS = 54454

_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # not an overflow block, of no bucket
_DATE_TIME = "DateTime"
_DATE_TIME_AS_WRITTEN = b"\x08DateTime"
_PLAIN = b"\x00"


def for_version(data: bytes, version: int, types: Mapping[str, str], *, single: bool) -> bytes:
    """`data`, blocks as the engine writes them, for a client of this protocol version. `types` are those of the result
    by column; `single` says that there is one block. Raises code 48 when a column's end cannot be found."""
    if version < BLOCK_INFO or not data:
        return data
    if single and version < SERIALIZATION_KINDS and not (types and _DATE_TIME_AS_WRITTEN in data):
        return _INFO + data
    return _rewritten(data, version, types, single=single)


def _rewritten(data: bytes, version: int, types: Mapping[str, str], *, single: bool) -> bytes:
    out = bytearray()
    at = 0
    while at < len(data):
        begin = at
        columns, at = varint(data, at)
        rows, at = varint(data, at)
        out += _INFO + data[begin:at]
        for left in range(columns - 1, -1, -1):
            name, at = _text(data, at)
            kind, at = _text(data, at)
            named = types.get(name, kind) if kind == _DATE_TIME else kind
            out += _counted(name) + _counted(named if named.startswith(_DATE_TIME) else kind)
            out += _PLAIN if version >= SERIALIZATION_KINDS else b""
            end = len(data) if single and not left else _end(data, at, kind, rows)
            if end is None:
                if version >= SERIALIZATION_KINDS or not single:
                    raise _unknown(kind, version)
                end = len(data)  # what follows is right as it is, but for time zones
                return bytes(out + data[at:end])
            out += data[at:end]
            at = end
    return bytes(out)


def _end(data: bytes, at: int, kind: str, rows: int) -> int | None:
    """Offset after the values that begin at `at`; None when it is not known. No rows take no bytes at all."""
    if not rows:
        return at
    try:
        found = layout(kind)
    except UnknownLayoutError:
        return None
    return found.skip(data, at + found.prefix, rows)


def _text(data: bytes, at: int) -> tuple[str, int]:
    size, at = varint(data, at)
    return data[at : at + size].decode(errors="surrogateescape"), at + size


def _counted(text: str) -> bytes:
    raw = text.encode(errors="surrogateescape")
    size, head = len(raw), bytearray()
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(head) + bytes([size]) + raw


def _unknown(kind: str, version: int) -> Exception:
    message = (
        f"The embedded server cannot write {kind} for client_protocol_version {version}: cast it to String."
    )
    return refusal(NOT_IMPLEMENTED, "NOT_IMPLEMENTED", message)
