"""The simulated feed: a history that gives sensible flags, revisions that move rows, and a restart that changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.failures import CalledWrongly
from services.cli.feed import Feed
from services.cli.feed_events import FeedEvents
from services.cli.feed_plan import load_feed_plan
from services.cli.pack_folder import CheckedPack, read_pack
from services.cli.publishing import activation
from services.cli.sending import Pace
from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, EvaluationDue, Report
from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.periods import parse_period
from services.contracts.results import Ranking
from services.scoring.engine import BlockState, apply, rank_live
from tests.unit.cli.fakes import FakeDoor

CAMPAIGNS = Path(__file__).parents[3] / "campaigns"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
STRONG = {"xa-mau-2", "so-mau-6", "dn-mau-4"}
WEAK = {"xa-mau-5", "so-mau-4", "dn-mau-7"}


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=500)
        return self.now


@pytest.fixture(scope="module")
def checked() -> CheckedPack:
    return read_pack(CAMPAIGNS / "sample")


def feed_of(checked: CheckedPack, door: FakeDoor, clock: Clock) -> Feed:
    plan = load_feed_plan(CAMPAIGNS / "sample", checked.pack)
    senders = [planned for planned in checked.principals if planned.role == "department"]
    office = next(planned for planned in checked.principals if planned.role == "office")
    events = FeedEvents(checked.pack, plan, senders, office)
    doors = {sender.id: door for sender in senders}
    return Feed(events, doors, door, Pace(None), clock, lambda _: None)


@pytest.fixture(scope="module")
def opened(checked: CheckedPack) -> FakeDoor:
    door = FakeDoor()
    feed_of(checked, door, Clock(NOW)).open()
    return door


def fold(checked: CheckedPack, log: list[AnyEvent], block: BlockId) -> tuple[BlockState, list[Flag]]:
    """The block's state and flags, as the worker would come to them."""
    pack = checked.pack
    state, flags = BlockState.new(block), []
    of_block = [e for e in log if _block_of(checked, e) == block]
    for number, event in enumerate([activation(checked.compiled, block, NOW - timedelta(days=1)), *of_block]):
        event.receivedtime, event.origin = NOW, "department"
        flags += apply(state, event, Place(0, 0, number), {checked.compiled.hash: pack}.get).flags
    return state, flags


def _block_of(checked: CheckedPack, event: AnyEvent) -> str | None:
    if isinstance(event, Report):
        return checked.pack.block_of(str(event.subject), parse_period(event.data.period).last)
    return event.subject


def test_everything_is_marked_as_simulated(opened: FakeDoor) -> None:
    reports = [event for event in opened.log if isinstance(event, Report)]
    assert reports
    assert all(report.data.simulated for report in reports)


def test_the_history_has_an_evaluation_of_each_block_for_each_finished_month(opened: FakeDoor) -> None:
    asked = [(event.subject, event.data.period) for event in opened.log if isinstance(event, EvaluationDue)]
    months = [f"2026-{month:02d}" for month in range(4, 11)]
    assert sorted(asked) == sorted(
        (f"sample/{b}", m) for b in ("communes", "departments", "enterprises") for m in months
    )


def test_a_month_is_evaluated_after_its_reports_and_before_the_next_month(opened: FakeDoor) -> None:
    seen: list[str] = []
    for event in opened.log:
        if isinstance(event, EvaluationDue):
            seen.append(event.data.period)
        elif isinstance(event, Report) and event.data.period not in seen:
            assert (
                parse_period(event.data.period).last > parse_period(seen[-1] if seen else "2025").last
                or not seen
            )


def test_nothing_of_a_restart_is_new_but_the_current_month(checked: CheckedPack, opened: FakeDoor) -> None:
    door = FakeDoor(log=list(opened.log))
    before = len(door.log)
    feed_of(checked, door, Clock(NOW + timedelta(hours=1))).open()
    assert {event.data.period for event in door.log[before:] if isinstance(event, Report)} == {"2026-11"}
    assert not [event for event in door.log[before:] if isinstance(event, EvaluationDue)]


def test_the_true_leader_and_the_true_underperformer_of_each_block_are_flagged_and_nobody_else(
    checked: CheckedPack, opened: FakeDoor
) -> None:
    flags = [flag for block in checked.pack.block_by_id for flag in fold(checked, opened.log, block)[1]]
    open_flags = {(flag.kind, flag.unit): flag.state for flag in flags}
    assert {
        unit for (kind, unit), state in open_flags.items() if (kind, state) == ("leader", "proposed")
    } == STRONG
    assert {
        unit for (kind, unit), state in open_flags.items() if (kind, state) == ("underperformer", "proposed")
    } == WEAK


def test_rows_move_now_and_then(checked: CheckedPack) -> None:
    door, clock = FakeDoor(), Clock(NOW)
    feed = feed_of(checked, door, clock)
    feed.open()
    orders = set()
    for _ in range(6):
        for _ in range(100):
            feed.step()
        orders.add(tuple(unit.unit for unit in _live(checked, door, BlockId("sample/communes")).units))
    assert len(orders) > 1
    assert all(order[0] == "xa-mau-2" and order[-1] == "xa-mau-5" for order in orders)


def _live(checked: CheckedPack, door: FakeDoor, block: BlockId) -> Ranking:
    state, _ = fold(checked, door.log, block)
    ranked = rank_live(state, {checked.compiled.hash: checked.pack}.get, None)
    assert ranked is not None
    return ranked[0]


def test_a_later_revision_outranks_an_earlier_one_after_a_restart(
    checked: CheckedPack, opened: FakeDoor
) -> None:
    door = FakeDoor()
    feed_of(checked, door, Clock(NOW + timedelta(hours=1))).open()
    first = {
        e.id.rsplit("/", 1)[0]: e for e in opened.log if isinstance(e, Report) and e.data.period == "2026-11"
    }
    later = [e for e in door.log if isinstance(e, Report) and e.data.period == "2026-11"]
    assert later
    assert all(e.data.revision > first[e.id.rsplit("/", 1)[0]].data.revision for e in later)


def test_a_month_that_ends_while_it_runs_is_evaluated_when_its_day_comes(checked: CheckedPack) -> None:
    door, clock = FakeDoor(), Clock(datetime(2026, 11, 30, 12, tzinfo=UTC))
    feed = feed_of(checked, door, clock)
    feed.open()
    clock.now = datetime(2026, 12, 2, tzinfo=UTC)
    feed.finish_months()
    assert not _evaluations(door, "2026-11")
    clock.now = datetime(2026, 12, 6, tzinfo=UTC)
    feed.finish_months()
    assert len(_evaluations(door, "2026-11")) == 3


def test_a_month_that_the_schedule_asks_for_gets_a_second_edition(checked: CheckedPack) -> None:
    door = FakeDoor()
    feed_of(checked, door, Clock(datetime(2027, 3, 20, tzinfo=UTC))).open()
    assert {event.data.edition for event in _evaluations(door, "2026-12")} == {1}
    assert {event.data.edition for event in _evaluations(door, "2027-01")} == {2}


def _evaluations(door: FakeDoor, period: str) -> list[EvaluationDue]:
    return [event for event in door.log if isinstance(event, EvaluationDue) and event.data.period == period]


def test_an_outage_of_the_door_only_delays_it(checked: CheckedPack, opened: FakeDoor) -> None:
    door = FakeDoor(outages=5)
    feed_of(checked, door, Clock(NOW)).open()
    assert [event.id for event in door.log] == [event.id for event in opened.log]


def test_a_real_campaign_is_never_fed() -> None:
    with pytest.raises(CalledWrongly, match="hdi is not simulated"):
        load_feed_plan(CAMPAIGNS / "hdi", read_pack(CAMPAIGNS / "hdi").pack)
