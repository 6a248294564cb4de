"""What the server must know of ClickHouse's output formats: content types, and which of them may be sent block by block."""

_CSV = "text/csv; charset=UTF-8; header=absent"
_TSV = "text/tab-separated-values; charset=UTF-8"
_JSON = "application/json; charset=UTF-8"

# The engine writes each block of a stream as if it were a whole result. Without a head and a foot, blocks may
# simply follow one another; with a head of so many lines, it is cut from every block but the first.
_LINES_OF_HEAD = {
    "Native": 0,
    "RowBinary": 0,
    "TabSeparated": 0,
    "TSV": 0,
    "TabSeparatedRaw": 0,
    "TSVRaw": 0,
    "TabSeparatedWithNames": 1,
    "TSVWithNames": 1,
    "TabSeparatedWithNamesAndTypes": 2,
    "TSVWithNamesAndTypes": 2,
    "CSV": 0,
    "CSVWithNames": 1,
    "CSVWithNamesAndTypes": 2,
    "JSONEachRow": 0,
    "JSONLines": 0,
    "NDJSON": 0,
    "JSONStringsEachRow": 0,
    "JSONCompactEachRow": 0,
    "JSONCompactEachRowWithNames": 1,
    "JSONCompactEachRowWithNamesAndTypes": 2,
}


def may_stream(name: str) -> bool:
    """Whether blocks of this format, less their heads, make up a whole result."""
    return name in _LINES_OF_HEAD


def without_head(name: str, block: bytes) -> bytes:
    """A block after the first one, as it continues the result."""
    at = 0
    for _ in range(_LINES_OF_HEAD[name]):
        at = _line_end(block, at)
    return block[at:]


def _line_end(block: bytes, at: int) -> int:
    """Offset after the line that begins at `at`; a newline inside double quotes (CSV) does not end it."""
    end = block.find(b"\n", at)
    while end >= 0 and block.count(b'"', at, end) % 2:
        end = block.find(b"\n", end + 1)
    return end + 1 if end >= 0 else len(block)


def content_type(name: str) -> str:
    """The media type that ClickHouse's server gives to a format."""
    if name.startswith(("TabSeparated", "TSV")):
        return _TSV
    if name.startswith("CSV"):
        return _CSV if name == "CSV" else _CSV.replace("absent", "present")
    if name.startswith("JSON"):
        return _JSON
    if name.startswith(("Pretty", "Vertical", "Values", "Markdown")):
        return "text/plain; charset=UTF-8"
    return "application/octet-stream"
