"""A drill: the broker is lost, its log is restored into a new one, and every evaluation has the same bytes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.events import encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.principals import PRINCIPAL_SCHEMA
from services.contracts.topics import EVALUATIONS, EVENTS, PEOPLE, PRINCIPALS
from tests.support.packs import evaluation_due, report, small_pack
from tests.system.commands import PATIENT_WORKER, run, run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

CAMPAIGN = CampaignId("drill")
NAMES = ("a", "b", "c", "d")
BLOCKS = [BlockId(f"{CAMPAIGN}/{name}") for name in NAMES]


@contextmanager
def scoring(stack: Stack) -> Iterator[None]:
    """A worker on a stack that has none of its own."""
    environment = {**os.environ, **stack.environment, **PATIENT_WORKER, "THIDUA_SCORING_PORT": "0"}
    with (stack.layout.data_dir / "log" / "drill-scoring.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.scoring"], env=environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def fill(broker: KafkaBroker, months: range) -> None:
    for month in months:
        for name, block in zip(NAMES, BLOCKS, strict=True):
            for unit in range(1, 5):
                value = 10.0 * unit + (month * 7 + ord(name)) % 13
                event = report(f"{name}-u{unit}", value, month * 10 + unit, f"2026-{month:02d}")
                broker.append(EVENTS, [Outgoing(block, encode_record([event]), b"events/1")])
            due = evaluation_due(block, f"2026-{month:02d}", n=month)
            broker.append(EVENTS, [Outgoing(block, encode_record([due]), b"events/1")])


def evaluations(broker: KafkaBroker, wanted: int) -> dict[tuple[str, int, int], bytes]:
    """By key and place of their cause, once there are as many as wanted."""
    deadline = time.monotonic() + 240
    while True:
        found = {}
        for record in broker.read(EVALUATIONS):
            cause = msgspec.json.decode(record.value or b"{}")["cause"]
            found[record.key, cause[0], cause[1]] = record.value or b""
        if len(found) >= wanted:
            return found
        assert time.monotonic() < deadline, f"{len(found)} of {wanted} evaluations"
        time.sleep(0.3)


def test_a_log_restored_into_a_new_broker_gives_every_evaluation_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with Stack(tmp_path / "lost", programs=("kafka",)) as lost:
        broker = KafkaBroker([lost.urls["kafka"]])
        made: Any = run(lost, "topics", "create", "--partitions", "6")
        assert made.returncode == 0, made.stderr
        publish_packs(broker, [small_pack(CAMPAIGN, blocks=NAMES)])
        broker.append(PRINCIPALS, [Outgoing("key-1", b"{}", PRINCIPAL_SCHEMA)])
        fill(broker, range(1, 3))
        first = run_json(lost, "backup", str(folder))
        with scoring(lost):
            fill(broker, range(3, 5))
            before = evaluations(broker, 4 * len(NAMES))
        second = run_json(lost, "backup", str(folder))
        log = [(r.key, r.partition, r.offset, r.timestamp_ms, r.value) for r in broker.read(EVENTS)]
        assert first[EVENTS.name] + second[EVENTS.name] == len(log)
        assert second[EVENTS.name] < len(log)  # the second backup holds what came since

    with Stack(tmp_path / "new", programs=("kafka",)) as new:
        broker = KafkaBroker([new.urls["kafka"]])
        restored = run_json(new, "restore", str(folder))
        assert restored[EVENTS.name] == len(log)
        assert sorted(log) == sorted(
            (r.key, r.partition, r.offset, r.timestamp_ms, r.value) for r in broker.read(EVENTS)
        )
        assert [r.key for r in broker.read(PRINCIPALS)] == ["key-1"]
        assert broker.read(PEOPLE) == []
        assert run_json(new, "restore", str(folder))[EVENTS.name] == 0  # again: nothing is lacking
        with scoring(new):
            after = evaluations(broker, len(before))
            assert {key: after[key] for key in before} == before

        refused = run(new, "restore", str(_older(folder, tmp_path)))
        assert (refused.returncode, "more than the backup" in refused.stderr) == (1, True)


def _older(folder: Path, tmp_path: Path) -> Path:
    """The backup without the newest segment of any partition."""
    import json
    import shutil

    older = tmp_path / "older"
    shutil.copytree(folder, older)
    contents = json.loads((older / "backup.json").read_text())
    newest = {(s["topic"], s["partition"]): s["first"] for s in contents["segments"]}
    contents["segments"] = [
        s for s in contents["segments"] if newest[s["topic"], s["partition"]] != s["first"] or s["first"] == 0
    ]
    (older / "backup.json").write_text(json.dumps(contents))
    return older
