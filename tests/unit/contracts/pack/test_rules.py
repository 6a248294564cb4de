"""What decides a block's scores, told apart from words and from other blocks."""

from typing import Any

import pytest

from services.contracts.ids import BlockId
from services.contracts.pack.rules import rules_hash, rules_of
from tests.unit.contracts.pack.two_blocks import OTHER_WORDS, two_blocks

BLOCK = BlockId("c/communes")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("campaign.title", OTHER_WORDS),
        ("campaign.live_cadence", "week"),
        ("schemes.0.root.title", OTHER_WORDS),
        ("schemes.0.root.short", OTHER_WORDS),
        ("schemes.0.root.members.0.title", OTHER_WORDS),
        ("schemes.0.uncertainty", {"draws": 900}),
        ("schemes.1.scale", 10.0),
        ("indicators.0.title", OTHER_WORDS),
        ("indicators.0.unit_of_measure", "m³"),
        ("indicators.2.direction", "lower"),
        ("blocks.0.flags", {"leader": {"enter": 0.1, "leave": 0.2, "k": 1, "n": 2}}),
        ("units.0.name", "Xã A"),
        ("units.1.peers", "coast"),
    ],
)
def test_words_and_other_blocks_are_no_rule(path: str, value: Any) -> None:
    assert rules_hash(two_blocks(**{path: value}), BLOCK) == rules_hash(two_blocks(), BLOCK)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("campaign.span", "2025/2026"),
        ("campaign.zone", "UTC"),
        ("schemes.0.scale", 10.0),
        ("schemes.0.root.members.0.weight", 2.0),
        ("schemes.0.root.members.0.scoring", {"method": "target_ratio", "target": 3}),
        ("schemes.0.root.members.0.missing", "exclude"),
        ("indicators.0.direction", "lower"),
        ("indicators.1.stale_after", 2),
        ("units.0.peers", "coast"),
    ],
)
def test_whatever_decides_a_score_is_a_rule(path: str, value: Any) -> None:
    assert rules_hash(two_blocks(**{path: value}), BLOCK) != rules_hash(two_blocks(), BLOCK)


def test_the_indicators_are_those_that_count_in_the_block() -> None:
    assert set(rules_of(two_blocks(), BLOCK)["indicators"]) == {"water", "people"}


def test_the_holidays_of_another_year_are_no_rule_and_a_cut_off_day_is() -> None:
    def of(**calendar: object) -> str:
        return rules_hash(two_blocks(**{"campaign.calendar": calendar}), BLOCK)

    assert of(holidays=["2025-01-01"]) == of(holidays=["2025-01-01", "2026-01-01"], worked=["2026-02-28"])
    assert of(cut_off_day=25) != of(cut_off_day=20)
