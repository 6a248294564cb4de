"""An official evaluation: a function of the log up to its `evaluation.due`, and of nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.contracts.event_data import Place
from services.contracts.events import EvaluationDue, evaluation_id
from services.contracts.flags import Flag
from services.contracts.ids import EvaluationId
from services.contracts.periods import BadPeriod, Period, parse_period
from services.contracts.results import Evaluation, Notice, Shortlist, UnitResult
from services.scoring.engine.evaluation import Assessment, evaluate
from services.scoring.engine.figures.origins import other_origins
from services.scoring.engine.figures.parts import has_parts, parts_above_wholes
from services.scoring.engine.figures.pending import pending_of
from services.scoring.engine.flags.feed_checks import notices_of, period_before
from services.scoring.engine.flags.findings import Findings, levels_of
from services.scoring.engine.flags.flag_rules import cadence_of, longest_memory
from services.scoring.engine.flags.flags import judge
from services.scoring.engine.flags.judgement import Judgement
from services.scoring.engine.flags.looking import compares_periods, findings_of
from services.scoring.engine.flags.silent_flags import judge_silence, silence_seen
from services.scoring.engine.log.activation import plan_for
from services.scoring.engine.log.carrying import Carry
from services.scoring.engine.log.closing import is_closed
from services.scoring.engine.log.publication import correction_of
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.state import BlockState, Edition, Evaluated
from services.scoring.engine.numbers.random_numbers import seed_of
from services.scoring.engine.results.geography import on_todays_units
from services.scoring.engine.results.marks import marked
from services.scoring.engine.results.movement import (
    baseline_result,
    changes,
    comparison_of,
    remember,
    standings_of,
)
from services.scoring.engine.results.parent_reports import parent_reports
from services.scoring.engine.results.report import certainties, path_results, unit_results
from services.scoring.engine.scoring.plan import PackSource, Plan
from services.scoring.engine.scoring.shortlist import shortlist_of
from services.scoring.engine.version import ENGINE_VERSION


class Official(NamedTuple):
    """An evaluation, the flag records that follow from it, and what it reports to other blocks."""

    evaluation: Evaluation
    flags: tuple[Flag, ...]
    carried: tuple[Carry, ...]


def evaluate_official(
    state: BlockState, due: EvaluationDue, place: Place, packs: PackSource
) -> Official | None:
    """Makes the evaluation and remembers what movement and flags need of it; null when it was made before.

    Raises `NotApplicable` (then it may be asked for again), and `PackMissing`.
    """
    data = due.data
    id = evaluation_id(state.block, data.period, data.as_of, data.edition)
    if id in state.evaluated:
        return None
    period = _period(data.period)
    correction = correction_of(state, due)
    plan = _plan(state, packs, period)
    seed = seed_of(plan.scheme.uncertainty.seed, id)
    assessment = evaluate(
        state.series, plan, period, data.as_of, seed=seed, live=False, adjustments=state.adjustments
    )
    before = _before(state, assessment, data.as_of)
    findings = findings_of(state.series, before, assessment, data.as_of)
    evaluation = _result(state, due, place, id, seed, assessment, before)
    corrects = None if correction is msgspec.UNSET else correction.evaluation
    state.evaluated[id] = Edition(period.text, data.edition, corrects)
    evaluated = _remembered(evaluation, assessment, findings)
    flags = _judged(state, evaluation, evaluated, assessment, findings)
    return Official(evaluation, flags, tuple(parent_reports(evaluation, assessment.plan)))


def _result(
    state: BlockState,
    due: EvaluationDue,
    place: Place,
    id: EvaluationId,
    seed: int,
    assessment: Assessment,
    before: Assessment | None,
) -> Evaluation:
    plan, standings = assessment.plan, standings_of(assessment)
    comparison = on_todays_units(comparison_of(state.history, assessment), state, assessment, due.data.as_of)
    moves = changes(comparison, standings, plan.scheme.decimals)
    units = marked(unit_results(assessment, moves, certainties(assessment)), assessment, state.holds)
    return Evaluation(
        id=id,
        block=state.block,
        period=assessment.period.text,
        as_of=due.data.as_of,
        edition=due.data.edition,
        pack=plan.hash,
        engine=ENGINE_VERSION,
        cause=place,
        events=state.events,
        chain=state.chain.hex(),
        seed=seed,
        baseline=baseline_result(comparison),
        units=units,
        simulated=any(unit.simulated for unit in units),
        notices=_noticed(state, before, assessment, due.data.as_of),
        correction=correction_of(state, due),
        closed=is_closed(state, assessment.period) or msgspec.UNSET,
        pending=pending_of(state, assessment, due.data.as_of),
        paths=path_results(assessment),
        origins=other_origins(state.series, assessment, due.data.as_of),
        shortlist=_shortlisted(plan, units),
    )


def _remembered(evaluation: Evaluation, assessment: Assessment, findings: Findings) -> Evaluated:
    return Evaluated(
        assessment.period,
        evaluation.edition,
        evaluation.id,
        assessment.plan.hash,
        len(assessment.ranked),
        standings_of(assessment),
        assessment.plan.rules,
        levels_of(findings),
    )


def _before(state: BlockState, assessment: Assessment, as_of: datetime) -> Assessment | None:
    """The evaluated period before, as its figures are known now; null where there is none or nothing is compared with it."""
    plan = assessment.plan
    if plan.block.feed_checks is None and not compares_periods(plan):
        return None
    before = period_before(state.history, assessment.period)
    if before is None or not plan.units_on(before.last):
        return None
    return evaluate(state.series, plan, before, as_of, seed=None, live=False, adjustments=state.adjustments)


def _noticed(
    state: BlockState, before: Assessment | None, assessment: Assessment, as_of: datetime
) -> list[Notice] | msgspec.UnsetType:
    """What the pack's feed checks find, then parts above their wholes; unset where the pack has neither."""
    checks = assessment.plan.block.feed_checks
    if checks is None and not has_parts(assessment.plan):
        return msgspec.UNSET
    found = [] if checks is None or before is None else notices_of(checks, before, assessment)
    return [*found, *parts_above_wholes(state.series, assessment, as_of)]


def _shortlisted(plan: Plan, units: Sequence[UnitResult]) -> Shortlist | msgspec.UnsetType:
    share = plan.block.shortlist
    return msgspec.UNSET if share is None else shortlist_of(share, units)


def _judged(
    state: BlockState,
    evaluation: Evaluation,
    evaluated: Evaluated,
    assessment: Assessment,
    findings: Findings,
) -> tuple[Flag, ...]:
    plan, period = assessment.plan, assessment.period
    counts = remember(state.history, evaluated, longest_memory(plan))
    if not counts or period.cadence != cadence_of(plan):
        return ()
    history = [held for held in state.history if held.period.cadence == period.cadence]
    judgement = Judgement(evaluation, assessment, history, findings, state.holds)
    flags = judge(state.flags, judgement)
    if not judgement.is_of_newest_period:
        return flags
    silence = silence_seen(state, plan, evaluation.as_of)
    return (*flags, *judge_silence(state.flags, judgement, silence))


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except BadPeriod as error:
        raise NotApplicable("bad-period", str(error), "Ask for the evaluation of a period.") from error


def _plan(state: BlockState, packs: PackSource, period: Period) -> Plan:
    plan = plan_for(state, packs, period)
    if plan is None:
        raise NotApplicable(
            "unknown-pack",
            f"no pack is active in this block for {period}",
            "Activate a pack that is valid from the period's end or before, then ask for the evaluation again.",
        )
    span = parse_period(plan.pack.campaign.span)
    if not span.contains(period):
        raise NotApplicable(
            "bad-period", f"{period} lies outside the campaign's span, {span}", "Ask for a period inside it."
        )
    if not plan.units_on(period.last):
        raise NotApplicable(
            "unknown-unit",
            f"the pack has no unit in this block at the end of {period}",
            "Correct the units' validity dates in the pack, or ask for another period.",
        )
    return plan
