"""Finds the statement at the beginning of a request, whose body may be statement, data, or both in one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from deploy.embedded.clickhouse import statement
from deploy.embedded.clickhouse.errors import QUERY_IS_TOO_LARGE, refusal
from deploy.embedded.clickhouse.statement import InsertHead, Statement

MAX_STATEMENT_BYTES = (
    16 * 1024 * 1024
)  # a statement is held whole; the engine's own limit (max_query_size) is lower


LZ4 = "lz4"


@dataclass(frozen=True)
class DataInsert:
    """An INSERT with its rows: `first` has arrived, `rest` is still to come. They are in `encoding`, if they are not as the format says."""

    head: InsertHead
    first: bytes
    rest: AsyncIterator[bytes]
    encoding: str = ""


def encoded_insert(text: bytes, encoding: str, sent: AsyncIterator[bytes]) -> DataInsert | None:
    """An INSERT whose rows the engine itself can decode: the statement came outside the body, in `text`, and the rows fit a file.

    None for any other request; nothing is read then. Decoded in this process 26 MB take 50 ms of CPU more: they are copied four times on their way.
    """
    if encoding != LZ4 or not (head := _insert(text, complete=True)):
        return None
    fits = head.fits_file and not head.input_call and head.data_from == len(text)
    return DataInsert(head, b"", sent, encoding) if fits else None


async def read_incoming(text: bytes, body: AsyncIterator[bytes]) -> Statement | DataInsert:
    """Reads until it is known what the request is: a data insert's rows stay in its `rest`, a statement is read whole.

    The statement is `text`, a newline, and the body, as ClickHouse joins them.
    """
    seen = bytearray(text)
    async for chunk in body:
        if not chunk:
            continue
        seen += b"\n" + chunk if text and len(seen) == len(text) else chunk
        insert = _insert(bytes(seen), complete=False)
        if insert:
            return _with_data(insert, bytes(seen), body)
        if len(seen) > MAX_STATEMENT_BYTES:
            raise refusal(QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", "The statement is above 16 MiB.")
    whole = bytes(seen)
    insert = _insert(whole, complete=True)
    return _with_data(insert, whole, body) if insert else statement.read(whole)


def _insert(head: bytes, *, complete: bool) -> InsertHead | None:
    return statement.read_insert(head, complete=complete) if statement.may_insert(head) else None


def _with_data(head: InsertHead, seen: bytes, rest: AsyncIterator[bytes]) -> DataInsert:
    return DataInsert(head, seen[head.data_from :], rest)
