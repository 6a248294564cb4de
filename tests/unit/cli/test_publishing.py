"""A published pack is stored before it is activated, and publishing it again, or going on after a cut, changes nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from services.cli.failures import CannotReach
from services.cli.pack_folder import read_pack
from services.cli.publishing import publish_packs
from services.contracts.event_data import Place
from services.contracts.events import PackActivated, decode_record
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.topics import EVENTS, PACKS
from services.scoring.engine import BlockState, apply
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


def active_after(*packs: CompiledPack) -> list[str]:
    """The packs that the fold of a block activates, in turn, when these are published a minute apart."""
    broker = FakeBroker()
    for minute, pack in enumerate(packs):
        publish_packs(broker, [pack], partial(lambda at: at, NOW + timedelta(minutes=minute)))
    block = next(iter(packs[0].pack.block_by_id))
    state = BlockState.new(block)
    by_hash = {pack.hash: pack.pack for pack in packs}
    for offset, event in enumerate(one for one in activations(broker) if one.subject == block):
        apply(state, event, Place(0, offset, 0), by_hash.get)
    return [activation.pack for activation in state.activations]


def test_publishing_again_what_is_active_changes_nothing(sample: CompiledPack) -> None:
    assert active_after(sample, sample, sample) == [sample.hash]


def test_an_earlier_pack_published_again_is_active_again(sample: CompiledPack) -> None:
    campaign = sample.pack.campaign.model_copy(update={"simulated": False})
    other = compile_pack(sample.pack.model_copy(update={"campaign": campaign}))
    assert active_after(sample, other, sample, sample) == [sample.hash, other.hash, sample.hash]


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
