"""Occasions: what one message tells of. Flags that changed by one evaluation, or by one decision, belong together.

Pure: the caller tells the time, in seconds of a clock that never goes back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.contracts.event_data import Place
from services.contracts.flags import Flag, FlagDecision, FlagHold, FlagReply, FlagState
from services.contracts.ids import BlockId, EvaluationId, FlagId, flag_parts
from services.contracts.records import is_newer

BY_EVALUATION: Final = "evaluation"


class OccasionKey(NamedTuple):
    """Follows from a flag's record alone, whichever copy of it is read, and whenever."""

    block: BlockId
    evaluation: EvaluationId
    name: str


@dataclass(slots=True)
class Occasion:
    """`first_offsets`: by partition, where the earliest record stands that it was made of."""

    key: OccasionKey
    changed_s: float
    flags: dict[FlagId, Flag] = field(default_factory=dict)
    first_offsets: dict[int, int] = field(default_factory=dict)


def occasion_of(flag: Flag) -> OccasionKey | None:
    """What brought the flag into its state; None for a state that nobody is told of (a dismissal is the council's own), and while a hold
    mutes the flag: after the release it is written again, and is told of then.

    A proposed flag belongs to the evaluation that opened it, also when only a later update of it is left of the compacted topic.
    """
    parts = flag_parts(flag.id)
    if parts is None:
        return None
    if isinstance(flag.hold, FlagHold) and flag.state != "ended":
        return None
    if flag.state == "proposed":
        return OccasionKey(flag.block, parts.opened_by, BY_EVALUATION)
    if flag.state == "replied" and isinstance(flag.reply, FlagReply):
        return OccasionKey(flag.block, parts.opened_by, f"reply:{flag.reply.source}:{flag.reply.id}")
    if flag.state == "ended":
        return OccasionKey(flag.block, flag.evaluation, BY_EVALUATION)
    if flag.state == "confirmed" and isinstance(flag.decision, FlagDecision):
        name = f"decision:{flag.decision.source}:{flag.decision.id}"
        return OccasionKey(flag.block, parts.opened_by, name)
    return None


class Gathering:
    """Collects flags into occasions until no new one has come for `settle_s`."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._open: dict[OccasionKey, Occasion] = {}
        self._newest: dict[FlagId, tuple[Place, FlagState]] = {}
        self._muted: set[FlagId] = set()

    def note(self, flag: Flag) -> bool:
        """Remembers the flag's state. False for an old value that a woken worker wrote late (DESIGN 8.2)."""
        held = self._newest.get(flag.id)
        if not is_newer(flag.cause, None if held is None else held[0]):
            return False
        self._newest[flag.id] = (flag.cause, flag.state)
        (self._muted.add if isinstance(flag.hold, FlagHold) else self._muted.discard)(flag.id)
        return True

    def state_of(self, flag: FlagId) -> FlagState | None:
        """The newest state that was seen; None when the flag was not seen since the start: its owner writes it again within seconds."""
        held = self._newest.get(flag)
        return None if held is None else held[1]

    def is_muted(self, flag: FlagId) -> bool:
        """Whether its unit is held, by the newest record that was seen."""
        return flag in self._muted

    def add(self, flag: Flag, partition: int, offset: int, now_s: float) -> None:
        """Puts the flag to its occasion, which then waits anew. The same record again changes nothing."""
        key = occasion_of(flag)
        if key is None:
            return
        occasion = self._open.setdefault(key, Occasion(key, now_s))
        if occasion.flags.get(flag.id) != flag:
            occasion.flags[flag.id] = flag
            occasion.changed_s = now_s
        occasion.first_offsets.setdefault(partition, offset)

    def settled(self, now_s: float) -> list[Occasion]:
        """The occasions that are complete, by now."""
        return [one for one in self._open.values() if now_s - one.changed_s >= self._settle_s]

    def close(self, occasion: Occasion) -> None:
        """Every alert of it is recorded."""
        self._open.pop(occasion.key, None)

    def __len__(self) -> int:
        return len(self._open)

    def committable(self, positions: Iterable[tuple[int, int]]) -> dict[int, int]:
        """By partition, the offset up to which everything is recorded, where the log was read up to these positions."""
        return {
            partition: min(
                [position, *(one.first_offsets.get(partition, position) for one in self._open.values())]
            )
            for partition, position in positions
        }
