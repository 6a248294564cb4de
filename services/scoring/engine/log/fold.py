"""`apply`: one event changes the state of its block, and an evaluation that is due is made."""

import hashlib
from datetime import date
from typing import Final, NamedTuple

from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, EvaluationDue, Fact, PackActivated, Report, Retraction, Tick
from services.contracts.flags import Flag
from services.contracts.ids import PackHash, block_id
from services.contracts.pack.model import Pack
from services.contracts.results import Evaluation
from services.scoring.engine.flags.silent_flags import look_for_silence
from services.scoring.engine.log.acts import apply_act
from services.scoring.engine.log.carrying import Carry, carried_over
from services.scoring.engine.log.closing import keep_if_late
from services.scoring.engine.log.effect import Effect
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.reports import apply_fact, apply_report, apply_retraction
from services.scoring.engine.log.state import Activation, BlockState, LateEvent
from services.scoring.engine.official import evaluate_official
from services.scoring.engine.scoring.plan import PackSource, pack_of


class Outcome(NamedTuple):
    """What an event led to beside the change of state. `flags` are the records to publish, in order."""

    evaluation: Evaluation | None
    flags: tuple[Flag, ...]
    carried: tuple[Carry, ...] = ()
    """Events for the logs of other blocks: of those that hold what came of the event's unit, and of those that hold parents of the block's."""
    effect: Effect | None = None


NOTHING: Final = Outcome(None, ())
_KEPT: Final[dict[Effect | None, Outcome]] = {
    None: NOTHING,
    "repeat": Outcome(None, (), (), "repeat"),
    "correction": Outcome(None, (), (), "correction"),
}


def begin_record(state: BlockState, value: bytes) -> None:
    """Links a record of the block into its hash chain: call it once, before the record's events, readable or not.

    chain = SHA-256(chain + SHA-256(value)); the first link starts from 32 zero bytes.
    """
    state.chain = hashlib.sha256(state.chain + hashlib.sha256(value).digest()).digest()


def apply(state: BlockState, event: AnyEvent, place: Place, packs: PackSource) -> Outcome:
    """Applies the event that stands at `place`, changing `state`. Events come in the order of their places, each place once.

    Raises
    - `NotApplicable`: the event goes to the dead letters; it has moved the clock and the count of events. Where `kept` is true it was
      applied all the same: it names a unit or indicator that no pack activated so far has in this block, and counts once one does.
    - `PackMissing`: the event needs a pack that `packs` does not give. The state is unchanged: apply the event again once it does.
    """
    lineage = _lineage(state, packs) if isinstance(event, LateEvent) else None
    if not isinstance(event, Report):
        _require_packs(state, event, packs)
    if event.receivedtime is not None and (state.clock is None or event.receivedtime > state.clock):
        state.clock = event.receivedtime
    state.events += 1
    state.last = place
    if state.closed and isinstance(event, LateEvent) and keep_if_late(state, event):
        return _carried(state, event, lineage)
    match event:
        case Report():
            return _carried(state, event, lineage, apply_report(state, event))
        case Fact():
            return _carried(state, event, lineage, apply_fact(state, event))
        case Retraction():
            return _carried(state, event, lineage, apply_retraction(state, event))
        case PackActivated():
            _activate(state, event, place, packs)
        case EvaluationDue():
            return Outcome(*(evaluate_official(state, event, place, packs) or NOTHING))
        case Tick():
            return Outcome(None, look_for_silence(state, event, place, packs))
        case _:
            return Outcome(None, apply_act(state, event, place))
    return NOTHING


def _lineage(state: BlockState, packs: PackSource) -> Pack | None:
    """The active pack, where it knows of units that change. Raises `PackMissing`."""
    if not state.activations:
        return None
    pack = pack_of(state.activations[-1].pack, packs)
    return pack if pack.lineage else None


def _carried(state: BlockState, event: LateEvent, pack: Pack | None, effect: Effect | None = None) -> Outcome:
    """A report of a unit that has gone over into others by now is carried to them at once, even one that is late here: whether it is late
    there their block says. `thidua lineage apply` carries what came before the change.
    """
    carried = () if pack is None else tuple(carried_over(event, pack, state.clock))
    return Outcome(None, (), carried, effect) if carried else _KEPT[effect]


def _require_packs(state: BlockState, event: AnyEvent, packs: PackSource) -> None:
    """All packs that the event may need, asked for before anything changes."""
    needed: list[PackHash] = []
    if isinstance(event, PackActivated):
        needed = [PackHash(event.data.pack)]
    elif isinstance(event, EvaluationDue | Tick):
        needed = [activation.pack for activation in state.activations]
    for pack in needed:
        pack_of(pack, packs)


def _activate(state: BlockState, event: PackActivated, place: Place, packs: PackSource) -> None:
    """Appends the activation. The same event again, or the pack that is active already from that day, changes nothing."""
    hash, key = PackHash(event.data.pack), (event.source, event.id)
    valid_from = _day(event.data.valid_from)
    newest = state.activations[-1] if state.activations else None
    is_active = newest is not None and (newest.pack, newest.valid_from) == (hash, valid_from)
    if is_active or any(activation.event == key for activation in state.activations):
        return
    _learn_names(state, pack_of(hash, packs))
    state.activations.append(Activation(hash, valid_from, place, key))


def _learn_names(state: BlockState, pack: Pack) -> None:
    """What the pack has in this block: from here on its units and indicators are known."""
    if state.block not in pack.block_by_id:
        raise NotApplicable(
            "unknown-block",
            f"the pack of campaign {pack.campaign.id!r} has no block {state.block!r}",
            "Activate the pack in the blocks that it has; thidua pack check lists them.",
        )
    campaign = pack.campaign.id
    state.known_units.update(unit.id for unit in pack.units if block_id(campaign, unit.block) == state.block)
    state.known_indicators.update(pack.indicator_by_id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotApplicable(
            "bad-event",
            f"valid_from {text!r} is no date: {error}",
            "Activate the pack again from a day of the calendar.",
        ) from error
