"""Decisions: the council confirms or dismisses a flag that stands."""

from typing import Final

import msgspec

from services.contracts.events import Decision, Place
from services.contracts.results import Flag, FlagDecision, FlagState
from services.scoring.engine.refusal import NotApplicable
from services.scoring.engine.state import BlockState

_STATES: Final[dict[str, FlagState]] = {"confirm": "confirmed", "dismiss": "dismissed"}


def apply_decision(state: BlockState, event: Decision, place: Place) -> tuple[Flag, ...]:
    """The flag's record with its new state; none when it is so already. The newest decision counts, so one may be taken back.

    Raises `NotApplicable` for a flag that does not stand.
    """
    key, held = next(
        ((k, flag) for k, flag in state.flags.items() if flag.id == event.data.flag), (None, None)
    )
    if key is None or held is None:
        raise NotApplicable(
            "unknown-flag",
            f"no flag {event.data.flag!r} stands in this block",
            "It may have ended before the decision came; decide about a flag that the api lists as proposed.",
        )
    decided = _STATES[event.data.decision]
    if held.state == decided:
        return ()
    decision = FlagDecision(event.source, event.id, event.receivedtime or event.time, event.data.reason)
    state.flags[key] = msgspec.structs.replace(held, state=decided, cause=place, decision=decision)
    return (state.flags[key],)
