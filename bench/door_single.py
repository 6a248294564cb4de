"""The door as it would be without packing: the very same server, which writes one record an event. Only the benchmark of the door runs it.

python -m bench.door_single     # settings as for `python -m services.ingest`
"""

import sys
from collections.abc import Sequence

from services.contracts.events import split_record
from services.contracts.tracing import Trace
from services.ingest import main
from services.ingest.event_log import LogRecord
from services.ingest.kafka_log import KafkaEventLog


class OneRecordAnEvent(KafkaEventLog):
    """Takes the packed records apart, which costs a thirtieth of what it then costs to send them."""

    async def append(self, records: Sequence[LogRecord], trace: Trace | None = None) -> None:
        single = [
            LogRecord(record.block, b"[%s]" % bytes(event))
            for record in records
            for event in split_record(record.value)
        ]
        await super().append(single, trace)


if __name__ == "__main__":
    vars(main)["KafkaEventLog"] = OneRecordAnEvent  # the product has no such setting
    sys.exit(main.main())
