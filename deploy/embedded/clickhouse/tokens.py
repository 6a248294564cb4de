"""Cuts SQL into tokens: words, literals, brackets and the rest, without what is space or comment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"""
      (?P<space> \s+ | --[^\n]* | //[^\n]* | \#[ !][^\n]* | /\*.*?\*/ )
    | (?P<text>  \$(?P<tag> [A-Za-z0-9_]*)\$ .*? \$(?P=tag)\$
               | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` )
    | (?P<word>  [A-Za-z_][A-Za-z0-9_$]* )
    | (?P<open>  [(\[{] ) | (?P<close> [)\]}] )
    | (?P<cut>   ['"`] | /\* | \$[A-Za-z0-9_]*\$ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    group: str
    word: bytes  # upper case; empty unless group is "word"
    depth: int
    start: int
    end: int


def tokenized(sql: bytes) -> Iterator[Token]:
    depth = 0
    for found in _TOKEN.finditer(sql):
        group = found.lastgroup or "other"
        depth += (group == "open") - (group == "close")
        if group != "space":
            yield Token(
                group, found[0].upper() if group == "word" else b"", depth, found.start(), found.end()
            )


def words(sql: bytes) -> Iterator[bytes]:
    """The words outside literals, in upper case."""
    return (token.word for token in tokenized(sql) if token.group == "word")
