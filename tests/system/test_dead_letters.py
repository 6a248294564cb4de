"""A refused event is found, mended and replayed, and counts once; a block that the engine crashes at stands still, and says so."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, encode_event, encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.results import Evaluation, decode_evaluation
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVALUATIONS, EVENTS
from services.scoring.engine import ENGINE_VERSION
from services.scoring.worker.crash_memory import HALT_AT, CrashMemory
from tests.support.packs import evaluation_due, report, small_pack
from tests.support.storing import wait_stored
from tests.system.commands import PATIENT_WORKER, run, run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

DEADLINE_S = 180.0
CAMPAIGN = CampaignId("refused")
BLOCK = BlockId(f"{CAMPAIGN}/only")
GOOD = encode_event(report("only-u1", 90.0, 1))
BAD = GOOD.replace(b"vn.thidua.report.v1", b"vn.thidua.repport.v1")


def append(broker: KafkaBroker, value: bytes, block: BlockId = BLOCK) -> None:
    broker.append(EVENTS, [Outgoing(block, value, b"events/1")])


def evaluation(broker: KafkaBroker, edition: int, block: BlockId = BLOCK) -> Evaluation:
    asked: AnyEvent = evaluation_due(block, edition=edition, n=edition)
    append(broker, encode_record([asked]), block)
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for record in broker.read(EVALUATIONS):
            if record.key == block and record.value is not None:
                found = decode_evaluation(record.value)
                if found.edition == edition:
                    return found
        time.sleep(0.2)
    raise AssertionError(f"no evaluation of edition {edition}")


def figure(found: Evaluation) -> tuple[str, float | None]:
    (unit,) = (unit for unit in found.units if unit.unit == "only-u1")
    return unit.criteria[0].state, unit.criteria[0].actual


def test_a_refused_event_counts_once_it_is_mended_and_replayed_however_often(
    services: Stack, tmp_path: Path
) -> None:
    broker = KafkaBroker([services.urls["kafka"]])
    publish_packs(broker, [small_pack(CAMPAIGN, blocks=("only",))])
    append(broker, b"[" + BAD + b"]")
    assert figure(evaluation(broker, 1)) == ("not_reported", None)

    (letter,) = until(lambda: run_json(services, "dead-letters", "list", "--block", BLOCK))
    assert (letter["reason"], letter["unit"]) == ("bad-event", "only-u1")
    shown = run(services, "dead-letters", "show", letter["place"], "--body")
    assert shown.stdout.encode() == BAD

    as_it_was: Any = run_json(services, "dead-letters", "replay", letter["place"])
    assert (as_it_was["replayed"], len(as_it_was["left"])) == (0, 1)
    mended = tmp_path / "event.json"
    mended.write_bytes(shown.stdout.encode().replace(b"repport", b"report"))
    for _ in range(2):
        done = run_json(services, "dead-letters", "replay", letter["place"], "--body", str(mended))
        assert done["replayed"] == 1
    assert figure(evaluation(broker, 2)) == ("reported", 90.0)
    address = f"/v1/dead-letters/campaign.events:{letter['place']}"
    wait_stored(broker, EVENTS)  # storage writes in batches, so one replay may be seen alone
    until(lambda: len(api(services, address)["replays"] or ()) == 2)
    told = until(lambda: api(services, address), "counted")
    assert (told["replayed"], len(told["replays"]), told["bytes"]) == (True, 2, None)


def test_a_block_that_the_engine_crashes_at_stands_still_alone_and_goes_on_when_it_is_released(
    services: Stack, tmp_path: Path
) -> None:
    block = BlockId("halting/only")
    broker = KafkaBroker([services.urls["kafka"]])
    publish_packs(broker, [small_pack("halting", blocks=("only",))])
    evaluation(broker, 1, block)
    services.halt("scoring")
    try:
        append(broker, encode_record([report("only-u1", 90.0, 1)]), block)
        stands = crashed_before(services, broker, block)
        with FaultyWorker(services, tmp_path) as worker:
            assert worker.process.wait(DEADLINE_S) == 1, worker.said()
        with FaultyWorker(services, tmp_path):
            (halt,) = until(lambda: [h for h in api(services, "/v1/halts") if h["block"] == block])
            page = httpx.get(services.urls["api"] + f"/?block={block}", timeout=30).text
            address = f"/v1/dead-letters?block={block}&reason=block-halted"
            letters = until(lambda: api(services, address), "letters")["letters"]
        assert (halt["why"], halt["place"]) == ("engine_crashed", [*stands])
        assert halt["error"] == "ZeroDivisionError: at only-u1"
        assert "Bảng đứng yên từ" in page and "ZeroDivisionError" not in page
        assert [letter["place"] for letter in letters] == [[*stands[:2], -1]]
        (listed,) = [one for one in run_json(services, "halts", "list") if one["block"] == block]
        assert listed["place"] == ":".join(map(str, stands))
        done = run(services, "halts", "release", block)
        assert done.returncode == 0, done.stderr
    finally:
        services.resume("scoring")
    services.wait_healthy("scoring")
    assert figure(evaluation(broker, 2, block)) == ("reported", 90.0)
    until(lambda: all(h["block"] != block for h in api(services, "/v1/halts")))


def crashed_before(services: Stack, broker: KafkaBroker, block: BlockId) -> tuple[int, int, int]:
    """The place of the newest record of the block, at which the worker has crashed all but once."""
    partition = partition_of(block, DEFAULT_PARTITIONS)
    place = Place(partition, broker.spans(EVENTS)[partition].end - 1, 0)
    memory = CrashMemory(services.layout.run_dir / "scoring-0-crashes.json", ENGINE_VERSION)
    for _ in range(HALT_AT - 1):
        memory.remember(block, place)
    return place.partition, place.offset, place.index


class FaultyWorker:
    """The stack's scoring worker with a fault of the engine, in its place."""

    _PROGRAM = """
from services.contracts.events import Report
from services.scoring.engine.log import run as log_run
from services.scoring.worker import fold
def broken(real):
    def apply(state, event, *others):
        if state.block == "halting/only" and isinstance(event, Report):
            raise ZeroDivisionError("at " + event.subject)
        return real(state, event, *others)
    return apply
fold.apply = broken(fold.apply)
log_run.apply_report = broken(log_run.apply_report)
from services.scoring.main import run
run()
"""

    def __init__(self, services: Stack, folder: Path) -> None:
        self._services = services
        self._log = folder / "faulty.log"

    def __enter__(self) -> "FaultyWorker":
        environment = {
            **os.environ,
            **self._services.environment,
            **PATIENT_WORKER,
            "THIDUA_SCORING_PORT": "0",
        }
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self._PROGRAM], env=environment, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(DEADLINE_S)

    def said(self) -> str:
        return self._log.read_text()[-3000:]


def api(services: Stack, address: str) -> Any:
    answer = httpx.get(services.urls["api"] + address, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def until(look: Callable[[], Any], key: str | None = None) -> Any:
    """What `look` gives when it, or its `key`, is true at last."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = look()
        if found[key] if key else found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it never came: {found}")
