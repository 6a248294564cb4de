"""The published figures of Decision 766 come out of their reports, and what was wrong with the feed is told."""

import pytest

from services.cli.comparison import read_published, scores_in
from services.cli.computed_scores import computed_evaluations
from services.cli.doors import planned_sender
from services.cli.figures import read_figures
from services.cli.pack_folder import named_folder, read_pack
from services.cli.parts import PublishedPart, compare_parts, read_parts
from services.cli.recorded import recorded_periods
from services.cli.verification import Verification, as_text
from services.cli.verify import Answers, verified
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.model import Pack
from services.contracts.results import Evaluation

FOLDER = named_folder("index-766")
NOT_READ = [("2026-10-07", unit) for unit in ("H19", "H20", "H21", "H24")]


@pytest.fixture(scope="module")
def evaluations() -> list[Evaluation]:
    checked = read_pack(FOLDER)
    return computed_evaluations(FOLDER, checked, planned_sender(checked, "department"))


@pytest.fixture(scope="module")
def outcome(evaluations: list[Evaluation]) -> Verification:
    answers = Answers(read_published(FOLDER), read_parts(FOLDER), read_pack(FOLDER).pack)
    return verified(answers, scores_in(evaluations), evaluations)


def test_all_totals_and_ranks_that_were_read_are_reproduced(outcome: Verification) -> None:
    table = outcome.table
    assert outcome.agrees
    assert (table.values_equal, table.values, table.ranks_equal, table.ranks) == (166, 166, 166, 166)
    assert table.unread == NOT_READ


def test_all_metrics_and_groups_are_reproduced_and_0_over_0_is_counted_apart(outcome: Verification) -> None:
    assert [(stage.stage, stage.equal, stage.compared) for stage in outcome.stages] == [
        ("criteria", 126, 126),
        ("zero_over_zero", 9, 9),
        ("groups", 45, 45),
        ("totals", 9, 9),
    ]


def test_the_frozen_feed_of_7_october_and_the_jump_of_8_october_are_seen(outcome: Verification) -> None:
    seen = [(one.block, one.period, one.notice.kind, one.notice.group) for one in outcome.notices]
    assert seen == [
        ("index-766/provinces", "2026-10-07", "frozen", None),
        ("index-766/provinces", "2026-10-08", "jump", "transparency"),
    ]
    said = as_text("index-766", outcome)
    assert "2026-10-07 repeats 2026-10-06: 100% of the figures reported again, all of 30 of 30 units" in said
    assert "by up to +8.00 points, 1 of 34 units (H32)" in said


def test_rows_that_were_not_read_are_no_reports() -> None:
    reported = {(figure.data.period, figure.unit) for figure in read_figures(FOLDER / "reports.csv")}
    assert not reported & set(NOT_READ)


def test_no_answer_is_ever_sent() -> None:
    """Of the provinces only the groups, of Đắk Lắk's metrics only numerators and denominators, and the one group without metrics."""
    values = {f.data.indicator for f in read_figures(FOLDER / "reports.csv") if f.data.value is not None}
    assert values == {"CKMB", "TDGQ", "CLGQ", "MDSH", "MDHL", "TTTT", "ONLINE_SERVICE"}


def test_a_day_is_evaluated_only_in_the_blocks_that_reported(evaluations: list[Evaluation]) -> None:
    periods = recorded_periods(FOLDER, read_pack(FOLDER).pack, "/index-766/dvcqg/r", "/index-766/office/r", 1)
    asked = {period.period.text: [str(due.subject) for due in period.evaluations] for period in periods}
    assert asked["2026-09-17"] == ["index-766/dak-lak"]
    assert asked["2026-10-08"] == ["index-766/provinces", "index-766/dak-lak"]
    assert asked["2026-10-09"] == ["index-766/provinces"]


def test_no_province_is_flagged() -> None:
    pack = read_pack(FOLDER).pack
    assert all((block.flags.leader, block.flags.underperformer) == (None, None) for block in pack.blocks)


def test_without_the_word_full_nothing_of_nothing_earns_nothing() -> None:
    checked = read_pack(FOLDER)
    body = checked.compiled.body.replace(b'"zero_over_zero":"full"', b'"zero_over_zero":"zero"')
    pack = Pack.model_validate_json(body)
    strict = checked._replace(pack=pack, compiled=compile_pack(pack))
    made = computed_evaluations(FOLDER, strict, planned_sender(strict, "department"))
    stages = {stage.stage: stage for stage in compare_parts(read_parts(FOLDER), made, pack)}
    assert (stages["zero_over_zero"].equal, stages["criteria"].equal) == (0, 126)
    assert stages["zero_over_zero"].worst_error == 2.0


def test_a_part_that_nobody_computed_is_a_disagreement(evaluations: list[Evaluation]) -> None:
    published = [
        PublishedPart("2026-10-07", "H15-metrics", "transparency", "11.9"),
        PublishedPart("2027-01-01", "x", "progress", "1.5"),
    ]
    (stage,) = compare_parts(published, evaluations, read_pack(FOLDER).pack)
    assert (stage.stage, stage.equal, stage.compared) == ("groups", 1, 2)
    assert [tuple(difference) for difference in stage.differences] == [
        ("2027-01-01", "x progress", "1.5", "none")
    ]
