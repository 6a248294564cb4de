"""Whatever the months bring, a flag opens only as its rule says, stays its minimum, and ends when its rule says so."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.ids import EvaluationId, PackHash, UnitId
from services.contracts.pack.flag_rules import EvidenceRule, FlagRule, FrozenRule
from services.contracts.periods import parse_period
from services.scoring.engine.flags.evidence import level_for
from services.scoring.engine.flags.flag_rules import verdict_of
from services.scoring.engine.log.state import Evaluated
from tests.unit.scoring.engine.events import Log, pack, report

UNITS = [f"u{number}" for number in range(6)]
RULE = st.builds(
    lambda enter, wider, n, k, min_stay: {
        "enter": enter,
        "leave": min(1.0, enter + wider),
        "k": min(k, n),
        "n": n,
        "min_stay": min_stay,
    },
    st.sampled_from([0.17, 0.34, 0.5]),
    st.sampled_from([0.0, 0.17, 0.34]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 4),
)
MONTHS = st.lists(st.permutations(range(len(UNITS))), min_size=1, max_size=9)


def history(rule: dict[str, Any], months: list[list[int]]) -> list[dict[str, str]]:
    """For each month the states of leader flags by unit; scores are the places of the permutation."""
    log = Log(pack(units=UNITS, flags={"leader": rule})).activate()
    found = []
    for number, order in enumerate(months, 1):
        for unit, score in zip(UNITS, order, strict=True):
            log.add(report(unit, "i", f"2025-{number:02d}", 10.0 + score))
        flags = log.evaluate(f"2025-{number:02d}", f"2025-{number + 1:02d}-10").flags
        found.append({flag.unit: flag.state for flag in flags})
    return found


@settings(max_examples=40, deadline=None)
@given(RULE, MONTHS)
def test_the_fold_opens_and_ends_flags_as_the_rule_reads(
    rule: dict[str, Any], months: list[list[int]]
) -> None:
    states = history(rule, months)
    for at, unit in enumerate(UNITS):
        opened: int | None = None
        for number in range(len(months)):
            window = months[max(0, number + 1 - rule["n"]) : number + 1]
            shares = [(len(UNITS) - order[at]) / len(UNITS) for order in window]
            hits = sum(share <= rule["enter"] + 1e-9 for share in shares)
            misses = sum(share > rule["leave"] + 1e-9 for share in shares)
            expected = None
            if opened is None:
                if hits >= rule["k"] > misses:
                    opened, expected = number, "proposed"
            elif misses >= rule["k"] and number - opened >= rule["min_stay"]:
                opened, expected = None, "ended"
            else:
                expected = "proposed"
            assert states[number].get(unit) == expected


LEVELS = st.lists(st.one_of(st.none(), st.floats(-6, 6)), min_size=1, max_size=8)


def evaluated(kind: str, levels: list[float | None]) -> list[Evaluated]:
    return [
        Evaluated(
            parse_period(f"2025-{number:02d}"),
            1,
            EvaluationId(f"e{number}"),
            PackHash("p"),
            6,
            {},
            "",
            {} if level is None else {kind: {UnitId("u"): level}},
        )
        for number, level in enumerate(levels, 1)
    ]


@given(LEVELS)
def test_evidence_opens_only_with_k_hits_and_enough_of_it_together(levels: list[float | None]) -> None:
    rule = EvidenceRule()
    verdict = verdict_of(rule, "leader", UnitId("u"), evaluated("leader", levels))
    newest = [level for level in levels[-rule.n :] if level is not None]
    together = sum(max(-3.5, min(3.5, level)) for level in newest) / len(newest) ** 0.5 if newest else 0.0
    assert verdict.opens == (
        sum(level > 0 for level in newest) >= 2 and together >= level_for(rule.enter) - 1e-9
    )
    assert verdict.ends == (bool(newest) and together < -1e-9)
    assert not (verdict.opens and verdict.ends)


@given(LEVELS)
def test_a_level_rule_never_opens_and_ends_at_once_and_what_has_no_level_counts_neither_way(
    levels: list[float | None],
) -> None:
    rule = FrozenRule(enter=0.9, leave=0.5, k=2, n=3)
    verdict = verdict_of(rule, "frozen", UnitId("u"), evaluated("frozen", levels))
    newest = [level for level in levels[-3:] if level is not None]
    assert verdict.tally[:2] == (sum(x >= 0.9 - 1e-9 for x in newest), sum(x < 0.5 - 1e-9 for x in newest))
    assert not (verdict.opens and verdict.ends)


def test_a_rule_without_levels_says_nothing() -> None:
    rule = FlagRule(enter=0.2, leave=0.3, k=1, n=1)
    verdict = verdict_of(rule, "leader", UnitId("u"), evaluated("leader", [5.0]))
    assert (verdict.opens, verdict.ends, verdict.tally.window) == (False, False, 1)
