"""`lineage.csv`: what does not fit is told by its line; a pack without one keeps its hash; changes are followed through one another."""

from datetime import date
from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.diff import diff
from services.contracts.pack.lineage import Ancestor, Descent, Lineage, LineageEdge
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

JULY = date(2025, 7, 1)
UNITS = """\
id,name,kind,block,valid_from,valid_to
a,Xã A,commune,communes,,2025-07-01
b,Xã B,commune,communes,,2025-07-01
c,Xã C,commune,communes,2025-07-01,
d,Xã D,commune,communes,2025-07-01,
"""
LINEAGE = """\
old,new,date,share
a,c,2025-07-01,
b,c,2025-07-01,0.25
b,d,2025-07-01,0.75
"""


def written(folder: Path, lineage: str = LINEAGE, units: str = UNITS) -> Path:
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "lineage.csv").write_text(lineage, encoding="utf-8")
    return folder


def test_edges_are_read_and_survive_publishing(folder: Path) -> None:
    pack = read_compiled(compile_pack(load_pack(written(folder))).body).pack
    assert [(edge.old, edge.new, edge.part) for edge in pack.lineage] == [
        ("a", "c", 1.0),
        ("b", "c", 0.25),
        ("b", "d", 0.75),
    ]


def test_a_pack_without_lineage_keeps_its_hash(folder: Path) -> None:
    body = compile_pack(load_pack(folder)).body
    assert not any(name in body for name in (b"lineage", b"transition_days", b"carried"))


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        pytest.param(
            "b,d,2025-07-01,0.75",
            "b,d,2025-07-01,",
            [
                "lineage.csv:4: 'b' is split into 2, and the share that goes to 'd' is missing; "
                "write that share, above 0 and below 1; the 2 shares make 1 instead"
            ],
            id="a split without a share",
        ),
        pytest.param(
            "0.75",
            "0.7",
            [
                "lineage.csv:3: the shares of 'b' make 0.95; "
                "write shares that make 1: nothing is lost and nothing made instead"
            ],
            id="shares that lose something",
        ),
        pytest.param(
            "a,c,2025-07-01,",
            "a,c,2025-07-01,0.5",
            [
                "lineage.csv:2: the shares of 'a' make 0.5; "
                "write shares that make 1: nothing is lost and nothing made instead"
            ],
            id="half of a unit that goes nowhere",
        ),
        pytest.param(
            "a,c,2025-07-01,",
            "a,c,2025-08-01,",
            [
                "lineage.csv:2: 'a' ends on 2025-07-01, not on 2025-08-01; "
                "write the same day here and as valid_to in units.csv instead",
                "lineage.csv:2: 'c' begins on 2025-07-01, not on 2025-08-01; "
                "write the same day here and as valid_from in units.csv instead",
            ],
            id="a day that the units do not know",
        ),
        pytest.param(
            "b,d,2025-07-01,0.75",
            "b,e,2025-07-01,0.75",
            ["lineage.csv:4: there is no unit 'e'; write one of a, b, c, d instead"],
            id="an unknown unit",
        ),
        pytest.param(
            "b,d,2025-07-01,0.75",
            "b,d,2025-07-01,1.75",
            ["lineage.csv:4: 'share' cannot be '1.75'; write a number of at most 1 instead"],
            id="more than all",
        ),
        pytest.param(
            "b,d,2025-07-01,0.75",
            "b,d,2025-07-01,0.75\nb,d,2025-07-01,0.75",
            [
                "lineage.csv:3: the shares of 'b' make 1.75; "
                "write shares that make 1: nothing is lost and nothing made instead",
                "lineage.csv:5: this edge stands in line 4 already; write it once, with the whole share instead",
            ],
            id="an edge that stands there twice",
        ),
        pytest.param(
            "a,c,2025-07-01,",
            "a,a,2025-07-01,",
            [
                "lineage.csv:2: 'a' was always there, not on 2025-07-01; "
                "write the same day here and as valid_from in units.csv instead"
            ],
            id="a unit that stays where it is",
        ),
    ],
)
def test_what_does_not_fit_is_told(folder: Path, old: str, new: str, problems: list[str]) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(written(folder, LINEAGE.replace(old, new)))
    assert [str(problem) for problem in bad.value.problems] == problems


def test_a_unit_cannot_come_of_itself(folder: Path) -> None:
    units = UNITS.replace(
        "c,Xã C,commune,communes,2025-07-01,", "c,Xã C,commune,communes,2025-07-01,2025-09-01"
    )
    units += "a,Xã A,commune,communes,2025-09-01,\n"
    with pytest.raises(BadPack) as bad:
        load_pack(written(folder, LINEAGE + "c,a,2025-09-01,\n", units))
    assert [str(problem) for problem in bad.value.problems] == [
        "lineage.csv:2: 'a' comes of itself again, through 'c'; write a new id for the later unit instead",
        "lineage.csv:5: 'c' comes of itself again, through 'a'; write a new id for the later unit instead",
    ]


def test_a_level_that_is_carried_by_weight_needs_weights(folder: Path, spoil: Spoil) -> None:
    spoil("indicators.yaml", "measure: ratio", "measure: value\n  carried: weighted")
    with pytest.raises(BadPack) as bad:
        load_pack(
            written(
                folder,
                LINEAGE.replace("\n", ",\n").replace("share,", "share,weight").replace("01,,", "01,,3"),
            )
        )
    assert [problem.line for problem in bad.value.problems] == [3, 4]
    assert "'online' is carried over by weight, and this edge has none" in str(bad.value)


def test_only_a_value_is_told_how_it_is_carried(spoil: Spoil) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("indicators.yaml", "measure: ratio", "measure: ratio\n  carried: sum"))
    assert (
        "carried is for values, not for ratio; write nothing: a ratio is carried over without instead"
        in str(bad.value)
    )


def edge(old: str, new: str, day: str, share: float = 1.0) -> LineageEdge:
    return LineageEdge(old=old, new=new, date=date.fromisoformat(day), share=share)


def test_what_came_of_a_unit_is_followed_through_a_split_and_a_merger() -> None:
    lineage = Lineage(
        [
            edge("a", "b", "2025-01-01", 0.5),
            edge("a", "c", "2025-01-01", 0.5),
            edge("b", "d", "2025-07-01"),
            edge("c", "d", "2025-07-01"),
        ],
        0,
    )
    january = date(2025, 1, 1)
    assert lineage.descents("a", date(2024, 12, 31)) == (
        Descent("b", january, 0.5, None),
        Descent("c", january, 0.5, None),
        Descent("d", JULY, 1.0, None),
    )
    assert lineage.descents("b", JULY) == ()
    assert lineage.ancestors("d", date(2024, 12, 31)) == (Ancestor("a", 1.0, None),)
    assert lineage.ancestors("d", date(2025, 6, 30)) == (Ancestor("b", 1.0, None), Ancestor("c", 1.0, None))
    assert lineage.ancestors("b", date(2024, 12, 31)) == (Ancestor("a", 0.5, None),)
    assert lineage.ancestors("d", JULY) == ()


def test_a_unit_that_moves_to_another_block_follows_itself_once() -> None:
    lineage = Lineage([edge("a", "a", "2025-07-01")], 0)
    assert lineage.descents("a", date(2025, 6, 30)) == (Descent("a", JULY, 1.0, None),)
    assert lineage.descents("a", JULY) == ()
    assert lineage.ancestors("a", date(2025, 6, 30)) == (Ancestor("a", 1.0, None),)


@pytest.mark.parametrize(
    ("day", "pauses"),
    [("2025-06-30", False), ("2025-07-01", True), ("2025-09-28", True), ("2025-09-29", False)],
)
def test_flags_of_a_new_unit_pause_for_the_days_that_the_pack_says(day: str, pauses: bool) -> None:
    lineage = Lineage([edge("a", "b", "2025-07-01")], 90)
    assert lineage.in_transition("b", date.fromisoformat(day)) is pauses
    assert not lineage.in_transition("a", date.fromisoformat(day))


def test_a_change_of_shares_is_told_in_words(folder: Path) -> None:
    before = load_pack(written(folder))
    changed = LINEAGE.replace("0.25", "0.5").replace("0.75", "0.5").replace("a,c,2025-07-01,\n", "")
    told = [
        (change.where, change.text) for change in diff(before, load_pack(written(folder, changed))).changes
    ]
    assert told == [
        ("lineage a > c on 2025-07-01", "is gone"),
        ("lineage b > c on 2025-07-01", "was share 0.25, is share 0.5"),
        ("lineage b > d on 2025-07-01", "was share 0.75, is share 0.5"),
    ]
