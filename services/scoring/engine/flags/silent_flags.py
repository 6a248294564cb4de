"""Silent flags: reports that stay away for several periods. They move with evaluations and, because silence sends no event, with ticks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.contracts.event_data import Place
from services.contracts.events import Tick, evaluation_id
from services.contracts.flags import Flag, FlagKind
from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import SilentRule
from services.contracts.periods import Period
from services.contracts.results import Evaluation
from services.scoring.engine.evaluation import evaluate
from services.scoring.engine.figures.silence import Silence, silence_of
from services.scoring.engine.flags.findings import Finding
from services.scoring.engine.flags.flag_record import record_of
from services.scoring.engine.flags.flag_rules import UNCOUNTED, Count
from services.scoring.engine.flags.flags import FlagKey, OpenFlags, end, keep
from services.scoring.engine.flags.judgement import Judgement
from services.scoring.engine.log.activation import live_plan
from services.scoring.engine.log.state import BlockState
from services.scoring.engine.results.geography import on_todays_units
from services.scoring.engine.results.movement import changes, comparison_of, standings_of
from services.scoring.engine.results.report import unit_results
from services.scoring.engine.scoring.plan import PackSource, Plan
from services.scoring.engine.version import ENGINE_VERSION

_KIND: Final[FlagKind] = "silent"
_SEEN: Final = Count(1, 0, 1)
_LOOK: Final = 0
"""Edition of what a tick looked at: no evaluation has it."""


def silence_seen(state: BlockState, plan: Plan, as_of: datetime) -> Silence | None:
    """Looks, and remembers when: never later than the log's clock, as what is not due yet is not overdue, whatever an evaluation asks to be seen
    as of. Null where the block has no rule, or was looked at as of a later time."""
    rule = plan.block.flags.silent
    as_of = as_of if state.clock is None else min(as_of, state.clock)
    if rule is None or (state.silence_seen is not None and as_of < state.silence_seen):
        return None
    state.silence_seen = as_of
    return silence_of(rule, state.series, plan, as_of)


def judge_silence(flags: OpenFlags, judgement: Judgement, silence: Silence | None) -> tuple[Flag, ...]:
    """Opens, updates and ends silent flags in `flags`, and returns the records to publish, by unit in pack order, ended strays last.

    With `silence` null nothing changes, unless the pack has dropped the rule: then all of them end.
    """
    return tuple(_judge(flags, judgement, silence))


def look_for_silence(state: BlockState, tick: Tick, place: Place, packs: PackSource) -> tuple[Flag, ...]:
    """The flags that the first tick of a day opens, changes and ends. Raises `PackMissing`."""
    found, as_of = live_plan(state, packs), tick.data.as_of
    if found is None or found[0].block.flags.silent is None or not found[0].units_on(found[1].last):
        return ()
    plan, period = found
    if state.silence_seen is not None and _day(plan, as_of) <= _day(plan, state.silence_seen):
        return ()
    silence = silence_seen(state, plan, as_of)
    if silence is None or not _changes(state.flags, plan, silence):
        return ()
    return judge_silence(state.flags, _look(state, plan, period, as_of, place), silence)


def _judge(flags: OpenFlags, judgement: Judgement, silence: Silence | None) -> Iterator[Flag]:
    rule = judgement.assessment.plan.block.flags.silent
    if rule is not None and silence is None:
        return
    for unit, columns in (silence or {}).items():
        if rule is not None and not judgement.in_transition(unit):
            yield from _judge_unit(flags, judgement, rule, unit, columns)
    for key in sorted(_strays(flags, silence or {})):
        yield from end(flags, key, record_of(judgement, *key, flags[key], None, _worded(rule), UNCOUNTED))


def _judge_unit(
    flags: OpenFlags, judgement: Judgement, rule: SilentRule, unit: UnitId, columns: tuple[int, ...]
) -> Iterator[Flag]:
    key: FlagKey = (_KIND, unit)
    held = flags.get(key)
    if held is None and len(columns) < rule.enter:
        return
    findings = {**judgement.findings, _KIND: {unit: Finding(float(len(columns)), columns)}}
    record = record_of(replace(judgement, findings=findings), _KIND, unit, held, None, _worded(rule), _SEEN)
    yield from (end if len(columns) < rule.leave else keep)(flags, key, record)


def _strays(flags: OpenFlags, silence: Silence) -> list[FlagKey]:
    return [key for key in flags if key[0] == _KIND and key[1] not in silence]


def _changes(flags: OpenFlags, plan: Plan, silence: Silence) -> bool:
    """Whether a flag would open or end, or be about other criteria than before."""
    rule = plan.block.flags.silent
    assert rule is not None
    names = {unit: [plan.criteria[at].criterion for at in columns] for unit, columns in silence.items()}
    held = {key[1]: flag.criteria for key, flag in flags.items() if key[0] == _KIND}
    opens = any(len(own) >= rule.enter and unit not in held for unit, own in names.items())
    return opens or any(names.get(unit) != criteria for unit, criteria in held.items())


def _look(state: BlockState, plan: Plan, period: Period, as_of: datetime, place: Place) -> Judgement:
    """The live period as the tick finds it, in the form of an evaluation that is not published."""
    assessment = evaluate(
        state.series, plan, period, as_of, seed=None, live=True, adjustments=state.adjustments
    )
    comparison = on_todays_units(comparison_of(state.history, assessment), state, assessment, as_of)
    moves = changes(comparison, standings_of(assessment), plan.scheme.decimals)
    evaluation = Evaluation(
        id=evaluation_id(state.block, period.text, as_of, _LOOK),
        block=state.block,
        period=period.text,
        as_of=as_of,
        edition=_LOOK,
        pack=plan.hash,
        engine=ENGINE_VERSION,
        cause=place,
        events=state.events,
        chain=state.chain.hex(),
        seed=0,
        baseline=None,
        units=unit_results(assessment, moves, {}),
    )
    return Judgement(evaluation, assessment, [], {}, state.holds)


def _day(plan: Plan, instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(plan.pack.campaign.zone)).date().isoformat()


def _worded(rule: SilentRule | None) -> str:
    if rule is None:
        return f"{_KIND}: no rule"
    return f"{_KIND}: {rule.periods} periods, enter {rule.enter}, leave {rule.leave}"
