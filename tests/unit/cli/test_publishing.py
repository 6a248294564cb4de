"""A published pack is stored before it is activated, and publishing it again, or going on after a cut, changes nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli.failures import CannotReach
from services.cli.pack_folder import read_pack
from services.cli.publishing import publish_packs
from services.contracts.events import PackActivated, decode_record
from services.contracts.pack.compiled import CompiledPack
from services.contracts.topics import EVENTS, PACKS
from tests.unit.cli.fakes import FakeBroker

SAMPLE = Path(__file__).parents[3] / "campaigns" / "sample"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample() -> CompiledPack:
    return read_pack(SAMPLE).compiled


def activations(broker: FakeBroker) -> list[PackActivated]:
    events = [event for record in broker.records[EVENTS.name] for event in decode_record(record.value or b"")]
    return [event for event in events if isinstance(event, PackActivated)]


def test_a_pack_is_keyed_by_its_hash_and_activated_in_each_of_its_blocks(sample: CompiledPack) -> None:
    broker = FakeBroker()
    publish_packs(broker, [sample], lambda: NOW)
    assert [record.key for record in broker.records[PACKS.name]] == [sample.hash]
    assert [record.key for record in broker.records[EVENTS.name]] == list(sample.pack.block_by_id)
    assert {event.data.pack for event in activations(broker)} == {sample.hash}
    assert {event.data.valid_from for event in activations(broker)} == {"2026-01-01"}
    assert {event.receivedtime for event in activations(broker)} == {NOW}


def test_publishing_again_appends_the_same_identities(sample: CompiledPack) -> None:
    broker = FakeBroker()
    publish_packs(broker, [sample], lambda: NOW)
    publish_packs(broker, [sample], lambda: NOW)
    identities = [(event.source, event.id) for event in activations(broker)]
    assert identities[:3] == identities[3:]
    assert len(set(identities)) == 3


def test_a_cut_between_pack_and_activation_is_gone_after_the_next_run(sample: CompiledPack) -> None:
    broker = FakeBroker(fails_after=1)
    with pytest.raises(CannotReach):
        publish_packs(broker, [sample], lambda: NOW)
    assert EVENTS.name not in broker.records
    broker.fails_after = None
    publish_packs(broker, [sample], lambda: NOW)
    assert len(activations(broker)) == 3


def test_a_pack_that_cannot_be_read_back_is_not_activated(sample: CompiledPack) -> None:
    class Forgetful(FakeBroker):
        def read(self, topic: object) -> list[object]:  # type: ignore[override]
            return []

    broker = Forgetful()
    with pytest.raises(CannotReach):
        publish_packs(broker, [sample], lambda: NOW)
    assert EVENTS.name not in broker.records
