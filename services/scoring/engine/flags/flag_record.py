"""A flag as it is published: the figures of one evaluation, and what speaks for doubt."""

from collections.abc import Sequence

import msgspec

from services.contracts.flags import CounterCheck, Flag, FlagKind, Mover
from services.contracts.ids import FlagId, UnitId
from services.contracts.pack.flag_rules import EvidenceRule, FlagRule
from services.contracts.results import UnitResult
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.counter_check import IsHit, counter_check
from services.scoring.engine.flags.evidence import level_then
from services.scoring.engine.flags.findings import Finding
from services.scoring.engine.flags.flag_rules import Count, CountedRule, is_hit
from services.scoring.engine.flags.judgement import Judgement
from services.scoring.engine.flags.movers import evidence_of, movers_among, movers_of
from services.scoring.engine.numbers.arrays import Integers
from services.scoring.engine.numbers.rounding import from_ticks, median_ticks
from services.scoring.engine.scoring.ranks import level_or_above


def record_of(
    judgement: Judgement,
    kind: FlagKind,
    unit: UnitId,
    held: Flag | None,
    rule: CountedRule | None,
    rule_text: str,
    counted: Count,
) -> Flag:
    """The flag's figures by this evaluation; it is as it was held otherwise, or new. A unit that is not in the block has none."""
    evaluation, assessment = judgement.evaluation, judgement.assessment
    row = judgement.result_of.get(unit) or UnitResult(unit, None, False, None, 0.0, None, [], [])
    at, finding = judgement.row_of.get(unit), judgement.finding(kind, unit)
    movers = [] if at is None else _movers(assessment, at, kind, finding, is_ranked=row.rank is not None)
    return Flag(
        id=FlagId(f"{evaluation.block}:{kind}:{unit}:{evaluation.id}") if held is None else held.id,
        block=evaluation.block,
        unit=unit,
        kind=kind,
        state="proposed" if held is None else held.state,
        evaluation=evaluation.id,
        period=evaluation.period,
        since=evaluation.period if held is None else held.since,
        as_of=evaluation.as_of,
        rank=row.rank,
        of=len(assessment.ranked),
        interval=row.interval,
        score=row.score,
        gap=_gap(assessment, at, row),
        coverage=row.coverage,
        hits=counted.hits,
        window=counted.window,
        movers=movers,
        evidence=[] if at is None else evidence_of(assessment, at, movers),
        rule=rule_text,
        pack=evaluation.pack,
        engine=evaluation.engine,
        cause=evaluation.cause,
        simulated=row.simulated or assessment.plan.pack.campaign.simulated,
        decision=msgspec.UNSET if held is None else held.decision,
        reply=msgspec.UNSET if held is None else held.reply,
        hold=judgement.muting(kind, unit),
        check=msgspec.UNSET if at is None else _check(judgement, kind, unit, at, rule, movers),
        level=_level(counted, finding),
        criteria=_criteria(assessment, kind, finding),
        signs=list(finding.signs) if finding is not None and finding.signs else msgspec.UNSET,
    )


def _level(counted: Count, finding: Finding | None) -> float | msgspec.UnsetType:
    if counted.level is not None:
        return counted.level
    return msgspec.UNSET if finding is None else finding.level


def _movers(
    assessment: Assessment, row: int, kind: FlagKind, finding: Finding | None, *, is_ranked: bool
) -> list[Mover]:
    if kind in ("leader", "underperformer"):
        return movers_of(assessment, row, upwards=kind == "leader") if is_ranked else []
    return [] if finding is None else movers_among(assessment, row, finding.criteria, finding.points)


def _criteria(
    assessment: Assessment, kind: FlagKind, finding: Finding | None
) -> list[str] | msgspec.UnsetType:
    if kind in ("leader", "underperformer"):
        return msgspec.UNSET
    return [] if finding is None else [assessment.plan.criteria[at].criterion for at in finding.criteria]


def _gap(assessment: Assessment, row: int | None, result: UnitResult) -> float | None:
    """Score less the median score of the ranked units."""
    if row is None or result.rank is None:
        return None
    decimals = assessment.plan.scheme.decimals
    own = int(assessment.ticks[assessment.ranked == row][0])
    return from_ticks(own - median_ticks([int(tick) for tick in assessment.ticks]), decimals)


def _check(
    judgement: Judgement,
    kind: FlagKind,
    unit: UnitId,
    row: int,
    rule: CountedRule | None,
    movers: Sequence[Mover],
) -> CounterCheck:
    column = {criterion.criterion: at for at, criterion in enumerate(judgement.assessment.plan.criteria)}
    return counter_check(
        judgement.assessment,
        row,
        [column[mover.criterion] for mover in movers],
        _would_hit(judgement, kind, unit, rule),
        upwards=kind == "leader",
        held=unit in judgement.holds,
        transition=judgement.in_transition(unit),
    )


def _would_hit(judgement: Judgement, kind: FlagKind, unit: UnitId, rule: CountedRule | None) -> IsHit | None:
    """How the rule would take other scores; null for rules that are not about scores."""
    sign = 1 if kind == "leader" else -1

    def by_share(ticks: Integers, place: int) -> bool:
        assert isinstance(rule, FlagRule)
        return is_hit(rule, int(level_or_above(sign * ticks)[place]) / len(ticks))

    def by_evidence(ticks: Integers, place: int) -> bool:
        assert isinstance(rule, EvidenceRule)
        return level_then(judgement.assessment, rule, ticks, place, above=sign > 0) > 0

    if isinstance(rule, FlagRule):
        return by_share
    return by_evidence if isinstance(rule, EvidenceRule) and judgement.assessment.latent else None
