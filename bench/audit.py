"""An audit of one block of a million events, from Kafka and from ClickHouse: events a second, and the most memory that it held.

    python -m bench.audit     # starts an embedded stack of its own, in a temporary folder; takes some minutes

The events are appended straight to the log, 200 a record, with ten evaluations between them; the audit starts when scoring and storage have
come to the end. It is the command itself, in a process of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from kafka import KafkaProducer

from bench.door_campaign import BLOCKS, bench_pack, reports
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.publishing import publish_packs
from services.cli.recorded import evaluation_due
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.events import EVENT_SCHEMA, encode_record
from services.contracts.ids import BlockId
from services.contracts.periods import parse_period
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVALUATIONS, EVENTS
from services.storage.settings import StorageSettings

BLOCK: Final = BlockId("bench/b0")
PARTITION: Final = partition_of(BLOCK, DEFAULT_PARTITIONS)
EVENTS_IN_ALL: Final = 1_000_000
PER_RECORD: Final = 200
EVALUATED: Final = 10
WITHIN_S: Final = 400.0
PROGRAMS: Final = ("kafka", "clickhouse", "storage", "scoring")


def main() -> int:
    """0 when the audit found no difference."""
    with temporary_stack(PROGRAMS) as stack:
        broker = KafkaBroker([stack.urls["kafka"]])
        publish_packs(broker, [bench_pack()])
        _append(stack.urls["kafka"])
        _wait(lambda: _behind(broker) == 0, "scoring and storage are at the end")
        return sum(_audited(stack, source) for source in ("kafka", "clickhouse", "both"))


def _append(bootstrap: str) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=8 * 1024 * 1024)
    for value in _values():
        producer.send(
            EVENTS.name,
            key=BLOCK.encode(),
            value=value,
            partition=PARTITION,
            headers=[("schema", EVENT_SCHEMA)],
        )
    producer.close()


def _values() -> Iterator[bytes]:
    held: list[bytes] = []
    records = 0
    for block, event in reports("audit", EVENTS_IN_ALL * BLOCKS):
        if block != BLOCK:
            continue
        held.append(event)
        if len(held) == PER_RECORD:
            yield b"[" + b",".join(held) + b"]"
            held, records = [], records + 1
            if records % (EVENTS_IN_ALL // PER_RECORD // EVALUATED) == 0:
                yield _due(records)


def _due(edition: int) -> bytes:
    pack = bench_pack().pack
    period = parse_period("2025-03")
    after = datetime.now(UTC) - period.end(pack.campaign.zone)
    return encode_record([evaluation_due(BLOCK, period, pack.campaign.zone, "/bench/office", edition, after)])


def _behind(broker: KafkaBroker) -> int:
    """Records that scoring or storage has still to confirm."""
    group = StorageSettings().storage_group
    behind = 0
    for who, topic in ((CONFIRMED_GROUP, EVENTS), (group, EVENTS), (group, EVALUATIONS)):
        end, held = broker.spans(topic)[PARTITION].end, broker.committed(who, topic).get(PARTITION)
        behind += end - (0 if held is None else held.offset)
    return behind


def _audited(stack: Stack, source: str) -> int:
    argv = [sys.executable, "-m", "services.cli.main", "audit", BLOCK, "--json", "--from", source]
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        process = subprocess.Popen(argv, env=os.environ | stack.environment, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - started
        out.seek(0)
        found: dict[str, Any] = json.loads(out.read() or b"{}")
    print(
        f"audit --from {source:10} {EVENTS_IN_ALL / took:>9,.0f} events/s  {took:6.1f} s, "
        f"{used.ru_utime + used.ru_stime:.1f} s of its own processor, {used.ru_maxrss // 1024} MB at most, "
        f"{found.get('evaluations')} evaluations, {len(found.get('faults', []))} differences",
        flush=True,
    )
    return os.waitstatus_to_exitcode(status)


def _wait(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:g} s: {what}")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
