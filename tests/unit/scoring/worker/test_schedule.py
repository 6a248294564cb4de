"""The owner of a block appends evaluations by the pack's schedule, and a tick when an hour passed without events."""

from datetime import UTC, date, datetime, timedelta

from services.contracts import topics
from services.contracts.event_data import EvaluationPublishedData
from services.contracts.events import EvaluationDue, EvaluationPublished, Tick, evaluation_id
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import compile_pack, read_compiled
from services.scoring.engine import rank_live
from services.scoring.worker.schedule import due_events
from tests.support.packs import activation, evaluation_due, small_pack
from tests.unit.scoring.worker.fakes import Bench, MemoryPacks, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,), schedule={"cadence": "month", "after_days": 5, "first": "2026-02"})

PACKS = MemoryPacks(PACK)


def state_at(*events):
    bench = Bench(PACK)
    for event in (activation(PACK, BLOCK), *events):
        bench.fold.apply(bench.log.append(BLOCK, event))
    return bench.fold.blocks[BLOCK]


def test_each_period_from_the_first_on_is_due_once_its_days_have_passed():
    due = due_events(state_at(), PACK.pack, PACKS.get, datetime(2026, 4, 10, tzinfo=UTC))
    evaluations = [e.data for e in due if isinstance(e, EvaluationDue)]
    assert [e.period for e in evaluations] == ["2026-02", "2026-03"]
    assert evaluations[0].as_of == datetime(2026, 3, 5, 17, tzinfo=UTC)  # midnight of 6 March in Vietnam


def test_an_evaluation_that_happened_is_not_asked_for_again():
    now = datetime(2026, 3, 10, tzinfo=UTC)
    (asked, *_) = due_events(state_at(), PACK.pack, PACKS.get, now)
    assert isinstance(asked, EvaluationDue)
    assert [
        e for e in due_events(state_at(asked), PACK.pack, PACKS.get, now) if isinstance(e, EvaluationDue)
    ] == []


def test_asking_twice_is_one_event():
    early, late = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)
    first, second = (due_events(state_at(), PACK.pack, PACKS.get, now)[0] for now in (early, late))
    assert (first.source, first.id) == (second.source, second.id)
    assert first.data == second.data
    assert first.id == f"evaluation/{evaluation_id(BLOCK, '2026-02', first.data.as_of, 1)}"


def test_an_hour_without_events_brings_a_tick_and_an_hour_with_events_does_not():
    now = datetime(2026, 2, 11, 9, 30, tzinfo=UTC)
    quiet = state_at(evaluation_due(BLOCK))
    (tick,) = due_events(quiet, PACK.pack, PACKS.get, now)
    assert isinstance(tick, Tick)
    assert tick.data.as_of == datetime(2026, 2, 11, 9, tzinfo=UTC)
    assert due_events(state_at(tick), PACK.pack, PACKS.get, now + timedelta(minutes=20)) == []


def test_hour_by_hour_ticks_alone_make_what_nobody_reported_overdue():
    """A quarter's live ranking of a monthly indicator: January's figure is overdue from 6 February on, midnight in Vietnam."""
    pack = PACK.pack
    late = pack.indicators[0].model_copy(update={"due_lag_days": 5, "within": "sum"})
    campaign = pack.campaign.model_copy(update={"live_cadence": "quarter"})
    changed = compile_pack(pack.model_copy(update={"indicators": (late,), "campaign": campaign}))
    quarterly = read_compiled(changed.body)  # a copied model keeps what it had looked up
    bench, packs = Bench(quarterly), MemoryPacks(quarterly)
    bench.fold.apply(bench.log.append(BLOCK, activation(quarterly, BLOCK)))
    states = {}
    for hour in range(14, 20):
        state = bench.fold.blocks[BLOCK]
        now = datetime(2026, 2, 5, hour, 1, tzinfo=UTC)
        (tick,) = [e for e in due_events(state, quarterly.pack, packs.get, now) if isinstance(e, Tick)]
        bench.fold.dirty.clear()
        bench.fold.apply(bench.log.append(BLOCK, tick))
        assert BLOCK in bench.fold.dirty
        ranked = rank_live(state, packs.get, None)
        assert ranked is not None
        states[hour] = {unit.criteria[0].state for unit in ranked[0].units}
    assert states == {h: {"not_due"} if h < 17 else {"not_reported"} for h in range(14, 20)}


def test_what_is_published_is_not_asked_for_by_the_schedule():
    """Edition 1 of another instant was published: what the schedule would ask for could only be refused, for ever."""
    made = evaluation_due(BLOCK, "2026-02")
    id = evaluation_id(BLOCK, "2026-02", made.data.as_of, 1)
    publication = EvaluationPublished(
        specversion="1.0",
        id="p1",
        source="/tiny/office",
        subject=BLOCK,
        time=made.time,
        receivedtime=made.time,
        data=EvaluationPublishedData(evaluation=id, actor="office"),
    )
    due = due_events(state_at(made, publication), PACK.pack, PACKS.get, datetime(2026, 4, 10, tzinfo=UTC))
    assert [e.data.period for e in due if isinstance(e, EvaluationDue)] == ["2026-03"]


def test_a_period_at_whose_end_the_block_has_no_unit_is_never_asked_for():
    late = PACK.pack.model_copy(
        update={
            "units": tuple(
                unit.model_copy(update={"valid_from": date(2026, 4, 1)}) for unit in PACK.pack.units
            )
        }
    )
    pack = read_compiled(compile_pack(late).body)  # a copied model keeps what it had looked up
    bench = Bench(pack)
    bench.fold.apply(bench.log.append(BLOCK, activation(pack, BLOCK)))
    due = due_events(bench.fold.blocks[BLOCK], pack.pack, bench.packs.get, datetime(2026, 5, 10, tzinfo=UTC))
    assert [e.data.period for e in due if isinstance(e, EvaluationDue)] == ["2026-04"]
    for event in due:
        bench.fold.apply(bench.log.append(BLOCK, event))
    assert topics.DEAD_LETTERS.name not in {output.topic for output in bench.fold.unconfirmed}


def test_a_period_that_ends_before_the_pack_is_valid_is_never_asked_for():
    bench = Bench(PACK)
    begun = activation(PACK, BLOCK)
    begun.data.valid_from = "2026-03-15"
    bench.fold.apply(bench.log.append(BLOCK, begun))
    due = due_events(bench.fold.blocks[BLOCK], PACK.pack, PACKS.get, datetime(2026, 4, 10, tzinfo=UTC))
    assert [e.data.period for e in due if isinstance(e, EvaluationDue)] == ["2026-03"]
