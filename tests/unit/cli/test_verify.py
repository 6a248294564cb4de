"""A comparison agrees only when every published value and rank came out, in every period."""

from pathlib import Path

import pytest

from services.cli.comparison import Comparison, Published, Score, compare, read_published, scores_in
from services.cli.computed_scores import computed_evaluations
from services.cli.doors import planned_sender
from services.cli.failures import CalledWrongly
from services.cli.pack_folder import named_folder, read_pack
from services.cli.verification import Verification, as_text
from services.cli.verify import when_caught_up

PUBLISHED = [
    Published("2021", "a", "0.500", None),
    Published("2022", "a", "0.510", 1),
    Published("2022", "b", "0.4", 2),
    Published("2022", "c", None, None),
    Published("2021", "c", None, None),
]
SCORES = [
    Score("2021", "a", 0.5, 1),
    Score("2021", "c", 0.3, 2),
    Score("2022", "a", 0.51, 1),
    Score("2022", "b", 0.4, 2),
    Score("2022", "c", None, None),
]
YEARS = ["2021", "2022"]


def with_score(new: Score) -> Comparison:
    return compare(
        PUBLISHED, [new if (s.period, s.unit) == (new.period, new.unit) else s for s in SCORES], YEARS
    )


def test_equal_tables_agree() -> None:
    outcome = compare(PUBLISHED, SCORES, YEARS)
    assert outcome.agrees
    assert (outcome.values_equal, outcome.ranks_equal) == (3, 2)
    assert outcome.unpublished == [("2021", "c")]
    assert outcome.unranked == [("2022", "c")]


def test_one_wrong_value_is_a_disagreement() -> None:
    outcome = with_score(Score("2022", "b", 0.401, 2))
    assert not outcome.agrees
    assert [tuple(d) for d in outcome.differences] == [("2022", "b", "0.400", "0.401")]


def test_one_wrong_rank_is_a_disagreement() -> None:
    outcome = with_score(Score("2022", "b", 0.4, 3))
    assert not outcome.agrees
    assert [tuple(d) for d in outcome.differences] == [("2022", "b", "rank 2", "rank 3")]


def test_a_period_without_an_evaluation_is_a_disagreement() -> None:
    outcome = compare(PUBLISHED, [score for score in SCORES if score.period == "2022"], YEARS)
    assert not outcome.agrees
    assert outcome.missing_periods == ["2021"]
    assert "no evaluation of 2021" in as_text("test", Verification(outcome, [], []))


def test_a_score_that_nobody_published_is_a_disagreement() -> None:
    assert compare(PUBLISHED, [*SCORES, Score("2021", "d", 0.2, 3)], YEARS).unexpected == [("2021", "d")]


def test_an_unranked_unit_that_is_not_named_is_a_disagreement() -> None:
    assert compare(PUBLISHED, [*SCORES, Score("2022", "d", None, None)], YEARS).unexpected == [("2022", "d")]


def test_another_period_is_listed_and_is_no_disagreement() -> None:
    outcome = compare(PUBLISHED, [*SCORES, Score("2022-06", "a", 0.1, 1)], YEARS)
    assert outcome.agrees
    assert outcome.other_periods == ["2022-06"]
    assert "nothing was published of it: 2022-06" in as_text("test", Verification(outcome, [], []))


def test_a_campaign_without_a_published_table_is_told_so() -> None:
    with pytest.raises(CalledWrongly, match="has no published table"):
        read_published(named_folder("sample"))


def test_it_waits_until_the_store_has_caught_up() -> None:
    looks = iter([SCORES[:1], SCORES[:3], SCORES])
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    assert when_caught_up(lambda: compare(PUBLISHED, next(looks), YEARS), 10, lambda: now[0], sleep).agrees


def test_it_gives_up_when_the_time_is_over() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    outcome = when_caught_up(lambda: compare(PUBLISHED, [], YEARS), 3, lambda: now[0], sleep)
    assert not outcome.agrees
    assert now[0] == 3


def test_the_recorded_reports_of_hdi_give_what_was_published() -> None:
    folder = named_folder("hdi")
    checked = read_pack(folder)
    scores = scores_in(computed_evaluations(folder, checked, planned_sender(checked, "department")))
    outcome = compare(read_published(Path(folder)), scores, [str(year) for year in range(1990, 2023)])
    assert outcome.agrees
    assert (outcome.values_equal, outcome.values, outcome.ranks_equal, outcome.ranks) == (
        5_808,
        5_808,
        193,
        193,
    )
    assert outcome.unpublished == [(str(year), "RWA") for year in range(1990, 1995)]
    assert outcome.unranked == [("2022", "MCO"), ("2022", "PRK")]
