"""Reads as much SQL as an HTTP server must: the kind of a statement, its FORMAT, and where the data of an INSERT begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from deploy.embedded.clickhouse.errors import INTO_OUTFILE_NOT_ALLOWED, SYNTAX_ERROR, refusal
from deploy.embedded.clickhouse.names import quoted
from deploy.embedded.clickhouse.tokens import Token, tokenized

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
    """A whole statement. `format` is that of its FORMAT clause, which stands at `format_clause`."""

    sql: bytes
    kind: Kind
    format: str | None
    reads_only: bool
    format_clause: slice | None = None

    @property
    def without_format(self) -> bytes:
        clause = self.format_clause
        return self.sql[: clause.start] + self.sql[clause.stop :] if clause else self.sql

    def written_to(self, path: str, format_name: str) -> bytes:
        """The statement as one that writes its result to an existing file."""
        clause = self.format_clause or slice(len(self.sql), len(self.sql))
        target = f"\nINTO OUTFILE {quoted(path)} APPEND FORMAT {format_name} ".encode()
        return self.sql[: clause.start] + target + self.sql[clause.stop :]


@dataclass(frozen=True)
class InsertHead:
    """An INSERT whose rows follow it: `sql` without its FORMAT clause, `format`, and the offset of the first data byte.
    `input_call` is where `input(` stands in an INSERT ... SELECT that reads the rows through that function."""

    sql: bytes
    format: str
    data_from: int
    input_call: slice | None = None

    @property
    def fits_file(self) -> bool:
        """Whether `FROM INFILE` may stand behind it: Native, as clients insert columns, without a clause of its own settings."""
        words = self.sql.upper().split()
        return self.format == "Native" and words[:1] == [b"INSERT"] and b"SETTINGS" not in words

    def from_file(self, name: str, encoding: str = "") -> bytes:
        """The statement that reads the rows from the file, whose quoted name is given, and which is in `encoding`."""
        if self.input_call is not None:
            return self.reading(f"file({name}, '{self.format}'".encode())
        packed = f" COMPRESSION {quoted(encoding)}" if encoding else ""
        return self.sql + f" FROM INFILE {name}{packed} FORMAT {self.format}".encode()

    def reading(self, file_call: bytes) -> bytes:
        """The statement with `input(` replaced by `file_call`, the beginning of a call with its first arguments."""
        call = self.input_call or slice(0, 0)
        more = self.sql[call.stop :].lstrip()
        return self.sql[: call.start] + file_call + (b"" if more.startswith(b")") else b", ") + more


def read(sql: bytes) -> Statement:
    """The statement in `sql`. Raises code 62 when there is none, or more than one."""
    tokens = list(tokenized(sql))
    while tokens and sql[tokens[-1].start : tokens[-1].end] == b";":
        tokens.pop()
    if not tokens:
        raise refusal(SYNTAX_ERROR, "SYNTAX_ERROR", "Empty query.")
    if any(token.depth == 0 and sql[token.start : token.end] == b";" for token in tokens):
        raise refusal(SYNTAX_ERROR, "SYNTAX_ERROR", "Multi-statements are not allowed.")
    if _writes_file(tokens):
        raise refusal(INTO_OUTFILE_NOT_ALLOWED, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed.")
    first = next((token.word for token in tokens if token.group == "word"), b"")
    if first == b"WITH" and _reach_target(iter(tokens)):
        first = b"INSERT"
    kind = Kind.ROWS if first in _STREAMED else Kind.ANSWER if first in _ANSWERING else Kind.EFFECT
    reads_only = first in _STREAMED | _READING | _SESSION
    named = _format_clause(tokens)
    name = sql[named[1].start : named[1].end].decode() if named else None
    clause = slice(named[0].start, named[1].end) if named else None
    return Statement(sql[: tokens[-1].end], kind, name, reads_only, clause)


def _writes_file(tokens: list[Token]) -> bool:
    return any(
        into.word == b"INTO" and into.depth == 0 and outfile.word == b"OUTFILE"
        for into, outfile in pairwise(tokens)
    )


def _format_clause(tokens: list[Token]) -> tuple[Token, Token] | None:
    """FORMAT and the name after the last FORMAT that ends the statement, or is followed only by SETTINGS."""
    for at in range(len(tokens) - 2, -1, -1):
        name = tokens[at + 1]
        after = tokens[at + 2].word if at + 2 < len(tokens) else b"SETTINGS"
        if (
            tokens[at].word == b"FORMAT"
            and tokens[at].depth == 0
            and name.group == "word"
            and after == b"SETTINGS"
        ):
            return tokens[at], name
    return None


def may_insert(head: bytes) -> bool:
    """Whether `head`, the beginning of a request, can turn out to be an INSERT: one may begin with WITH."""
    first = next(tokenized(head), None)
    return first is not None and first.word in (b"INSERT", b"WITH")


def read_insert(head: bytes, *, complete: bool) -> InsertHead | None:
    """The INSERT that `head` begins with, or None: either it brings no data (a query, INSERT ... SELECT, FROM INFILE)
    or, when `complete` is false, more bytes are needed to tell."""
    tokens = tokenized(head)
    if not _reach_target(tokens):
        return None
    selects, call = False, None
    for token in tokens:
        if token.group == "cut":
            return None
        if selects and token.word == b"INPUT":
            call = _call(token, next(tokens, None)) or call
        elif token.depth == 0 and token.word in _OTHER_SOURCES:
            selects = True
        elif token.depth == 0 and token.word == b"VALUES" and not selects:
            ended = complete or token.end < len(head)
            return InsertHead(head[: token.start], "Values", token.end) if ended else None
        elif token.depth == 0 and token.word == b"FORMAT":
            found = _data_after(token, next(tokens, None), head, complete)
            return found and (replace(found, input_call=call) if call else None if selects else found)
    return None


def _reach_target(tokens: Iterator[Token]) -> bool:
    """Advances past INSERT INTO, before which WITH may stand; false when a query comes instead."""
    before = b""
    for token in tokens:
        if token.group == "cut" or (token.depth == 0 and token.word in (b"SELECT", b"FROM")):
            return False
        if (
            token.depth == 0
            and before == b"INSERT"
            and token.group in ("word", "text")
            and token.word != b"AS"
        ):
            return True
        before = token.word if token.depth == 0 else b""
    return False


def _call(name: Token, bracket: Token | None) -> slice | None:
    return slice(name.start, bracket.end) if bracket and bracket.group == "open" else None


def _data_after(clause: Token, name: Token | None, head: bytes, complete: bool) -> InsertHead | None:
    if name is None or name.group != "word" or not (complete or name.end < len(head)):
        return None
    gap = _DATA_GAP.match(head, name.end)
    data_from = gap.end() if gap else name.end
    return InsertHead(head[: clause.start], head[name.start : name.end].decode(), data_from)
