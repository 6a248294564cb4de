"""The counts of `X-ClickHouse-Summary`."""

import json
import time

from deploy.embedded.clickhouse.engine import Block


class Summary:
    """What a statement has read, written and returned so far."""

    def __init__(self) -> None:
        self._began_ns = time.monotonic_ns()
        self._counts = dict.fromkeys(
            (
                "read_rows",
                "read_bytes",
                "written_rows",
                "written_bytes",
                "total_rows_to_read",
                "result_rows",
                "result_bytes",
            ),
            0,
        )

    def add(self, block: Block) -> None:
        """Counts a block of the result, or the result of an insert."""
        counts = self._counts
        counts["read_rows"] += block.read_rows
        counts["read_bytes"] += block.read_bytes
        counts["written_rows"] += block.written_rows
        counts["written_bytes"] += block.written_bytes
        counts["result_rows"] += block.result_rows + block.written_rows
        counts["result_bytes"] += len(block.data)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def header(self) -> str:
        """As ClickHouse writes it: a JSON object whose values are strings."""
        elapsed = {"elapsed_ns": time.monotonic_ns() - self._began_ns}
        return json.dumps(
            {name: str(count) for name, count in (self._counts | elapsed).items()}, separators=(",", ":")
        )
