"""Statements under way by the ids that clients gave them: the engine knows each only by an id of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.embedded.clickhouse.names import quoted
from deploy.embedded.clickhouse.tokens import Token, tokenized

_TABLE = ((b"SYSTEM", b"`SYSTEM`"), (b".",), (b"PROCESSES", b"`PROCESSES`"))


class Processes:
    """The ids of what runs, by the tags of the connections that it runs on."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    @contextmanager
    def running(self, tag: str, query_id: str) -> Iterator[None]:
        """The statement with this id runs on the connection with this tag while the block lasts."""
        self._ids[tag] = query_id
        try:
            yield
        finally:
            del self._ids[tag]

    def naming(self, sql: bytes) -> bytes:
        """The statement so that `system.processes` and the condition of a KILL QUERY have the clients' ids."""
        if b"PROCESSES" not in sql.upper() and not _kills(sql):
            return sql
        tokens = list(tokenized(sql))
        if _kills(sql):
            return _replaced(sql, [(token, self._id()) for token in tokens if token.word == b"QUERY_ID"])
        table = b"view(SELECT * REPLACE (" + self._id() + b" AS query_id) FROM system.processes)"
        named = (
            _joined(tokens[at], tokens[at + 2])
            for at in range(len(tokens) - 2)
            if all(
                sql[token.start : token.end].upper() in forms
                for token, forms in zip(tokens[at : at + 3], _TABLE, strict=True)
            )
        )
        return _replaced(sql, [(token, table) for token in named])

    def _id(self) -> bytes:
        tags = ", ".join(quoted(tag) for tag in self._ids)
        ids = ", ".join(quoted(query_id) for query_id in self._ids.values())
        return f"transform(Settings['log_comment'], [{tags}], [{ids}], query_id)".encode()


def _kills(sql: bytes) -> bool:
    words = (token.word for token in tokenized(sql))
    return next(words, b"") == b"KILL" and next(words, b"") == b"QUERY"


def _joined(first: Token, last: Token) -> Token:
    return Token("other", b"", first.depth, first.start, last.end)


def _replaced(sql: bytes, replacements: list[tuple[Token, bytes]]) -> bytes:
    for token, text in reversed(replacements):
        sql = sql[: token.start] + text + sql[token.end :]
    return sql
