"""Asking for an evaluation: the same question is the same event, and a question that cannot be right never leaves."""

from datetime import UTC, datetime

import pytest

from services.cli.evaluate import evaluation_request
from services.cli.failures import CalledWrongly
from services.contracts.events import encode_event
from services.contracts.ids import BlockId

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_asking_twice_is_one_event() -> None:
    asked = [evaluation_request(BlockId("hdi/world"), "2022", NOON, 2, "office") for _ in range(2)]
    assert encode_event(asked[0]) == encode_event(asked[1])
    assert asked[0].source == "/hdi/office/evaluate"


def test_a_correction_carries_its_reason() -> None:
    event = evaluation_request(BlockId("hdi/world"), "2022", NOON, 3, "office", "A file was lost")
    assert (event.data.edition, event.data.reason) == (3, "A file was lost")


@pytest.mark.parametrize("block", ["hdi", "hdi/", "/world", "hdi/world/x"])
def test_what_is_no_block_id_is_told(block: str) -> None:
    with pytest.raises(CalledWrongly, match="is no block id"):
        evaluation_request(BlockId(block), "2022", NOON, 1, "office")


def test_what_is_no_period_is_told() -> None:
    with pytest.raises(CalledWrongly, match="'last year' is not a period"):
        evaluation_request(BlockId("hdi/world"), "last year", NOON, 1, "office")
