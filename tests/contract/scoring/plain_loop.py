"""The worker's core under a plain kafka-python loop: all that Faust does for it. `python -m tests.contract.scoring.plain_loop`, until SIGTERM."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer

from services.contracts.logs import configure_logs
from services.contracts.settings import read_settings
from services.contracts.topics import EVENTS
from services.scoring.instance import Instance
from services.scoring.main import Scoring
from services.scoring.settings import ScoringSettings
from services.scoring.worker.ports import LogRecord
from services.scoring.worker.worker import ScoringWorker

GROUP: Final = "thidua-scoring-plain-loop"
_POLL_MS: Final = 50


class _Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the worker on its own loop, before the poll that brought the news goes on in its thread."""

    def __init__(self, worker: ScoringWorker, loop: asyncio.AbstractEventLoop) -> None:
        self._worker = worker
        self._loop = loop

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self._tell(self._worker.revoke, revoked)

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._tell(self._worker.assign, assigned)

    def _tell(self, what: Callable[[list[int]], None], places: Iterable[Any]) -> None:
        async def told() -> None:
            what([place.partition for place in places])

        asyncio.run_coroutine_threadsafe(told(), self._loop).result()


async def run(settings: ScoringSettings) -> None:
    """Joins the group, hands over what comes, and leaves at SIGTERM."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    instance = Instance(settings.data_dir / "run")
    scoring = Scoring(settings, instance)
    await scoring.start()
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_servers(),
        group_id=GROUP,
        group_instance_id=instance.id,
        session_timeout_ms=int(settings.scoring_session_s * 1000),
        heartbeat_interval_ms=int(settings.scoring_heartbeat_s * 1000),
        enable_auto_commit=False,
        auto_offset_reset="latest",
    )
    consumer.subscribe([EVENTS.name], listener=_Membership(scoring.worker, loop))
    with ThreadPoolExecutor(max_workers=1) as thread:
        while not stopping.is_set():
            batches = await loop.run_in_executor(thread, consumer.poll, _POLL_MS)
            for place, records in batches.items():
                await scoring.worker.deliver(place.partition, [_record(one) for one in records])
        await scoring.stop()
        await loop.run_in_executor(thread, consumer.close)


def _record(one: Any) -> LogRecord:
    return LogRecord(one.offset, one.key or b"", one.value or b"", one.timestamp, tuple(one.headers))


if __name__ == "__main__":
    its_settings = read_settings(ScoringSettings)
    configure_logs(its_settings.log_level)
    asyncio.run(run(its_settings))
