"""Holds: no unit is put forward as a leader while it is under inspection, complaint or discipline (Decree 152/2025, art. 4.4).

While a unit is held, no leader flag of it opens, though its evaluations count on: when it is released, the next evaluation opens the
flag if the streak lasts. One that stands already stays as it is and follows its figures, but is muted: it carries the hold, nobody is
alerted, and it cannot be confirmed. An underperformer flag is not touched. What the unit scores and where it ranks are not touched either.
"""

from collections.abc import Mapping

import msgspec

from services.contracts.event_data import Place
from services.contracts.events import Hold, Release
from services.contracts.flags import Flag, FlagHold, FlagKind
from services.contracts.ids import UnitId
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.state import BlockState

MUTED_KIND: FlagKind = "leader"


def apply_hold(state: BlockState, event: Hold, place: Place) -> tuple[Flag, ...]:
    """The unit is held from here on; again, with another reason, the newest counts. Gives its standing leader flag, now muted."""
    unit = _unit(event)
    at = event.receivedtime or event.time
    state.holds[unit] = FlagHold(event.source, event.id, at, event.data.reason)
    return _marked(state, unit, place)


def apply_release(state: BlockState, event: Release, place: Place) -> tuple[Flag, ...]:
    """The hold is over. Gives the unit's standing leader flag, no longer muted; nothing for a unit that is not held."""
    unit = _unit(event)
    return () if state.holds.pop(unit, None) is None else _marked(state, unit, place)


def muting(holds: Mapping[UnitId, FlagHold], kind: FlagKind, unit: UnitId) -> FlagHold | msgspec.UnsetType:
    """What mutes a flag of that kind of the unit; unset where nothing does."""
    return holds.get(unit, msgspec.UNSET) if kind == MUTED_KIND else msgspec.UNSET


def _marked(state: BlockState, unit: UnitId, place: Place) -> tuple[Flag, ...]:
    key = (MUTED_KIND, unit)
    flag = state.flags.get(key)
    if flag is None:
        return ()
    flag = msgspec.structs.replace(flag, hold=muting(state.holds, MUTED_KIND, unit), cause=place)
    state.flags[key] = flag
    return () if flag.state == "dismissed" else (flag,)


def _unit(event: Hold | Release) -> UnitId:
    if event.subject is None:
        raise NotApplicable(
            "bad-event", "the event has no subject, the unit that it is about", "Send it with the unit's id."
        )
    return UnitId(event.subject)
