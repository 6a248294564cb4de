"""What is made of children is checked: the block, the criterion, the parents, the measure, and who is evaluated first."""

from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.load import load_pack, pack_hints
from services.contracts.pack.problem import BadPack

SHARE = """\
- id: share
  title: {vi: Tỷ lệ xã, en: Share of communes}
  unit_of_measure: "%"
  measure: ratio
  cadence: month
  origins: [automatic]
  from_children: {block: communes, criterion: solid}
"""
PROVINCES = """\
- id: provinces
  title: {vi: Tỉnh, en: Provinces}
  scheme: provinces
  schedule:
    cadence: month
    after_days: 7
    first: 2025-01
"""
PROVINCE_POINTS = """\
- id: provinces
  title: {vi: Điểm tỉnh, en: Points of provinces}
  root:
    group: total
    title: {vi: Tổng, en: Total}
    members:
      - {criterion: share, indicator: share, weight: 1, scoring: {method: target_ratio, target: 1}}
"""
UNITS = """\
id,name,kind,block,parent
a,Xã A,commune,communes,p
b,Xã B,commune,communes,p
p,Tỉnh P,province,provinces,
q,Tỉnh Q,province,provinces,
"""


@pytest.fixture
def family(folder: Path) -> Path:
    """The right pack with a province above its communes."""
    for file, text in (
        ("indicators.yaml", SHARE),
        ("blocks.yaml", PROVINCES),
        ("schemes.yaml", PROVINCE_POINTS),
    ):
        (folder / file).write_text((folder / file).read_text(encoding="utf-8") + text, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    blocks = (
        (folder / "blocks.yaml")
        .read_text(encoding="utf-8")
        .replace("enter: 0.1, leave: 0.2", "enter: 0.5, leave: 0.6")
    )
    (folder / "blocks.yaml").write_text(blocks, encoding="utf-8")
    return folder


def said(folder: Path, file: str, old: str, new: str) -> list[str]:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadPack) as bad:
        load_pack(folder)
    return [str(problem) for problem in bad.value.problems]


def test_a_right_family_is_a_pack_without_hints(family: Path) -> None:
    compiled = compile_pack(load_pack(family))
    assert read_compiled(compiled.body) == compiled
    assert pack_hints(family) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "indicators.yaml",
            "block: communes",
            "block: comunes",
            "indicators.yaml:17: there is no block 'comunes'; write 'communes' instead",
        ),
        (
            "indicators.yaml",
            "criterion: solid",
            "criterion: sollid",
            "indicators.yaml:17: 'communes' has no criterion 'sollid'; write 'solid' instead",
        ),
        (
            "indicators.yaml",
            "from_children: {block: communes, criterion: solid}",
            "from_children: {block: communes, criterion: solid, at_least: 0}",
            "indicators.yaml:17: 'at_least' cannot be 0; write a number above 0 instead",
        ),
        (
            "indicators.yaml",
            "  measure: ratio\n  cadence: month\n  origins",
            "  measure: value\n  cadence: month\n  origins",
            "indicators.yaml:14: a share of units is a ratio; write measure: ratio instead",
        ),
        (
            "indicators.yaml",
            "origins: [automatic]",
            "origins: [department]",
            "indicators.yaml:16: what is made of children is reported automatically; write origins: [automatic] instead",
        ),
        (
            "indicators.yaml",
            "  cadence: month\n  origins",
            "  cadence: quarter\n  origins",
            "indicators.yaml:15: 'communes' is evaluated by the month, not by the quarter; write cadence: month instead",
        ),
        (
            "units.csv",
            "communes,p",
            "communes,",
            "indicators.yaml:17: no unit of 'communes' has a parent; "
            "write their parents into the column 'parent' of units.csv instead",
        ),
        (
            "units.csv",
            "a,Xã A,commune,communes,p",
            "a,Xã A,commune,communes,x",
            "units.csv:2: there is no unit 'x', the parent; write one of a, b, p, q instead",
        ),
        (
            "units.csv",
            "a,Xã A,commune,communes,p",
            "a,Xã A,commune,communes,a",
            "units.csv:2: 'a' is no parent of itself; write another unit, or none instead",
        ),
    ],
)
def test_a_wrong_family_is_told(family: Path, file: str, old: str, new: str, problem: str) -> None:
    assert said(family, file, old, new) == [problem]


def test_parents_that_are_evaluated_before_their_children_are_hinted_at(family: Path) -> None:
    text = (family / "blocks.yaml").read_text(encoding="utf-8")
    (family / "blocks.yaml").write_text(text.replace("after_days: 7", "after_days: 5"), encoding="utf-8")
    assert [str(hint) for hint in pack_hints(family)] == [
        "blocks.yaml:14: 'provinces' is evaluated no later than 'communes', whose units are its units' children; "
        "write an after_days above 5 instead"
    ]
