"""What is wrong with a planned path is told by its line, with what to write instead."""

from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

GOALPOSTS = "{method: goalposts, low: 0, high: 1}"
TARGET = "{method: target_ratio, target: 0.8}"

WRONG = {
    "{shape: strait, base: 0.2}": "unknown shape 'strait'; write 'straight' instead",
    "{base: 0.2}": "'path' names no shape; write 'shape: ...' with one of milestones, monthly, straight instead",
    "{shape: straight, bsae: 0.2}": "unknown key 'bsae'; write 'base' instead",
    "{shape: straight}": "a straight path has one base: base or base_period; write one of the two instead",
    "{shape: straight, base: 0, resets: year, end: 2025-12-31}": (
        "a path that resets each year takes base alone, without base_period, start or end; "
        "write '{shape: straight, resets: year, base: 0}' instead"
    ),
    "{shape: straight, base: 0, start: 2025-05-01, end: 2025-05-01}": (
        "end (2025-05-01) must be after start (2025-05-01); write an end after 2025-05-01 instead"
    ),
    "{shape: straight, base: 0, start: 2027-05-01}": (
        "the path has 2027-05-01 before its end, 2026-12-31; write a day before 2026-12-31 instead"
    ),
    "{shape: straight, base: 0, end: 2027-05-01}": (
        "the path ends on 2027-05-01, after the campaign; write an end on or before 2026-12-31 instead"
    ),
    "{shape: straight, base_period: last year}": (
        "'last year' is no period; write the period of the base, as in 2020 instead"
    ),
    "{shape: straight, base: 0, lights: {at_risk: 1.1}}": (
        "at_risk (1.1) must be at most on_path (1.0); write at_risk: 1.0 or less instead"
    ),
    "{shape: milestones, milestones: []}": "'milestones' is empty; write at least one instead",
    "{shape: milestones, milestones: [{day: 2025-06-30, value: 0.4}, {day: 2025-03-31, value: 0.2}]}": (
        "a milestone of 2025-03-31 stands after that of 2025-06-30; write them in the order of their days instead"
    ),
    "{shape: milestones, milestones: [{day: 30/6/2025, value: 0.4}]}": (
        "'day' cannot be '30/6/2025'; write a date, as in 2025-07-01 instead"
    ),
    "{shape: monthly, values: [0.1, 0.2]}": (
        "a monthly path must say which month is its first; write 'first: 2025-01', or resets: year instead"
    ),
    "{shape: monthly, values: [0.1, 0.2], first: 2025-Q1}": (
        "2025-Q1 is a quarter, the path is by the month; write a month, as in 2025-01 instead"
    ),
    "{shape: monthly, values: [0.1, 0.2], first: January}": (
        "'January' is no period; write a month, as in 2025-01 instead"
    ),
    "{shape: monthly, values: [0.1, 0.2], first: 2026-12}": (
        "the 2 values go on to 2027-01, after the campaign; write values up to 2026-12-31 instead"
    ),
    "{shape: monthly, values: [0.1, 0.2], first: 2026-11}": (
        "the last value is 0.2, the target 0.8; write 0.8 as the last value instead"
    ),
    "{shape: monthly, values: [0.1, 0.2], resets: year}": (
        "a path that resets each year has 12 values and no first, not 2; write January to December instead"
    ),
}


def said(folder: Path) -> list[str]:
    with pytest.raises(BadPack) as bad:
        load_pack(folder)
    return [str(problem) for problem in bad.value.problems]


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_path_is_told(spoil: Spoil, path: str) -> None:
    folder = spoil("schemes.yaml", GOALPOSTS, f"{TARGET}\n        path: {path}")
    assert said(folder) == [f"schemes.yaml:11: {WRONG[path]}"]


def test_a_path_needs_a_target_to_lead_to(spoil: Spoil) -> None:
    folder = spoil("schemes.yaml", GOALPOSTS, f"{GOALPOSTS}\n        path: {{shape: straight, base: 0}}")
    assert said(folder) == [
        "schemes.yaml:11: goalposts has no target that a path could lead to; "
        "write a path with target_ratio, capped_ratio, exceedance or pass_fail instead"
    ]


def test_what_is_passed_or_not_has_no_path(spoil: Spoil) -> None:
    folder = spoil(
        "schemes.yaml",
        "{method: target_ratio, target: 1}",
        "{method: target_ratio, target: 1}\n            path: {shape: straight, base: 0}",
    )
    assert said(folder) == [
        "schemes.yaml:18: 'solid' is passed or not and has no path; write no path instead"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "{shape: straight, base: 0.2}",
        "{shape: straight, base_period: '2024', score: final}",
        "{shape: straight, base: 0, resets: year}",
        "{shape: milestones, steps: true, milestones: [{day: 2025-06-30, value: 0.4}]}",
        "{shape: monthly, first: 2026-11, values: [0.7, 0.8]}",
    ],
)
def test_a_right_path_survives_compilation(spoil: Spoil, path: str) -> None:
    compiled = compile_pack(load_pack(spoil("schemes.yaml", GOALPOSTS, f"{TARGET}\n        path: {path}")))
    assert read_compiled(compiled.body) == compiled
