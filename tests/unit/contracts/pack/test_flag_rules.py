"""Flag rules that say what cannot be, or do not fit their block, are told by file and line, with what to write instead."""

import pytest

from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.flag_rules import EvidenceRule, FlagRules
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

LEADER = "leader: {enter: 0.1, leave: 0.2, k: 2, n: 3}"

WRONG = [
    (
        "leader: {enter: 0.1, leave: 0.2, k: 2, n: 3, min_stay: -1}",
        "'min_stay' cannot be -1; write a number of at least 0",
    ),
    (
        "evidence: {}",
        "evidence needs 5 units or more, and 'communes' has 2; write leader and underperformer rules",
    ),
    ("evidence: {margin: 5}", "'margin' cannot be 5; write a number of at most 3"),
    ("evidence: {enter: 1}", "'enter' cannot be 1; write a number below 1"),
    (
        "evidence: {enter: 0.9, leave: 0.95}",
        "leave (0.95) must be at most enter (0.9); write leave: 0.9 or less",
    ),
    ("evidence: {k: 4}", "k (4) must be at most n (3); write k: 3 or less"),
    ("evidence: {kinds: [leaders]}", "'kinds' cannot be 'leaders'; write 'leader' or 'underperformer'"),
    ("off_path: {}", "no criterion of 'points' has a planned path; write a path for one, or no off_path"),
    (
        "off_path: {enter: 0.2, leave: 0.4}",
        "leave (0.4) must be at most enter (0.2); write leave: 0.2 or less",
    ),
    ("silent: {enter: 3}", "a unit of 'points' has 2 criteria and never 3 overdue; write enter: 2 or less"),
    ("silent: {enter: 1, leave: 2}", "leave (2) must be at most enter (1); write leave: 1 or less"),
    ("silent: {periods: 0}", "'periods' cannot be 0; write a number of at least 1"),
    ("silent: {k: 2}", "unknown key 'k'; write one of enter, leave, periods"),
    ("sudden_change: {}", "'least' is missing; write 'least: ...'"),
    (
        "sudden_change: {least: 200}",
        "nothing changes by 200 points on a scale of 100; write least: 100 or less",
    ),
    ("frozen: {}", "1 of a unit's figures in 'points' can repeat, fewer than 3; write figures: 1 or less"),
    ("frozen: {figures: 1, enter: 95}", "'enter' cannot be 95; write a number of at most 1"),
    ("review: {}", "a review looks at nothing; write heaped: {}, burst: {} or revised: {}"),
    ("review: {heaped: {}}", "no figure of 'points' has a target; write no heaped"),
    ("review: {burst: {}}", "no indicator of 'points' is summed; write no burst"),
    ("review: {heaps: {}}", "unknown key 'heaps'; write 'heaped'"),
    (
        "laggard: {enter: 0.1}",
        "unknown key 'laggard'; write one of evidence, frozen, leader, off_path, review, silent, sudden_change, underperformer",
    ),
]


@pytest.mark.parametrize(("rule", "message"), WRONG, ids=[rule for rule, _ in WRONG])
def test_a_rule_that_cannot_be_is_told_with_what_to_write(spoil: Spoil, rule: str, message: str) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("blocks.yaml", LEADER, rule))
    assert [str(problem) for problem in bad.value.problems] == [f"blocks.yaml:5: {message} instead"]


def test_a_kind_is_not_flagged_by_two_rules(spoil: Spoil) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(
            spoil("blocks.yaml", LEADER, f"{LEADER}\n    evidence: {{kinds: [underperformer, leader]}}")
        )
    assert str(bad.value.problems[0]) == (
        "blocks.yaml:5: evidence flags every leader already; write no leader rule, or no evidence instead"
    )


def test_evidence_needs_figures_that_have_luck_in_them(spoil: Spoil) -> None:
    spoil(
        "units.csv",
        "b,Xã B",
        "c,Xã C,commune,communes,,\nd,Xã D,commune,communes,,\ne,Xã E,commune,communes,,\nb,Xã B",
    )
    spoil("indicators.yaml", "measure: ratio", "measure: value")
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("blocks.yaml", LEADER, "evidence: {}"))
    assert [str(problem) for problem in bad.value.problems] == [
        "blocks.yaml:5: nothing in 'points' has sampling error, so evidence has nothing to go by; "
        "write leader and underperformer rules instead"
    ]


@pytest.mark.parametrize("share", ["0.21", "20", "0"])
def test_a_shortlist_is_at_most_a_fifth_of_the_block(spoil: Spoil, share: str) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("blocks.yaml", "  schedule:", f"  shortlist: {share}\n  schedule:"))
    bound = "of at most 0.2" if float(share) > 0 else "above 0"
    assert [str(problem) for problem in bad.value.problems] == [
        f"blocks.yaml:6: 'shortlist' cannot be {share}; write a number {bound} instead"
    ]


def test_a_pack_without_the_new_rules_keeps_its_hash(spoil: Spoil) -> None:
    body = compile_pack(load_pack(spoil("blocks.yaml", "id: communes", "id: communes"))).body.decode()
    assert '"flags":{"leader":{"enter":0.1,"k":2,"leave":0.2,"n":3},"underperformer":null}' in body
    assert "shortlist" not in body


def test_recommended_rules_are_what_the_guide_says() -> None:
    rule = EvidenceRule()
    assert (rule.margin, rule.k, rule.n, rule.min_stay) == (0.75, 2, 3, 3)
    assert FlagRules().evidence is None
