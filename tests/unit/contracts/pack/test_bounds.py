"""What lies beyond what can be computed, or says a thing twice, is told by its line."""

from pathlib import Path

import pytest

from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

BEYOND = [
    pytest.param(
        "campaign.yaml",
        "span: 2025/2026",
        "span: 0001/2026",
        "campaign.yaml:3: 0001/2026 lies outside the years 2 to 9998; write years of our time instead",
        id="a span that begins with the calendar",
    ),
    pytest.param(
        "campaign.yaml",
        "span: 2025/2026",
        "span: 2025/9999",
        "campaign.yaml:3: 2025/9999 lies outside the years 2 to 9998; write years of our time instead",
        id="a span that ends with the calendar",
    ),
    pytest.param(
        "campaign.yaml",
        "span: 2025/2026\nlive_cadence: month",
        "span: 2025-01\nlive_cadence: year",
        "campaign.yaml:4: no year lies inside the span 2025-01; write a shorter cadence, or a longer span instead",
        id="a live cadence longer than the campaign",
    ),
    pytest.param(
        "campaign.yaml",
        "live_cadence: month",
        "live_cadence: nine_months",
        "campaign.yaml:4: a live ranking cannot be of 'nine_months'; "
        "write one of day, week, month, quarter, half, year instead",
        id="a live cadence that leaves a gap",
    ),
    pytest.param(
        "campaign.yaml",
        "title: {vi: Thử, en: Test}",
        "title: &own {vi: Thử, en: *own}",
        "campaign.yaml:1: the text is nested without end, as a part that refers to itself is; write it out instead",
        id="a text that holds itself",
    ),
    pytest.param(
        "indicators.yaml",
        "measure: ratio",
        "measure: ratio\n  due_lag_days: 1000000000",
        "indicators.yaml:5: 'due_lag_days' cannot be 1000000000; write a number of at most 3660 instead",
        id="a due day after the end of the calendar",
    ),
    pytest.param(
        "indicators.yaml",
        "measure: ratio",
        "measure: ratio\n  origins: []",
        "indicators.yaml:5: nobody may report it; write at least one of automatic, department, self instead",
        id="an indicator that nobody may report",
    ),
    pytest.param(
        "indicators.yaml",
        "measure: ratio",
        "measure: ratio\n  origins: [self, self]",
        "indicators.yaml:5: 'self' stands there twice; write it once instead",
        id="an origin twice",
    ),
    pytest.param(
        "schemes.yaml",
        "weight: 2",
        "weight: 1.0e+300",
        "schemes.yaml:9: 'weight' cannot be 1e+300; write a number of at most 1000000 instead",
        id="a weight beside which the others vanish",
    ),
    pytest.param(
        "schemes.yaml",
        "weight: 2",
        'weight: "inf"',
        "schemes.yaml:9: 'weight' cannot be 'inf'; write a number instead",
        id="an infinite weight",
    ),
    pytest.param(
        "schemes.yaml",
        "weight: 2",
        "weight: true",
        "schemes.yaml:9: 'weight' cannot be true; write a number instead",
        id="yes for a number",
    ),
    pytest.param(
        "schemes.yaml",
        "target: 1}",
        "target: 1, cap: true}",
        "schemes.yaml:17: 'cap' cannot be true; write a number instead",
        id="yes for a number of a method",
    ),
    pytest.param(
        "campaign.yaml",
        "vi: Thử",
        'vi: "  "',
        "campaign.yaml:2: 'vi' is empty; write a text instead",
        id="a title of spaces",
    ),
    pytest.param(
        "schemes.yaml",
        "low: 0, high: 1",
        "low: 0, high: 1.0e+300",
        "schemes.yaml:10: high is beyond 1e+18, which no campaign reaches; write a smaller one instead",
        id="a goalpost that no figure reaches",
    ),
    pytest.param(
        "schemes.yaml",
        "- id: points",
        "- id: points\n  scale: 0.4\n  decimals: 0",
        "schemes.yaml:2: a scale of 0.4 rounded to 0 decimals has no score but 0; "
        "write a greater scale, or more decimals instead",
        id="a scale that rounds to nothing",
    ),
    pytest.param(
        "blocks.yaml",
        "  scheme: points",
        "  scheme: points\n  tie_breaks: [{period: 2030-01, units: [a, b], reason: x}]",
        "blocks.yaml:4: 2030-01 lies outside the campaign's span 2025/2026; write a period of 2025/2026 instead",
        id="a tie of another campaign",
    ),
    pytest.param(
        "blocks.yaml",
        "  scheme: points",
        "  scheme: points\n  tie_breaks:\n"
        "    - {period: 2025-01, units: [a, b], reason: x}\n    - {period: 2025-01, units: [b, a], reason: y}",
        "blocks.yaml:6: units of 2025-01 are decided about twice; write one list for them instead",
        id="a tie decided both ways",
    ),
    pytest.param(
        "units.csv",
        "Xã A",
        "Xã\x07A",
        "units.csv:2: the row holds a control character; write plain text instead",
        id="a name that rings a bell",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "problem"), BEYOND)
def test_it_is_told(spoil: Spoil, file: str, old: str, new: str, problem: str) -> None:
    assert problem in said(spoil(file, old, new))


def said(folder: Path) -> list[str]:
    with pytest.raises(BadPack) as caught:
        load_pack(folder)
    return [str(fault) for fault in caught.value.problems]
