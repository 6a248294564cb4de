"""Leader and underperformer flags: a place that lasts. They open and end by k of n evaluations, and are proposals until a person decides.

A dismissed flag stays in the state, unpublished, until its streak is over: so it does not come back before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from services.contracts.ids import FlagId, UnitId
from services.contracts.pack.flag_rules import FlagRule
from services.contracts.results import Evaluation, Flag, FlagHold, FlagKind, UnitResult
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flag_rules import KINDS, Count, count, rule_of
from services.scoring.engine.holds import muting
from services.scoring.engine.movers import evidence_of, movers_of
from services.scoring.engine.rounding import from_ticks, median_ticks
from services.scoring.engine.state import Evaluated

FlagKey = tuple[FlagKind, UnitId]
OpenFlags = dict[FlagKey, Flag]

_UNCOUNTED = Count(0, 0, 0)


@dataclass(frozen=True)
class Judgement:
    """What flags are judged on: the evaluation just made, its assessment, and the history of its cadence that holds it, ascending."""

    evaluation: Evaluation
    assessment: Assessment
    history: Sequence[Evaluated]
    holds: Mapping[UnitId, FlagHold] = field(default_factory=dict)
    """Units that are held: their leader flags are muted, see `holds`."""

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
    held = flags.get(key)
    if held is None:
        is_muted = muting(judgement.holds, kind, row.unit) is not msgspec.UNSET
        if counted.hits >= rule.k > counted.misses and not is_muted:
            yield from _keep(flags, key, _record(judgement, kind, None, row, rule, counted))
    elif counted.misses >= rule.k:
        yield from _end(flags, key, _record(judgement, kind, held, row, rule, counted))
    elif judgement.is_of_newest_period:
        yield from _keep(flags, key, _record(judgement, kind, held, row, rule, counted))


def _end_orphans(
    flags: OpenFlags, judgement: Judgement, kind: FlagKind, rule: FlagRule | None
) -> Iterator[Flag]:
    rows = {row.unit: row for row in judgement.evaluation.units}
    orphans = [key for key in flags if key[0] == kind and (rule is None or key[1] not in rows)]
    for key in sorted(orphans):
        row = rows.get(key[1], UnitResult(key[1], None, False, None, 0.0, None, [], []))
        yield from _end(flags, key, _record(judgement, kind, flags[key], row, rule, _UNCOUNTED))


def _keep(flags: OpenFlags, key: FlagKey, flag: Flag) -> Iterator[Flag]:
    flags[key] = flag
    if flag.state != "dismissed":
        yield flag


def _end(flags: OpenFlags, key: FlagKey, flag: Flag) -> Iterator[Flag]:
    del flags[key]
    if flag.state != "dismissed":
        yield msgspec.structs.replace(flag, state="ended")


def _record(
    judgement: Judgement,
    kind: FlagKind,
    held: Flag | None,
    row: UnitResult,
    rule: FlagRule | None,
    counted: Count,
) -> Flag:
    """The flag's figures by this evaluation; it is as it was held otherwise, or new."""
    evaluation, assessment = judgement.evaluation, judgement.assessment
    at = judgement.row_of.get(row.unit)
    movers = [] if at is None or row.rank is None else movers_of(assessment, at, upwards=kind == "leader")
    return Flag(
        id=FlagId(f"{evaluation.block}:{kind}:{row.unit}:{evaluation.id}") if held is None else held.id,
        block=evaluation.block,
        unit=row.unit,
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
        rule=_worded(kind, rule),
        pack=evaluation.pack,
        engine=evaluation.engine,
        cause=evaluation.cause,
        simulated=row.simulated or assessment.plan.pack.campaign.simulated,
        decision=msgspec.UNSET if held is None else held.decision,
        reply=msgspec.UNSET if held is None else held.reply,
        hold=muting(judgement.holds, kind, row.unit),
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
