"""Where rows go. `Store` is the contract; `ClickHouseStore` keeps it with clickhouse-connect."""

import struct
from collections.abc import Sequence
from typing import Any, Final, Protocol

import lz4.frame
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError
from clickhouse_connect.driver.exceptions import Error as DriverError
from clickhouse_connect.driver.insert import InsertContext
from urllib3.exceptions import HTTPError

from services.storage.columns import Columns
from services.storage.errors import RowsRefused, StoreUnavailable
from services.storage.native import QuickColumn
from services.storage.packed import Packed
from services.storage.rows import TABLES, Row

# Types mismatch, number out of range, string too large, unparsable text or date, wrong length, broken constraint:
# the same rows will fail again.
_CODES_OF_DATA: Final = frozenset({6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 131, 190, 349, 407, 469})

_INSERT_SETTINGS: Final = {
    # An insert is one block, or ClickHouse drops its second block as a duplicate of the token (ENGINEERING 3: cut at 65,536 rows).
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 1_073_741_824,
    "max_block_size": 10_000_000,
    "insert_deduplicate": 1,
    "async_insert": 0,
}


class Store(Protocol):
    """Takes rows of one table at a time. Blocks until they are durable as far as ClickHouse makes them."""

    def insert(self, rows: Sequence[Row], token: str) -> None:
        """Write rows of one class. The same rows with the same token are written once.

        Raises `StoreUnavailable` (nothing known, try again) or `RowsRefused` (nothing written).
        """


class ClickHouseStore:
    """Inserts whole columns, one block an insert."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._contexts: dict[type[Row], InsertContext] = {}

    def insert(self, rows: Sequence[Row], token: str) -> None:
        held = rows if isinstance(rows, Columns | Packed) else Columns.of(rows)
        row_class, settings = held.row_class, {**_INSERT_SETTINGS, "insert_deduplication_token": token}
        try:
            if isinstance(held, Packed):
                self._insert_packed(held, settings)
            else:
                self._insert_columns(held, settings)
        except (ClickHouseError, HTTPError, OSError) as error:
            self._contexts.pop(row_class, None)
            if isinstance(error, DataError) or (
                isinstance(error, DriverError) and error.code in _CODES_OF_DATA
            ):
                raise RowsRefused(str(error)) from error
            raise StoreUnavailable(str(error)) from error
        except (ValueError, TypeError, OverflowError, struct.error, AttributeError) as error:
            self._contexts.pop(row_class, None)
            raise RowsRefused(f"{type(error).__name__}: {error}") from error

    def _insert_columns(self, columns: Columns, settings: dict[str, Any]) -> None:
        context = self._context(columns.row_class)
        context.data = columns.values
        context.settings = settings
        self._client.insert(context=context)

    def _insert_packed(self, packed: Packed, settings: dict[str, Any]) -> None:
        block = lz4.frame.compress(packed.native())
        self._client.raw_insert(
            TABLES[packed.row_class], packed.names, block, settings, fmt="Native", compression="lz4"
        )

    def _context(self, row_class: type[Row]) -> InsertContext:
        """With the table's column types, asked for once."""
        if row_class not in self._contexts:
            context = self._client.create_insert_context(
                TABLES[row_class], column_names=row_class._fields, column_oriented=True
            )
            context.column_types = [QuickColumn(column_type) for column_type in context.column_types]
            context.req_block_size = _INSERT_SETTINGS["max_insert_block_size"]
            self._contexts[row_class] = context
        return self._contexts[row_class]
