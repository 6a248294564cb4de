"""What is wrong with a kind of indicator or a missing policy is told by its line, with what to write instead."""

from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.load import load_pack
from services.contracts.pack.model import Pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

GOALPOSTS = "{method: goalposts, low: 0, high: 1}"
PASSED = "{method: target_ratio, target: 1}"

IN_SCHEMES = [
    (
        f"{GOALPOSTS}\n        change: {{against: base}}",
        "against: base and base_period go together; "
        "write both, as in {against: base, base_period: '2020'}, or neither instead",
    ),
    (
        f"{GOALPOSTS}\n        change: {{against: last_year}}",
        "'against' cannot be 'last_year'; write 'period_before', 'year_before' or 'base' instead",
    ),
    (
        f"{GOALPOSTS}\n        change: {{against: base, base_period: before}}",
        "'before' is no period; write the period of the base, as in 2020 instead",
    ),
    (
        f"{GOALPOSTS}\n        last_value_for: 2",
        "missing: zero puts no last value in; write missing: last_value instead",
    ),
    (
        f"{GOALPOSTS}\n        last_value_for: 0",
        "'last_value_for' cannot be 0; write a number of at least 1 instead",
    ),
]

IN_INDICATORS = [
    (
        "  measure: ratio",
        "  measure: ratio\n  within: to_year",
        "indicators.yaml:5: 'within' cannot be 'to_year'; "
        "write 'last', 'sum', 'mean', 'to_date', 'year_to_date' or 'mean_to_date' instead",
    ),
    (
        "  measure: ratio",
        "  measure: ratio\n  valid_from: 2025-07-01\n  valid_to: 2025-07-01",
        "indicators.yaml:1: valid_to (2025-07-01) must be after valid_from (2025-07-01); "
        "write a valid_to after 2025-07-01 instead",
    ),
    (
        "  measure: ratio",
        "  measure: ratio\n  part_of: onlin",
        "indicators.yaml:5: there is no indicator 'onlin'; write 'online' instead",
    ),
    (
        "  measure: ratio",
        "  measure: ratio\n  part_of: online",
        "indicators.yaml:5: 'online' is no part of itself; write another indicator, or no part_of instead",
    ),
    (
        "  measure: ratio",
        "  measure: ratio\n  part_of: solid",
        "indicators.yaml:5: 'online' and 'solid' are not measured alike; "
        "write an indicator with the same measure (value or ratio) and cadence instead",
    ),
]

AGAIN = """\
- id: online
  title: {vi: Trực tuyến, en: Online}
  unit_of_measure: "%"
  measure: value
  cadence: month
  valid_from: 2026-01-01
"""


def said(folder: Path) -> list[str]:
    with pytest.raises(BadPack) as bad:
        load_pack(folder)
    return [str(problem) for problem in bad.value.problems]


@pytest.mark.parametrize(("new", "problem"), IN_SCHEMES)
def test_a_wrong_criterion_is_told(spoil: Spoil, new: str, problem: str) -> None:
    assert said(spoil("schemes.yaml", GOALPOSTS, new)) == [f"schemes.yaml:11: {problem}"]


@pytest.mark.parametrize(("old", "new", "problem"), IN_INDICATORS)
def test_a_wrong_indicator_is_told(spoil: Spoil, old: str, new: str, problem: str) -> None:
    assert problem in said(spoil("indicators.yaml", old, new))


def test_what_is_passed_or_not_has_no_change(spoil: Spoil) -> None:
    folder = spoil("schemes.yaml", PASSED, f"{PASSED}\n            change: {{against: period_before}}")
    assert said(folder) == [
        "schemes.yaml:18: 'solid' is passed or not and has no change; write no change instead"
    ]


def test_a_change_is_never_paid_for_as_nothing_of_nothing(spoil: Spoil) -> None:
    change = f"{GOALPOSTS}\n        change: {{against: year_before}}\n        zero_over_zero: full"
    assert said(spoil("schemes.yaml", GOALPOSTS, change)) == [
        "schemes.yaml:12: a change without a base to compare with is no 0/0; write no zero_over_zero instead"
    ]


def test_a_total_from_the_start_has_no_change(spoil: Spoil) -> None:
    spoil("indicators.yaml", "  measure: ratio", "  measure: ratio\n  within: to_date")
    folder = spoil("schemes.yaml", GOALPOSTS, f"{GOALPOSTS}\n        change: {{against: year_before}}")
    assert said(folder) == [
        "schemes.yaml:11: 'online' adds up all periods (to_date) and has no change; write within: last or sum instead"
    ]


@pytest.mark.parametrize(
    ("within", "change", "what"),
    [
        ("sum", "", "'online' is a sum, for which no last value stands in"),
        ("last", "\n        change: {against: year_before}", "a change of a last value is none"),
    ],
)
def test_a_last_value_of_what_has_none_is_told(spoil: Spoil, within: str, change: str, what: str) -> None:
    spoil("indicators.yaml", "  measure: ratio", f"  measure: ratio\n  within: {within}")
    folder = spoil("schemes.yaml", GOALPOSTS, f"{GOALPOSTS}\n        missing: last_value{change}")
    assert said(folder) == [f"schemes.yaml:11: {what}; write missing: zero or missing: exclude instead"]


def test_less_is_better_fits_a_capped_ratio_on_the_change(spoil: Spoil) -> None:
    spoil("indicators.yaml", "measure: ratio", "measure: ratio\n  direction: lower")
    change = "{method: capped_ratio, threshold: 0.015}\n        change: {against: year_before}"
    assert load_pack(spoil("schemes.yaml", GOALPOSTS, change)).schemes


# --- definitions ------------------------------------------------------------------------------------------------------------


def redefined(folder: Path, valid_to: str) -> Path:
    file = folder / "indicators.yaml"
    first = file.read_text(encoding="utf-8").replace(
        "measure: ratio", f"measure: ratio\n  valid_to: {valid_to}", 1
    )
    file.write_text(first + AGAIN, encoding="utf-8")
    return folder


def test_an_indicator_may_be_defined_anew(folder: Path) -> None:
    compiled = compile_pack(load_pack(redefined(folder, "2026-01-01")))
    pack: Pack = read_compiled(compiled.body).pack
    assert [one.measure for one in pack.definitions["online"]] == ["ratio", "value"]
    assert pack.indicator_by_id["online"].measure == "value"


def test_definitions_do_not_overlap(folder: Path) -> None:
    assert said(redefined(folder, "2026-01-02")) == [
        "indicators.yaml:12: the indicator 'online' stands in line 1 already, for days that overlap; "
        "write another id, or dates that do not overlap instead"
    ]


def test_a_criterion_fits_every_definition(spoil: Spoil) -> None:
    folder = redefined(
        spoil("schemes.yaml", GOALPOSTS, f"{GOALPOSTS}\n        zero_over_zero: full"), "2026-01-01"
    )
    assert said(folder) == [
        "schemes.yaml:11: 'online' is no ratio and is never 0/0; write no zero_over_zero instead"
    ]
