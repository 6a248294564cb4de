"""Records on their way from the group to the worker: no partition waits for another, and each keeps its order."""

import asyncio
from collections.abc import Sequence

from services.scoring.worker.deliveries import Deliveries
from services.scoring.worker.ports import LogRecord


def records(first: int, count: int = 1, size_bytes: int = 10) -> list[LogRecord]:
    return [LogRecord(offset, b"demo/a", b"x" * size_bytes, 0) for offset in range(first, first + count)]


class Worker:
    """Notes what it is given; a partition in `busy` takes until its event is set."""

    def __init__(self) -> None:
        self.given: list[tuple[int, int]] = []
        self.busy: dict[int, asyncio.Event] = {}

    async def deliver(self, partition: int, given: Sequence[LogRecord]) -> None:
        self.given += [(partition, record.offset) for record in given]
        if partition in self.busy:
            await self.busy[partition].wait()

    def offsets(self, partition: int) -> list[int]:
        return [offset for of, offset in self.given if of == partition]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_partition_with_much_to_apply_holds_up_no_other() -> None:
    worker = Worker()
    worker.busy[0] = asyncio.Event()
    deliveries = Deliveries(worker.deliver)
    deliveries.put(0, records(0, 100))
    deliveries.put(1, records(0))
    await settled()
    deliveries.put(1, records(1))
    await settled()
    assert worker.offsets(1) == [0, 1]


async def test_the_records_of_a_partition_come_in_order_and_one_call_at_a_time() -> None:
    worker = Worker()
    worker.busy[0] = asyncio.Event()
    deliveries = Deliveries(worker.deliver)
    for first in range(0, 9, 3):
        deliveries.put(0, records(first, 3))
        await settled()
    assert worker.offsets(0) == [0, 1, 2]
    worker.busy[0].set()
    await settled()
    assert worker.offsets(0) == list(range(9))


async def test_what_waits_is_bounded_and_what_is_left_out_is_a_gap() -> None:
    worker = Worker()
    worker.busy[0] = asyncio.Event()
    deliveries = Deliveries(worker.deliver, most_bytes=100)
    deliveries.put(0, records(0))
    await settled()
    for first in range(1, 60):
        deliveries.put(0, records(first))
    worker.busy[0].set()
    await settled()
    assert worker.offsets(0) == list(range(12))
    deliveries.put(0, records(60))
    await settled()
    assert worker.offsets(0)[-1] == 60
