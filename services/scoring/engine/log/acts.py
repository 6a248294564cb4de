"""Acts: what the office, the council and units do beside reporting. Each counts once, in the order of the log."""

from services.contracts.event_data import Place
from services.contracts.events import (
    Adjustment,
    Decision,
    EvaluationPublished,
    Hold,
    PeriodClosed,
    PeriodReopened,
    Release,
    Reply,
)
from services.contracts.flags import Flag
from services.scoring.engine.log.adjustments import apply_adjustment
from services.scoring.engine.log.closing import close_period, reopen_period
from services.scoring.engine.log.decisions import apply_decision, apply_reply
from services.scoring.engine.log.holds import apply_hold, apply_release
from services.scoring.engine.log.publication import publish_edition
from services.scoring.engine.log.state import BlockState

Act = Decision | Reply | Adjustment | Hold | Release | PeriodClosed | PeriodReopened | EvaluationPublished


def apply_act(state: BlockState, act: Act, place: Place) -> tuple[Flag, ...]:
    """The flag records to publish. A copy of an act changes nothing: it must not undo what came after it.

    Raises `NotApplicable`; the act may then come again.
    """
    key = (act.source, act.id)
    if key in state.acts:
        return ()
    flags = _applied(state, act, place)
    state.acts.add(key)
    return flags


def _applied(state: BlockState, act: Act, place: Place) -> tuple[Flag, ...]:
    match act:
        case Decision():
            return apply_decision(state, act, place)
        case Reply():
            return apply_reply(state, act, place)
        case Hold():
            return apply_hold(state, act, place)
        case Release():
            return apply_release(state, act, place)
        case Adjustment():
            apply_adjustment(state, act)
        case PeriodClosed():
            close_period(state, act)
        case PeriodReopened():
            reopen_period(state, act)
        case EvaluationPublished():
            publish_edition(state, act)
    return ()
