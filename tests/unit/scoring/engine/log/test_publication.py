"""Publication: a published edition stands; the next one is signed, and says what it corrects."""

import msgspec
import pytest

from services.contracts.events import AnyEvent
from services.contracts.ids import EvaluationId
from services.contracts.results import Correction
from tests.unit.scoring.engine.acts import published, signed
from tests.unit.scoring.engine.events import Log, due, pack, report

FEB, MARCH = "2025-02-10", "2025-03-10"


def evaluation(log: Log, edition: int, as_of: str = FEB) -> EvaluationId:
    made = log.evaluate("2025-01", as_of, edition).evaluation
    assert made is not None
    return made.id


@pytest.fixture
def log() -> Log:
    return Log(pack()).activate().add(report("u1", "i", "2025-01", 10.0))


def refusals(log: Log, *events: AnyEvent) -> list[str]:
    before = len(log.refused)
    log.add(*events)
    return [refusal.reason for refusal in log.refused[before:]]


def test_before_the_first_publication_editions_are_tried_out_freely(log: Log) -> None:
    tried = [evaluation(log, edition) for edition in (1, 3, 2)]
    assert refusals(log, published(tried[1])) == []
    assert log.state.published == {"2025-01": tried[1]}


@pytest.mark.parametrize("edition", [1, 2, 4])
def test_a_published_edition_and_those_below_it_are_frozen_and_none_is_left_out(
    log: Log, edition: int
) -> None:
    first = evaluation(log, 2)
    log.add(published(first))
    assert refusals(log, signed("2025-01", MARCH, edition)) == ["edition-frozen"]
    assert log.state.published == {"2025-01": first}


@pytest.mark.parametrize(("reason", "principal"), [(None, "office-1"), ("a file was lost", None)])
def test_a_correction_that_nobody_signs_is_refused(
    log: Log, reason: str | None, principal: str | None
) -> None:
    log.add(published(evaluation(log, 1)))
    assert refusals(log, signed("2025-01", MARCH, 2, reason, principal)) == ["correction-unsigned"]


def test_a_signed_correction_says_what_it_corrects_and_why(log: Log) -> None:
    first = evaluation(log, 1)
    log.add(published(first), signed("2025-01", MARCH, 2))
    second = log.outcomes[-1].evaluation
    assert second is not None
    assert second.correction == Correction(first, 1, "office-1", "a file was lost")
    assert (
        refusals(log, published(second.id), signed("2025-01", MARCH, 2), signed("2025-01", "2025-04-10", 3))
        == []
    )
    third = log.outcomes[-1].evaluation
    assert third is not None and third.correction is not msgspec.UNSET
    assert third.correction.evaluation == second.id


def test_an_evaluation_that_was_made_before_may_be_asked_for_again_without_effect(log: Log) -> None:
    log.add(published(evaluation(log, 1)))
    assert refusals(log, due("2025-01", FEB, 1)) == []
    assert log.outcomes[-1].evaluation is None


def test_a_draft_from_before_the_publication_cannot_replace_it(log: Log) -> None:
    first, draft = evaluation(log, 1), evaluation(log, 2)
    log.add(published(first))
    assert refusals(log, published(draft)) == ["edition-frozen"]
    assert log.state.published == {"2025-01": first}


def test_an_older_edition_cannot_be_published_after_a_newer_one(log: Log) -> None:
    first = evaluation(log, 1)
    log.add(published(first), signed("2025-01", MARCH, 2))
    second = log.outcomes[-1].evaluation
    assert second is not None
    assert refusals(log, published(second.id), published(first, id="again")) == ["edition-frozen"]
    assert log.state.published == {"2025-01": second.id}


def test_what_was_never_made_cannot_be_published(log: Log) -> None:
    assert refusals(log, published(EvaluationId("0" * 32))) == ["unknown-evaluation"]


def test_other_periods_are_not_frozen(log: Log) -> None:
    log.add(published(evaluation(log, 1)))
    assert refusals(log, due("2025-02", MARCH, 1)) == []
