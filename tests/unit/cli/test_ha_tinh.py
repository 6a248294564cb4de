"""The campaign of Hà Tĩnh: real units and targets, invented figures; every unit, figure and flag says so."""

import json
import runpy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.cli.feed_events import FeedEvents
from services.cli.feed_plan import load_feed_plan
from services.cli.lineage import csv_lines
from services.cli.pack_folder import CheckedPack, read_pack
from services.cli.publishing import activation
from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, Report
from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.pack.model import Unit
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation
from services.scoring.engine import BlockState, apply, plan_of

FOLDER = Path(__file__).parents[3] / "campaigns" / "ha-tinh-2021-2025"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
MARK = "(MP)"


@pytest.fixture(scope="module")
def checked() -> CheckedPack:
    return read_pack(FOLDER)


def communes_on(checked: CheckedPack, day: date) -> list[Unit]:
    kinds = ("commune", "ward", "township")
    return [unit for unit in checked.pack.units if unit.kind in kinds and unit.holds(day)]


@pytest.mark.parametrize(
    ("day", "count"), [(date(2024, 11, 30), 216), (date(2025, 3, 1), 209), (date(2025, 7, 1), 69)]
)
def test_it_has_as_many_communes_as_there_were(checked: CheckedPack, day: date, count: int) -> None:
    assert len(communes_on(checked, day)) == count


def test_every_commune_of_2025_is_made_of_earlier_ones_or_was_there(checked: CheckedPack) -> None:
    lineage, before = checked.pack.descent, date(2024, 12, 31)
    today = communes_on(checked, date(2025, 7, 1))
    made_of = {unit.id: lineage.ancestors(unit.id, before) for unit in today}
    unchanged = [unit.id for unit in today if not made_of[unit.id]]
    assert unchanged == ["xa-son-kim-1-202411", "xa-son-kim-2-202411"]
    whole = sum(one.share for parts in made_of.values() for one in parts)
    assert whole + len(unchanged) == pytest.approx(216)


def test_no_id_is_an_official_code_and_every_code_of_2025_was_another_units_before(
    checked: CheckedPack,
) -> None:
    today = communes_on(checked, date(2025, 7, 1))
    codes = {unit.code for unit in communes_on(checked, date(2025, 3, 1))}
    assert len({unit.code for unit in today}) == 69
    assert all(unit.code in codes and unit.id != unit.code for unit in today)


def test_the_thirty_targets_are_criteria_of_the_province(checked: CheckedPack) -> None:
    criteria = checked.pack.scheme_of(BlockId("ha-tinh-2021-2025/province")).criteria()
    assert {one.criterion.partition("-")[0] for one in criteria} == {f"t{n:02d}" for n in range(1, 31)}


def test_every_table_has_a_hundred_points(checked: CheckedPack) -> None:
    for scheme in checked.pack.schemes:
        assert (scheme.scale, sum(group.weight for group in scheme.root.members)) == (100, 100)


def test_every_name_says_that_it_is_simulated(checked: CheckedPack) -> None:
    assert checked.pack.campaign.simulated
    assert all(unit.name.endswith(MARK) for unit in checked.pack.units)
    assert MARK in checked.pack.campaign.title.vi
    assert all(MARK in role.title.vi for role in checked.pack.council)


def test_the_map_has_every_commune_of_2025_under_its_unit(checked: CheckedPack) -> None:
    features = json.loads((FOLDER / "map.geojson").read_text(encoding="utf-8"))["features"]
    units = {unit.id: unit for unit in communes_on(checked, date(2025, 7, 1))}
    assert {feature["id"] for feature in features} == units.keys()
    for feature in features:
        assert feature["properties"]["code"] == units[feature["id"]].code
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_units_edges_and_map_are_what_the_published_lists_give_and_the_misspelling_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    build = runpy.run_path(str(FOLDER / "build" / "units.py"))
    rows, joined = build["build"]()
    edges = [edge for one in joined for edge in one.edges]
    for file, text in (
        ("units.csv", "".join(build["units_csv"](rows))),
        ("lineage.csv", "".join(csv_lines(edges))),
        ("map.geojson", build["map_geojson"](rows)),
    ):
        assert (FOLDER / file).read_text(encoding="utf-8") == text, (
            f"run {FOLDER / 'build' / 'units.py'} again"
        )
    told = capsys.readouterr().err
    assert "'Xã Cổ Đạm'; it was taken for 'Xã Cỗ Đạm'" in told
    assert "'xa-ky-loi-202411' is split into 3: its shares are to be checked" in told


# --- the simulation -----------------------------------------------------------------------------------------------------------


class Played:
    """The history, folded block by block, with what lineage carries over, as the worker would come to it."""

    def __init__(self, checked: CheckedPack, months: int) -> None:
        plan = load_feed_plan(FOLDER, checked.pack).model_copy(update={"history_months": months})
        departments = [one for one in checked.principals if one.role == "department"]
        office = next(one for one in checked.principals if one.role == "office")
        self._checked = checked
        self.events = FeedEvents(checked.pack, plan, departments, office)
        self._states = {block: BlockState.new(block) for block in checked.pack.block_by_id}
        self._places = 0
        self.reports: list[Report] = []
        self.evaluations: list[Evaluation] = []
        self.flags: list[Flag] = []
        for block in self._states:
            self._put(block, activation(checked.compiled, block, NOW))
        for block, event in self._history():
            self._put(block, event)

    def _history(self) -> Iterator[tuple[BlockId, AnyEvent]]:
        for index, month in enumerate(self.events.finished_months(NOW)):
            for _, report in self.events.reports_of(month, first=index == 0):
                self.reports.append(report)
                day = parse_period(report.data.period).last
                block = self._checked.pack.block_of(str(report.subject), day)
                assert block is not None
                yield block, report
            for due in self.events.evaluations_of(month, NOW):
                yield BlockId(str(due.subject)), due

    def _put(self, block: BlockId, event: AnyEvent) -> None:
        event.receivedtime, event.origin = NOW, "department"
        self._places += 1
        packs = {self._checked.compiled.hash: self._checked.pack}.get
        outcome = apply(self._states[block], event, Place(0, self._places, 0), packs)
        if outcome.evaluation is not None:
            self.evaluations.append(outcome.evaluation)
        self.flags.extend(outcome.flags)
        for carry in outcome.carried:
            self._put(carry.block, carry.event)

    def of(self, block: str, period: str) -> Evaluation:
        return next(
            one
            for one in self.evaluations
            if (one.block, one.period) == (f"ha-tinh-2021-2025/{block}", period)
        )

    def open_flags(self, kind: str, block: str) -> set[str]:
        newest = {flag.id: flag for flag in self.flags}
        wanted = (kind, f"ha-tinh-2021-2025/{block}", "proposed")
        return {flag.unit for flag in newest.values() if (flag.kind, flag.block, flag.state) == wanted}


@pytest.fixture(scope="module")
def played(checked: CheckedPack) -> Played:
    """From June 2025: the last month of the old communes, and six of the new."""
    return Played(checked, months=7)


def test_the_feed_waits_where_units_are_merged_until_their_figures_are_carried_over(played: Played) -> None:
    assert [
        month
        for month in ("2025-05", "2025-06", "2025-07")
        if played.events.changes_units(parse_period(month))
    ] == ["2025-06"]


def test_every_report_evaluation_and_flag_is_marked_as_simulated(played: Played) -> None:
    assert played.reports and played.evaluations and played.flags
    assert all(report.data.simulated for report in played.reports)
    assert all(evaluation.simulated for evaluation in played.evaluations)
    assert all(flag.simulated for flag in played.flags)


def test_the_first_month_of_the_new_communes_is_compared_with_what_was_carried_over(played: Played) -> None:
    july = played.of("communes", "2025-07")
    assert len(july.units) == 60
    assert july.baseline is not None
    assert (july.baseline.period, july.baseline.carried_over) == ("2025-06", True)
    assert sum(unit.delta is not None for unit in july.units) >= 50


def test_titles_of_the_old_communes_are_inherited_until_they_are_confirmed(played: Played) -> None:
    def states(period: str) -> set[str]:
        return {one.state for unit in played.of("wards", period).units for one in unit.criteria}

    assert "inherited" in states("2025-07")
    assert "inherited" not in states("2025-12")


def test_nobody_is_flagged_while_the_new_units_are_in_transition(
    checked: CheckedPack, played: Played
) -> None:
    plan = plan_of(
        checked.compiled.hash, {checked.compiled.hash: checked.pack}.get, BlockId("ha-tinh-2021-2025/wards")
    )
    of_today = {unit.id for unit in plan.units_on(date(2025, 7, 1))}
    early = [flag for flag in played.flags if flag.unit in of_today and flag.since < "2025-09"]
    assert all(plan.in_transition(unit, date(2025, 9, 30)) for unit in of_today)
    assert not early


@pytest.mark.parametrize("block", ["communes", "wards", "departments"])
def test_one_leader_and_one_underperformer_of_each_block_are_flagged(played: Played, block: str) -> None:
    assert len(played.open_flags("leader", block)) == 1
    assert len(played.open_flags("underperformer", block)) == 1


def test_units_that_fall_silent_are_flagged_and_not_ranked(played: Played) -> None:
    silent = played.open_flags("silent", "communes")
    assert len(silent) == 2
    december = {unit.unit: unit for unit in played.of("communes", "2025-12").units}
    assert all(december[unit].rank is None for unit in silent)


def test_some_reports_come_late_and_some_are_corrected(played: Played) -> None:
    of_july = [report for report in played.reports if report.data.period == "2025-07"]
    late = [report for report in of_july if report.time > datetime(2025, 8, 20, tzinfo=UTC)]
    corrected = [report for report in of_july if report.data.revision == 1]
    assert 0.03 < len(late) / len(of_july) < 0.12
    assert 0.01 < len(corrected) / len(of_july) < 0.06
