"""A replay sends the recorded reports in the order of their periods; what it sends does not depend on when it runs."""

from pathlib import Path

import pytest

from services.cli.failures import CalledWrongly
from services.cli.pack_folder import named_folder, read_pack
from services.cli.recorded import RecordedPeriod, recorded_periods
from services.cli.replay import replay_periods
from services.cli.sending import Pace
from services.contracts.events import EvaluationDue, Report, encode_record
from tests.unit.cli.fakes import FakeDoor

HDI = named_folder("hdi")


def periods(edition: int = 1) -> list[RecordedPeriod]:
    return list(recorded_periods(HDI, read_pack(HDI).pack, "/hdi/undp/replay", "/hdi/office/replay", edition))


@pytest.fixture(scope="module")
def recorded() -> list[RecordedPeriod]:
    return periods()


def test_all_reports_of_all_years_are_there(recorded: list[RecordedPeriod]) -> None:
    assert [period.period.text for period in recorded] == [str(year) for year in range(1990, 2023)]
    assert sum(len(period.reports) for period in recorded) == 24_809
    assert len({report.id for period in recorded for report in period.reports}) == 24_809


def test_no_answer_is_ever_sent(recorded: list[RecordedPeriod]) -> None:
    assert {r.data.indicator for period in recorded for r in period.reports} == {"le", "eys", "mys", "gnipc"}


def test_two_replays_are_equal_to_the_byte(recorded: list[RecordedPeriod]) -> None:
    for first, second in zip(recorded, periods(), strict=True):
        assert encode_record([*first.reports, *first.evaluations]) == encode_record(
            [*second.reports, *second.evaluations]
        )


def test_another_edition_repeats_the_reports_and_asks_for_other_evaluations(
    recorded: list[RecordedPeriod],
) -> None:
    again = periods(edition=2)
    assert again[0].reports == recorded[0].reports
    assert again[0].evaluations[0].id != recorded[0].evaluations[0].id
    assert again[0].evaluations[0].data.edition == 2


def test_a_year_is_evaluated_after_its_reports_and_before_the_next(recorded: list[RecordedPeriod]) -> None:
    door = FakeDoor()
    replay_periods(
        [
            recorded[0]._replace(reports=recorded[0].reports[:5]),
            recorded[1]._replace(reports=recorded[1].reports[:5]),
        ],
        door,
        door,
        2,
        Pace(None),
    )
    sent = [(type(event), event.data.period) for batch in door.batches for event in batch]
    assert sent == [(Report, "1990")] * 5 + [(EvaluationDue, "1990")] + [(Report, "1991")] * 5 + [
        (EvaluationDue, "1991")
    ]
    assert max(len(batch) for batch in door.batches) == 2


def test_a_second_replay_brings_duplicates_only(recorded: list[RecordedPeriod]) -> None:
    door, few = FakeDoor(), [recorded[0]._replace(reports=recorded[0].reports[:7])]
    replay_periods(few, door, door, 200, Pace(None))
    tally, evaluations = replay_periods(few, door, door, 200, Pace(None))
    assert (tally.accepted, tally.duplicate, evaluations.duplicate) == (0, 7, 1)


def test_rejections_are_counted_and_kept(recorded: list[RecordedPeriod]) -> None:
    reports = recorded[0].reports[:4]
    door = FakeDoor(refused=frozenset({reports[2].id}))
    tally, _ = replay_periods([recorded[0]._replace(reports=reports)], door, door, 2, Pace(None))
    assert (tally.accepted, tally.rejected) == (3, 1)
    assert [(r.index, r.event.id) for r in tally.rejections] == [(2, reports[2].id)]


def test_a_pack_without_recorded_reports_is_told() -> None:
    folder = named_folder("sample")
    with pytest.raises(CalledWrongly, match=r"holds no reports\.csv"):
        list(recorded_periods(folder, read_pack(folder).pack, "/a", "/b", 1))


def test_a_rate_spreads_the_batches_over_time() -> None:
    now, waited = [0.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    pace = Pace(200, lambda: now[0], sleep)
    assert pace.batch_size(200) == 40
    for _ in range(6):
        pace.take(40)
    assert sum(waited) == pytest.approx(1.0)


def test_time_lost_to_an_outage_is_not_made_up_by_a_burst() -> None:
    now, waited = [0.0], []
    pace = Pace(10, lambda: now[0], waited.append)
    pace.take(10)
    now[0] = 60.0
    pace.take(10)
    pace.take(10)
    assert waited == [pytest.approx(1.0)]


def test_a_folder_can_be_named_by_its_path(tmp_path: Path) -> None:
    assert named_folder(str(tmp_path)) == tmp_path
