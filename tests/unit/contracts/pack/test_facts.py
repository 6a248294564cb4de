"""An indicator that is counted by facts: what a pack must say of it."""

import pytest

from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

FACTS = "measure: ratio\n  cadence: month"


def problems(spoil: Spoil, new: str) -> list[str]:
    with pytest.raises(BadPack) as caught:
        load_pack(spoil("indicators.yaml", FACTS, new))
    return [str(problem) for problem in caught.value.problems]


def test_facts_add_up_over_the_periods_of_a_calendar(spoil: Spoil) -> None:
    pack = load_pack(
        spoil("indicators.yaml", FACTS, "measure: facts\n  cadence: month\n  within: sum\n  no_facts: zero")
    )
    assert (pack.indicators[0].measure, pack.indicators[0].no_facts) == ("facts", "zero")


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (
            "measure: facts\n  cadence: month",
            "indicators.yaml:1: facts add up, and within is 'last'; write sum, to_date or year_to_date instead",
        ),
        (
            "measure: facts\n  within: mean\n  cadence: month",
            "indicators.yaml:5: facts add up, and within is 'mean'; write sum, to_date or year_to_date instead",
        ),
        (
            "measure: facts\n  within: sum\n  cadence: span",
            "indicators.yaml:6: facts cannot be counted by 'span'; write one of day, week, month, quarter, half, year instead",
        ),
        (
            "measure: ratio\n  no_facts: zero\n  cadence: month",
            "indicators.yaml:5: 'online' is not counted by facts; write no no_facts, or measure: facts instead",
        ),
    ],
)
def test_what_does_not_fit_facts_is_told(spoil: Spoil, new: str, problem: str) -> None:
    assert problems(spoil, new) == [problem]
