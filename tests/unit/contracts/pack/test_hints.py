"""What is no fault but looks like a slip is hinted at, by its line; a right pack has no hints."""

from pathlib import Path

import pytest

from services.contracts.pack.load import load_pack, pack_hints
from tests.unit.contracts.pack.conftest import Spoil

POINTS = """\
      - criterion: online
        indicator: online
        weight: 2
        scoring: {method: goalposts, low: 0, high: 1}
"""

SLIPS = [
    pytest.param(
        "schemes.yaml",
        "scoring: {method: goalposts, low: 0, high: 1}",
        "scoring: {method: target_ratio, target: 80}",
        "schemes.yaml:10: 'online' is a share, and target asks for 8000 %; write 0.8, if 80 % is meant, instead",
        id="a percentage for a share",
    ),
    pytest.param(
        "schemes.yaml",
        POINTS,
        POINTS.replace("weight: 2", "weight: 94"),
        "schemes.yaml:6: the weights in 'all' add up to 95 and are taken as shares of that; "
        "write weights that add up to 100, if that is meant, instead",
        id="points that do not add up to the scale",
    ),
    pytest.param(
        "blocks.yaml",
        "leader: {enter: 0.1, leave: 0.2, k: 2, n: 3}",
        "leader: {enter: 0.4, leave: 0.5, k: 2, n: 3}",
        "blocks.yaml:5: 0.4 of 2 units is less than one, so none is ever flagged; write enter: 0.5 or more instead",
        id="a flag that no unit can have",
    ),
    pytest.param(
        "indicators.yaml",
        "- id: online\n",
        '- {id: spare, title: {vi: Thừa, en: Spare}, unit_of_measure: "%", measure: ratio, cadence: month}\n- id: online\n',
        "indicators.yaml:1: nothing uses 'spare'; write a criterion of it, or leave it out, instead",
        id="an indicator that nothing uses",
    ),
    pytest.param(
        "campaign.yaml",
        "span: 2025/2026",
        "span: 2025-01",
        "indicators.yaml:10: no quarter of 'solid' ends inside 2025-01, so an older figure stands in; "
        "write a shorter cadence, if new figures are to count, instead",
        id="a quarterly figure in a campaign of a month",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B",
        "b,xã a",
        "units.csv:3: 'xã a' stands in line 2 as well; write names that differ instead",
        id="two units of one name",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B,commune,communes,,",
        "b,Xã B,commune,communes,2027-01-01,",
        "units.csv:3: 'b' is there on no day of the campaign, 2025/2026; write days that lie in it instead",
        id="a unit that comes after the end",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B,commune,communes,,\n",
        "",
        "blocks.yaml:1: 'communes' has one unit, first of one; write units that it competes with instead",
        id="a block of one",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "hint"), SLIPS)
def test_a_slip_is_hinted_at_and_is_no_fault(spoil: Spoil, file: str, old: str, new: str, hint: str) -> None:
    folder = spoil(file, old, new)
    load_pack(folder)
    assert hint in [str(one) for one in pack_hints(folder)]


def test_a_pack_without_slips_has_no_hints(spoil: Spoil) -> None:
    folder: Path = spoil("blocks.yaml", "enter: 0.1, leave: 0.2", "enter: 0.5, leave: 0.5")
    assert pack_hints(folder) == ()


@pytest.mark.parametrize("weights", [(1, 1), (60, 40), (0.6, 0.4), (3, 2), (2, 1)])
def test_weights_that_are_plain_shares_are_no_slip(spoil: Spoil, weights: tuple[float, float]) -> None:
    first, second = weights
    spoil("schemes.yaml", "weight: 2", f"weight: {first}")
    folder = spoil(
        "schemes.yaml",
        "title: {vi: An toàn, en: Safety}",
        f"title: {{vi: A, en: S}}\n        weight: {second}",
    )
    assert [hint for hint in pack_hints(folder) if hint.file == "schemes.yaml"] == []
