"""What changed between two packs, in words, and whether scores can change."""

from typing import Any

from services.contracts.ids import BlockId
from services.contracts.pack.diff import Change, diff
from tests.unit.contracts.pack.two_blocks import OTHER_WORDS, two_blocks

COMMUNES, OFFICES = BlockId("c/communes"), BlockId("c/offices")


def changed(**changes: Any) -> tuple[list[Change], dict[BlockId, bool]]:
    found = diff(two_blocks(), two_blocks(**changes))
    return found.changes, found.scores


def test_equal_packs_have_no_change() -> None:
    assert changed() == ([], {COMMUNES: False, OFFICES: False})


def test_another_target_is_told_with_both_figures_and_changes_its_blocks_scores_only() -> None:
    changes, scores = changed(**{"schemes.0.root.members.0.scoring": {"method": "target_ratio", "target": 3}})
    assert changes == [Change("targets", "scheme s, criterion water", "scoring.target: 2 -> 3")]
    assert scores == {COMMUNES: True, OFFICES: False}


def test_another_method_is_told_as_a_whole() -> None:
    changes, _ = changed(**{"schemes.0.root.members.0.scoring": {"method": "min_max"}})
    assert [change.text for change in changes] == [
        "scoring.method: target_ratio -> min_max",
        "scoring.target: 2 -> none",
        "scoring.cap: 1 -> none",
    ]


def test_weights_are_told_as_shares_of_the_whole() -> None:
    member = {"indicator": "people", "scoring": {"method": "min_max"}}
    own = {"criterion": "water", "indicator": "water", "weight": 1, "scoring": {"method": "min_max"}}
    pair = [own, member | {"criterion": "people", "weight": 1}]
    old = two_blocks(**{"schemes.0.root.members": pair})
    new = two_blocks(**{"schemes.0.root.members": [own | {"weight": 3}, pair[1]]})
    assert [change.text for change in diff(old, new).changes] == [
        "criterion water: 50 % of the whole -> 75 % of the whole",
        "criterion people: 50 % of the whole -> 25 % of the whole",
    ]
    fewer = diff(old, two_blocks(**{"schemes.0.root.members": [own]})).changes
    assert [(change.subject, change.text) for change in fewer] == [
        ("criteria", "criterion people is gone, was 50 % of the whole"),
        ("weights", "criterion water: 50 % of the whole -> 100 % of the whole"),
    ]


def test_words_come_last_and_change_no_score() -> None:
    changes, scores = changed(
        **{
            "schemes.0.root.title": OTHER_WORDS,
            "units.0.name": "Xã A",
            "indicators.0.direction": "lower",
        }
    )
    assert [(change.subject, change.where) for change in changes] == [
        ("rules", "indicator water"),
        ("words", "unit a"),
        ("words", "scheme s, group all"),
        ("words", "scheme s, group all"),
    ]
    assert changes[1].text == "name: A -> Xã A"
    assert scores == {COMMUNES: True, OFFICES: False}
    assert changed(**{"schemes.0.root.title": OTHER_WORDS})[1] == {COMMUNES: False, OFFICES: False}


def test_units_that_come_go_and_move_are_told_first() -> None:
    row = {"id": "a", "name": "A", "kind": "xã", "block": "offices"}
    new = {"id": "n", "name": "N", "kind": "xã", "block": "communes", "valid_from": "2025-07-01"}
    changes, scores = changed(units=[row, new])
    assert [change.text for change in changes] == [
        "was in communes, is in offices",
        "is gone, was in offices",
        "is new, in communes from 2025-07-01",
    ]
    assert scores == {COMMUNES: True, OFFICES: True}


def test_a_block_that_is_new_or_gone_changes_scores() -> None:
    found = diff(
        two_blocks(),
        two_blocks(
            blocks=[
                {"id": "communes", "title": OTHER_WORDS, "scheme": "s"},
                {"id": "b", "title": OTHER_WORDS, "scheme": "t"},
            ]
        ),
    )
    assert [(change.where, change.text) for change in found.changes if change.subject == "blocks"] == [
        ("block offices", "is gone"),
        ("block b", "is new"),
    ]
    assert found.scores == {COMMUNES: False, OFFICES: True, BlockId("c/b"): True}


def test_extras_are_told_in_points() -> None:
    extra = {
        "criterion": "more",
        "indicator": "people",
        "weight": 5,
        "scoring": {"method": "bonus", "each": 1},
    }
    (change,) = diff(two_blocks(), two_blocks(**{"schemes.0.extras": [extra]})).changes
    assert change == Change("criteria", "scheme s", "extra more is new, 5 points")
