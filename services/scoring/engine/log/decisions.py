"""Replies and decisions: the unit answers a flag that stands, the council confirms or dismisses it.

The states: proposed -> replied -> confirmed or dismissed -> ended. A reply is never waited for, and one that comes after a decision is
kept beside it; the newest of each counts.
"""

from typing import Final

import msgspec

from services.contracts.event_data import Place
from services.contracts.events import Decision, Reply
from services.contracts.flags import Flag, FlagDecision, FlagKind, FlagReply, FlagState
from services.contracts.ids import UnitId
from services.contracts.problems import UnitHeld, UnknownFlag
from services.scoring.engine.log.refusal import refused
from services.scoring.engine.log.state import BlockState

_STATES: Final[dict[str, FlagState]] = {"confirm": "confirmed", "dismiss": "dismissed"}


def apply_decision(state: BlockState, event: Decision, place: Place) -> tuple[Flag, ...]:
    """The flag's record with its new state; none when it is so already. The newest decision counts, so one may be taken back.

    Raises `NotApplicable` for a flag that does not stand, and for the confirmation of one that is muted.
    """
    key, held = _standing(state, event.data.flag)
    decided = _STATES[event.data.decision]
    if held.state == decided:
        return ()
    if decided == "confirmed" and held.hold is not msgspec.UNSET:
        raise refused(UnitHeld, f"{held.unit!r} is held, and the flag {held.id!r} muted")
    decision = FlagDecision(event.source, event.id, event.receivedtime or event.time, event.data.reason)
    state.flags[key] = msgspec.structs.replace(held, state=decided, cause=place, decision=decision)
    return (state.flags[key],)


def apply_reply(state: BlockState, event: Reply, place: Place) -> tuple[Flag, ...]:
    """The flag's record with the unit's words. Raises `NotApplicable` for a flag that does not stand."""
    key, held = _standing(state, event.data.flag)
    at, data = event.receivedtime or event.time, event.data
    reply = FlagReply(event.source, event.id, at, data.text, data.evidence)
    replied: FlagState = "replied" if held.state == "proposed" else held.state
    state.flags[key] = msgspec.structs.replace(held, state=replied, cause=place, reply=reply)
    return (state.flags[key],)


def _standing(state: BlockState, id: str) -> tuple[tuple[FlagKind, UnitId], Flag]:
    for key, flag in state.flags.items():
        if flag.id == id:
            return key, flag
    raise refused(UnknownFlag, f"no flag {id!r} stands in this block")
