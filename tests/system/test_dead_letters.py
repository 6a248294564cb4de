"""A refused event is found by the command, mended, and replayed: it counts, and counts once."""

import time
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.events import AnyEvent, encode_event, encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.results import Evaluation, decode_evaluation
from services.contracts.topics import EVALUATIONS, EVENTS
from tests.support.packs import evaluation_due, report, small_pack
from tests.system.commands import run, run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

CAMPAIGN = CampaignId("refused")
BLOCK = BlockId(f"{CAMPAIGN}/only")
GOOD = encode_event(report("only-u1", 90.0, 1))
BAD = GOOD.replace(b"vn.thidua.report.v1", b"vn.thidua.repport.v1")


def append(broker: KafkaBroker, value: bytes) -> None:
    broker.append(EVENTS, [Outgoing(BLOCK, value, b"events/1")])


def evaluation(broker: KafkaBroker, edition: int) -> Evaluation:
    asked: AnyEvent = evaluation_due(BLOCK, edition=edition, n=edition)
    append(broker, encode_record([asked]))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for record in broker.read(EVALUATIONS):
            if record.key == BLOCK and record.value is not None:
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

    (letter,) = run_json(services, "dead-letters", "list", "--block", BLOCK)
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
