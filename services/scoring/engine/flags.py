"""Leader and underperformer flags: a place that lasts. They open and end by k of n evaluations, and are proposals until a person decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.contracts.ids import FlagId, UnitId
from services.contracts.pack.model import FlagRule
from services.contracts.results import Evaluation, Flag, FlagKind, FlagState, UnitResult
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flag_rules import KINDS, Count, count, rule_of
from services.scoring.engine.movers import evidence_of, movers_of
from services.scoring.engine.rounding import from_ticks, median_ticks
from services.scoring.engine.state import Evaluated, OpenFlag

OpenFlags = dict[tuple[FlagKind, UnitId], OpenFlag]

_UNCOUNTED = Count(0, 0, 0)


@dataclass(frozen=True)
class Judgement:
    """What flags are judged on: the evaluation just made, its assessment, and the history of its cadence that holds it, ascending."""

    evaluation: Evaluation
    assessment: Assessment
    history: Sequence[Evaluated]

    @property
    def is_of_newest_period(self) -> bool:
        return self.history[-1].evaluation == self.evaluation.id

    @cached_property
    def row_of(self) -> dict[UnitId, int]:
        """Rows of the assessment by unit."""
        return {UnitId(unit.id): row for row, unit in enumerate(self.assessment.units)}


def judge(flags: OpenFlags, judgement: Judgement) -> tuple[Flag, ...]:
    """Opens, updates and ends flags in `flags`, and returns the records to publish: leaders first, each kind in board order.

    An open flag's figures follow each evaluation of the newest period; a new edition of an older one only opens and ends flags. A flag
    ends as well when its unit leaves the block or the pack drops its rule.
    """
    return tuple(flag for kind in KINDS for flag in _judge_kind(flags, judgement, kind))


def _judge_kind(flags: OpenFlags, judgement: Judgement, kind: FlagKind) -> Iterator[Flag]:
    rule = rule_of(judgement.assessment.plan, kind)
    if rule is not None:
        for row in judgement.evaluation.units:
            yield from _judge_unit(flags, judgement, kind, rule, row)
    yield from _end_orphans(flags, judgement, kind, rule)


def _judge_unit(
    flags: OpenFlags, judgement: Judgement, kind: FlagKind, rule: FlagRule, row: UnitResult
) -> Iterator[Flag]:
    key = (kind, row.unit)
    counted = count(rule, kind, row.unit, judgement.history)
    if key not in flags:
        if counted.hits >= rule.k > counted.misses:
            flags[key] = _opened(judgement.evaluation, kind, row.unit)
            yield _record(judgement, kind, flags[key], "proposed", row, rule, counted)
    elif counted.misses >= rule.k:
        yield _record(judgement, kind, flags.pop(key), "ended", row, rule, counted)
    elif judgement.is_of_newest_period:
        yield _record(judgement, kind, flags[key], "proposed", row, rule, counted)


def _end_orphans(
    flags: OpenFlags, judgement: Judgement, kind: FlagKind, rule: FlagRule | None
) -> Iterator[Flag]:
    rows = {row.unit: row for row in judgement.evaluation.units}
    orphans = [key for key in flags if key[0] == kind and (rule is None or key[1] not in rows)]
    for key in sorted(orphans):
        row = rows.get(key[1], UnitResult(key[1], None, False, None, 0.0, None, [], []))
        yield _record(judgement, kind, flags.pop(key), "ended", row, rule, _UNCOUNTED)


def _opened(evaluation: Evaluation, kind: FlagKind, unit: UnitId) -> OpenFlag:
    return OpenFlag(FlagId(f"{evaluation.block}:{kind}:{unit}:{evaluation.id}"), evaluation.period)


def _record(
    judgement: Judgement,
    kind: FlagKind,
    flag: OpenFlag,
    state: FlagState,
    row: UnitResult,
    rule: FlagRule | None,
    counted: Count,
) -> Flag:
    evaluation, assessment = judgement.evaluation, judgement.assessment
    at = judgement.row_of.get(row.unit)
    movers = [] if at is None or row.rank is None else movers_of(assessment, at, upwards=kind == "leader")
    return Flag(
        id=flag.id,
        block=evaluation.block,
        unit=row.unit,
        kind=kind,
        state=state,
        evaluation=evaluation.id,
        period=evaluation.period,
        since=flag.since,
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
        rule=_worded(kind, rule),
        pack=evaluation.pack,
        engine=evaluation.engine,
        cause=evaluation.cause,
        simulated=row.simulated or assessment.plan.pack.campaign.simulated,
    )


def _gap(assessment: Assessment, row: int | None, result: UnitResult) -> float | None:
    """Score less the median score of the ranked units."""
    if row is None or result.rank is None:
        return None
    decimals = assessment.plan.scheme.decimals
    own = int(assessment.ticks[assessment.ranked == row][0])
    return from_ticks(own - median_ticks([int(tick) for tick in assessment.ticks]), decimals)


def _worded(kind: FlagKind, rule: FlagRule | None) -> str:
    """The rule as a reader of the flag needs it: the pack's version stands beside it."""
    if rule is None:
        return f"{kind}: no rule"
    return f"{kind}: enter {rule.enter:g}, leave {rule.leave:g}, {rule.k} of {rule.n}"
