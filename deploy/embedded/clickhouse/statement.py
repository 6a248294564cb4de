"""Reads as much SQL as an HTTP server must: the kind of a statement, its FORMAT, and where the data of an INSERT begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from deploy.embedded.clickhouse.errors import SYNTAX_ERROR, refusal

_TOKEN = re.compile(
    rb"""
      (?P<space> \s+ | --[^\n]* | \#[ !][^\n]* | /\*.*?\*/ )
    | (?P<text>  '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` )
    | (?P<word>  [A-Za-z_][A-Za-z0-9_]* )
    | (?P<open>  [(\[{] ) | (?P<close> [)\]}] )
    | (?P<cut>   ['"`] | /\* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_DATA_GAP = re.compile(rb"[ \t\r;]*\n?")
_STREAMED = {b"SELECT", b"WITH", b"FROM"}
_ANSWERING = {b"SHOW", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"CHECK", b"KILL", b"BACKUP", b"RESTORE"}
_READING = _ANSWERING - {b"KILL", b"BACKUP", b"RESTORE"}
_SESSION = {b"SET", b"USE"}
_OTHER_SOURCES = {b"SELECT", b"WITH", b"FROM", b"WATCH"}


class Kind(Enum):
    """What a statement gives back, and so how it is run."""

    ROWS = "rows"  # a SELECT: may be streamed
    ANSWER = "answer"  # SHOW, EXPLAIN ...: a small result
    EFFECT = "effect"  # DDL, SET, INSERT ... SELECT: no result


@dataclass(frozen=True)
class Statement:
    """A whole statement. `format` is that of its FORMAT clause."""

    sql: bytes
    kind: Kind
    format: str | None
    reads_only: bool


@dataclass(frozen=True)
class InsertHead:
    """An INSERT whose rows follow it: `sql` without its FORMAT clause, `format`, and the offset of the first data byte."""

    sql: bytes
    format: str
    data_from: int


@dataclass(frozen=True)
class _Token:
    group: str
    word: bytes  # upper case; empty unless group is "word"
    depth: int
    start: int
    end: int


def _tokens(sql: bytes) -> Iterator[_Token]:
    depth = 0
    for found in _TOKEN.finditer(sql):
        group = found.lastgroup or "other"
        depth += (group == "open") - (group == "close")
        if group != "space":
            yield _Token(
                group, found[0].upper() if group == "word" else b"", depth, found.start(), found.end()
            )


def read(sql: bytes) -> Statement:
    """The statement in `sql`. Raises code 62 when there is none, or more than one."""
    tokens = list(_tokens(sql))
    while tokens and sql[tokens[-1].start : tokens[-1].end] == b";":
        tokens.pop()
    if not tokens:
        raise refusal(SYNTAX_ERROR, "SYNTAX_ERROR", "Empty query.")
    if any(token.depth == 0 and sql[token.start : token.end] == b";" for token in tokens):
        raise refusal(SYNTAX_ERROR, "SYNTAX_ERROR", "Multi-statements are not allowed.")
    first = next((token.word for token in tokens if token.group == "word"), b"")
    kind = Kind.ROWS if first in _STREAMED else Kind.ANSWER if first in _ANSWERING else Kind.EFFECT
    reads_only = first in _STREAMED | _READING | _SESSION
    return Statement(sql[: tokens[-1].end], kind, _format_clause(tokens, sql), reads_only)


def _format_clause(tokens: list[_Token], sql: bytes) -> str | None:
    """The name after the last FORMAT that ends the statement, or is followed only by SETTINGS."""
    for at in range(len(tokens) - 2, -1, -1):
        name = tokens[at + 1]
        after = tokens[at + 2].word if at + 2 < len(tokens) else b"SETTINGS"
        if (
            tokens[at].word == b"FORMAT"
            and tokens[at].depth == 0
            and name.group == "word"
            and after == b"SETTINGS"
        ):
            return sql[name.start : name.end].decode()
    return None


def is_insert(head: bytes) -> bool:
    """Whether `head`, the beginning of a request, begins an INSERT."""
    first = next(_tokens(head), None)
    return first is not None and first.word == b"INSERT"


def read_insert(head: bytes, *, complete: bool) -> InsertHead | None:
    """The INSERT that `head` begins with, or None: either it brings no data (INSERT ... SELECT, FROM INFILE) or,
    when `complete` is false, more bytes are needed to tell."""
    tokens = _tokens(head)
    for token in tokens:
        if token.group == "cut" or (token.depth == 0 and token.word in _OTHER_SOURCES):
            return None
        if token.depth == 0 and token.word == b"VALUES":
            ended = complete or token.end < len(head)
            return InsertHead(head[: token.start], "Values", token.end) if ended else None
        if token.depth == 0 and token.word == b"FORMAT":
            return _data_after(token, next(tokens, None), head, complete)
    return None


def _data_after(clause: _Token, name: _Token | None, head: bytes, complete: bool) -> InsertHead | None:
    if name is None or name.group != "word" or not (complete or name.end < len(head)):
        return None
    gap = _DATA_GAP.match(head, name.end)
    data_from = gap.end() if gap else name.end
    return InsertHead(head[: clause.start], head[name.start : name.end].decode(), data_from)
