"""The owner of a block appends evaluations by the pack's schedule, and a tick when an hour passed without events."""

from datetime import UTC, datetime, timedelta

from services.contracts.events import EvaluationDue, Tick, evaluation_id
from services.contracts.ids import BlockId
from services.scoring.worker.schedule import due_events
from tests.support.packs import activation, evaluation_due, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,), schedule={"cadence": "month", "after_days": 5, "first": "2026-02"})


def state_at(*events):
    bench = Bench(PACK)
    for event in (activation(PACK, BLOCK), *events):
        bench.fold.apply(bench.log.append(BLOCK, event))
    return bench.fold.blocks[BLOCK]


def test_each_period_from_the_first_on_is_due_once_its_days_have_passed():
    due = due_events(state_at(), PACK.pack, datetime(2026, 4, 10, tzinfo=UTC))
    evaluations = [e.data for e in due if isinstance(e, EvaluationDue)]
    assert [e.period for e in evaluations] == ["2026-02", "2026-03"]
    assert evaluations[0].as_of == datetime(2026, 3, 5, 17, tzinfo=UTC)  # midnight of 6 March in Vietnam


def test_an_evaluation_that_happened_is_not_asked_for_again():
    now = datetime(2026, 3, 10, tzinfo=UTC)
    (asked, *_) = due_events(state_at(), PACK.pack, now)
    assert isinstance(asked, EvaluationDue)
    assert [e for e in due_events(state_at(asked), PACK.pack, now) if isinstance(e, EvaluationDue)] == []


def test_asking_twice_is_one_event():
    early, late = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)
    first, second = (due_events(state_at(), PACK.pack, now)[0] for now in (early, late))
    assert (first.source, first.id) == (second.source, second.id)
    assert first.data == second.data
    assert first.id == f"evaluation/{evaluation_id(BLOCK, '2026-02', first.data.as_of, 1)}"


def test_an_hour_without_events_brings_a_tick_and_an_hour_with_events_does_not():
    now = datetime(2026, 2, 11, 9, 30, tzinfo=UTC)
    quiet = state_at(evaluation_due(BLOCK))
    (tick,) = due_events(quiet, PACK.pack, now)
    assert isinstance(tick, Tick)
    assert tick.data.as_of == datetime(2026, 2, 11, 9, tzinfo=UTC)
    assert due_events(state_at(tick), PACK.pack, now + timedelta(minutes=20)) == []
