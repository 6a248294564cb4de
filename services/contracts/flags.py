"""Flags, as the scoring worker publishes them: what a person should look at, with its evidence and with what speaks against it."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from services.contracts.event_data import Place
from services.contracts.ids import BlockId, EvaluationId, FlagId, PackHash, UnitId

FLAG_SCHEMA: Final = b"flag/1"

FlagKind = Literal["leader", "underperformer", "off_path", "silent", "sudden_change", "frozen", "review"]
"""The last four are about figures and reports rather than about standing: a person looks at them, and nobody has done badly by them."""
FlagState = Literal["proposed", "replied", "confirmed", "dismissed", "ended"]
"""proposed -> replied, when the unit answers first -> confirmed or dismissed, as the council decides, and back; ended when the streak is
over. A dismissed flag ends in silence. `OPEN_STATES` wait for a decision or have one."""

UNDECIDED: Final[frozenset[FlagState]] = frozenset({"proposed", "replied"})
OPEN_STATES: Final[frozenset[FlagState]] = UNDECIDED | {"confirmed"}

ReviewSign = Literal["heaped", "burst", "revised"]
"""Why figures are on the list for review: heaped just over a target, come at the period's end, changed much after they were due."""


class FlagReply(msgspec.Struct, frozen=True, gc=False):
    """What the unit said: the event (`source`, `id`), when it came, its words, and what it points at."""

    source: str
    id: str
    at: datetime
    text: str
    evidence: list[str]


class FlagHold(msgspec.Struct, frozen=True, gc=False):
    """What mutes a leader flag: the event (`source`, `id`) by which the council held the unit, when it came, and why."""

    source: str
    id: str
    at: datetime
    reason: str


class Mover(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A criterion that moved a unit away from the block's median: [criterion, points]; points on the block's scale, signed."""

    criterion: str
    points: float


class FlagDecision(msgspec.Struct, frozen=True, gc=False):
    """What the council decided about a flag: the event (`source`, `id`), when it came, and why."""

    source: str
    id: str
    at: datetime
    reason: str


class MissingReport(msgspec.Struct, frozen=True, gc=False):
    """The overdue report that matters most to a flag, and the rank that the block's median score on its criterion would give the unit.

    `decides`: with that score the unit would not meet the rule's entering threshold.
    """

    criterion: str
    rank: int
    decides: bool


class SmallestBase(msgspec.Struct, frozen=True, gc=False):
    """Of the flag's criteria whose figures are ratios, the one with the smallest denominator beside the block's median denominator."""

    criterion: str
    denominator: float
    median: float


class CounterCheck(msgspec.Struct, frozen=True, gc=False):
    """Could this flag be wrong? What speaks for doubt, as far as the figures tell."""

    smallest: SmallestBase | None
    """Null where none of the flag's figures is a ratio."""
    overdue: int
    """The unit's criteria without a report that is due; `Flag.coverage` weighs them."""
    missing: MissingReport | None
    """Null where no report is overdue, or the unit is not ranked."""
    held: bool
    """The unit is under inspection, complaint or discipline."""
    transition: bool
    """The unit came of a merger or split so lately that flags pause."""


class Flag(msgspec.Struct, frozen=True):
    """One change of a flag's state. A flag is a proposal until a council member decides.

    `hits` of the last `window` evaluations met the rule's entering threshold. `gap` is score less the block's median score. `evidence`
    lists (source, id) of the events behind the moving criteria.
    """

    id: FlagId
    block: BlockId
    unit: UnitId
    kind: FlagKind
    state: FlagState
    evaluation: EvaluationId
    period: str
    since: str
    """Period of the evaluation that opened the flag."""
    as_of: datetime
    rank: int | None
    of: int
    """Ranked units of the block."""
    interval: tuple[int, int] | None
    score: float | None
    gap: float | None
    coverage: float
    hits: int
    window: int
    movers: list[Mover]
    evidence: list[tuple[str, str]]
    rule: str
    pack: PackHash
    engine: str
    cause: Place
    simulated: bool = False
    decision: FlagDecision | msgspec.UnsetType = msgspec.UNSET
    """The newest one; unset until there is one, so that the bytes of undecided flags stay as they were."""
    reply: FlagReply | msgspec.UnsetType = msgspec.UNSET
    """The unit's newest answer."""
    hold: FlagHold | msgspec.UnsetType = msgspec.UNSET
    """There while the flag is muted: nobody is alerted of it, and it cannot be confirmed."""
    check: CounterCheck | msgspec.UnsetType = msgspec.UNSET
    """There while the flag stands and its unit is in the block."""
    level: float | msgspec.UnsetType = msgspec.UNSET
    """What the rule's thresholds are about, in this evaluation; unset for rules by rank share, and where there is none."""
    criteria: list[str] | msgspec.UnsetType = msgspec.UNSET
    """The criteria that the flag is about; unset for leaders and underperformers."""
    signs: list[ReviewSign] | msgspec.UnsetType = msgspec.UNSET
    """Of a review."""


decode_flag: Final = msgspec.json.Decoder(Flag).decode
