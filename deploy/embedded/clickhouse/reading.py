"""What a reader may not say: statements that would read this machine, or end other people's statements.

The engine's role refuses table functions and inserts (`access.py`). It checks no grant for the function `file`, for INFILE,
for settings that name a file, nor for chdb's `Python`, which reads variables of this process; `eval` would make any of them
out of a text; and everybody may end statements of his own user, which everybody is.
"""

import re
from collections.abc import Iterator

from deploy.embedded.clickhouse.errors import ACCESS_DENIED, refusal
from deploy.embedded.clickhouse.incoming import DataInsert
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.statement import Statement
from deploy.embedded.clickhouse.tokens import words

# Anywhere, in literals too: some settings hold expressions, and functions go by name alone (`APPLY(file)`)
_REACHES = re.compile(
    rb"(?<![\w.])(?:file|infile|outfile|python|eval)(?!\w)|format_template_|format_schema|errors_file",
    re.IGNORECASE,
)
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|N|(\\))")
_NOT_TO_BE_SAID = "file, infile, outfile, python, eval and settings that name a file must not stand in it (a column may, as t.file)"
_REFUSED_FIRST = {b"KILL"}


def check_reader(request: QueryRequest, incoming: Statement | DataInsert) -> None:
    """Raises code 497 when the request is not one that a reader may send."""
    sql = incoming.sql if isinstance(incoming, Statement) else incoming.head.sql
    if next(words(sql), b"") in _REFUSED_FIRST:
        raise _denied("it is necessary to have the grant KILL QUERY")
    said = [sql, *(text.encode() for text in _said_beside(request))]
    if any(_REACHES.search(stage) for text in said for stage in _unescaped(text)):
        raise _denied(_NOT_TO_BE_SAID)


def _said_beside(request: QueryRequest) -> list[str]:
    structures = [table.structure for table in request.external]
    return [*request.settings, *request.settings.values(), *request.parameters.values(), *structures]


def _unescaped(text: bytes) -> Iterator[bytes]:
    """The text, and what it is without its escapes, however deep they stand: a name may be written with them."""
    yield text
    while (plain := _ESCAPE.sub(_character, text)) != text:
        text = plain
        yield text


def _character(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)]) if escape[1] else escape[2] or b""


def _denied(why: str) -> Exception:
    return refusal(ACCESS_DENIED, "ACCESS_DENIED", f"Not enough privileges. To execute this query, {why}.")
