"""What the api answers with: results joined with the names that their pack gives."""

from datetime import datetime

import msgspec

from services.contracts.event_data import Origin, Place
from services.contracts.flag_words import Tone
from services.contracts.flags import (
    CounterCheck,
    FlagDecision,
    FlagHold,
    FlagKind,
    FlagReply,
    FlagState,
    ReviewSign,
)
from services.contracts.ids import BlockId, CampaignId, EvaluationId, FlagId, PackHash, UnitId
from services.contracts.results import (
    AdjustmentResult,
    Baseline,
    CellState,
    Correction,
    NoDelta,
    PendingCorrection,
    Quadrant,
    Shortlist,
)


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    vi: str
    en: str


class GroupView(msgspec.Struct, frozen=True):
    """A top-level group of the block's scheme. `share` of all top-level weight; `points` is its maximum on the block's scale, null where groups
    are not added up (a geometric mean); `median` of the block's ranked units, 0..1."""

    id: str
    title: Words
    short: Words
    share: float
    points: float | None
    median: float | None


class CriterionView(msgspec.Struct, frozen=True):
    """One unit on one criterion, with the event that is the evidence."""

    criterion: str
    title: Words
    unit_of_measure: str
    state: CellState
    actual: float | None
    score: float | None
    period: str | None
    origin: Origin | None
    source: str | None
    id: str | None
    shrunk: float | None = None
    """Of a ratio of counts, `actual` drawn towards the block's rate, the more so the fewer were counted."""


class UnitView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit in its block; the fields of `results.UnitResult` mean the same here.

    `states` says of each group whether anything of it was reported, and else why not; left out when everything was. `criteria` stands only
    in the full form, not on the stream.
    """

    unit: UnitId
    name: str
    kind: str
    rank: int | None
    tied: bool
    score: float | None
    coverage: float
    interval: tuple[int, int] | None
    groups: list[float | None]
    moved: int | None
    delta: float | None
    simulated: bool = False
    median_rank: int | None = None
    p_top: float | None = None
    p_bottom: float | None = None
    score_interval: tuple[float, float] | None = None
    shrunk: float | None = None
    quadrant: Quadrant | None = None
    no_delta: NoDelta | None = None
    held: datetime | msgspec.UnsetType = msgspec.UNSET
    adjustments: list[AdjustmentResult] | msgspec.UnsetType = msgspec.UNSET
    states: list[CellState] | None = None
    criteria: list[CriterionView] | None = None


class Official(msgspec.Struct, frozen=True):
    """What makes a ranking an official evaluation."""

    id: EvaluationId
    edition: int
    seed: int


class RankingView(msgspec.Struct, frozen=True):
    """A ranking, live or official, with names. `official` is null for the live one."""

    block: BlockId
    campaign: CampaignId
    title: Words
    campaign_title: Words
    period: str
    official: Official | None
    as_of: datetime
    cause: Place
    pack: PackHash
    engine: str
    events: int
    chain: str
    baseline: Baseline | None
    intervals_at: Place | None
    simulated: bool
    halted: bool
    halted_since: datetime | None
    source: Words | None
    scale: float
    decimals: int
    ranked: int
    groups: list[GroupView]
    units: list[UnitView]
    correction: Correction | msgspec.UnsetType = msgspec.UNSET
    closed: bool | msgspec.UnsetType = msgspec.UNSET
    pending: list[PendingCorrection] | msgspec.UnsetType = msgspec.UNSET
    shortlist: Shortlist | msgspec.UnsetType = msgspec.UNSET
    """These four as on an `Evaluation`; never of a live ranking."""


class MoverView(msgspec.Struct, frozen=True):
    criterion: str
    title: Words
    points: float


class FlagView(msgspec.Struct, frozen=True):
    """A flag in its newest state; `results.Flag` says what the fields mean."""

    id: FlagId
    block: BlockId
    block_title: Words
    unit: UnitId
    name: str
    kind: FlagKind
    state: FlagState
    evaluation: EvaluationId
    period: str
    since: str
    as_of: datetime
    rank: int | None
    of: int
    interval: tuple[int, int] | None
    score: float | None
    gap: float | None
    coverage: float
    hits: int
    window: int
    movers: list[MoverView]
    evidence: list[tuple[str, str]]
    rule: str
    pack: PackHash
    engine: str
    cause: Place
    simulated: bool
    tone: Tone
    """Praise, a push, or figures to look at."""
    decision: FlagDecision | msgspec.UnsetType = msgspec.UNSET
    check: CounterCheck | msgspec.UnsetType = msgspec.UNSET
    doubts: Words | msgspec.UnsetType = msgspec.UNSET
    """The counter-check in words."""
    level: float | msgspec.UnsetType = msgspec.UNSET
    criteria: list[str] | msgspec.UnsetType = msgspec.UNSET
    signs: list[ReviewSign] | msgspec.UnsetType = msgspec.UNSET
    reply: FlagReply | msgspec.UnsetType = msgspec.UNSET
    hold: FlagHold | msgspec.UnsetType = msgspec.UNSET


class BlockView(msgspec.Struct, frozen=True):
    """A block in the list. `period`, `as_of`, `ranked` and `seconds` (since the last event) are null until it has a ranking.
    `dead_letters`: held ones of the last 24 hours. `halted_since` is null while the block goes on."""

    block: BlockId
    campaign: CampaignId
    title: Words
    campaign_title: Words
    units: int
    ranked: int | None
    period: str | None
    as_of: datetime | None
    seconds: float | None
    flags: int
    dead_letters: int
    halted_since: datetime | None
    simulated: bool
    source: Words | None


class Placement(msgspec.Struct, frozen=True):
    """Where a unit stands in a block's live ranking."""

    block: BlockId
    block_title: Words
    period: str
    as_of: datetime
    of: int
    scale: float
    decimals: int
    groups: list[GroupView]
    unit: UnitView


class HistoryPoint(msgspec.Struct, frozen=True):
    """A unit in one official evaluation."""

    evaluation: EvaluationId
    block: BlockId
    period: str
    edition: int
    as_of: datetime
    rank: int | None
    score: float | None
    coverage: float
    interval: tuple[int, int] | None


class UnitPage(msgspec.Struct, frozen=True):
    """Everything about one unit. `dead_letters`: held ones of the last 24 hours.
    `history` is null when the store of evaluations does not answer; the rest does not wait for it."""

    campaign: CampaignId
    unit: UnitId
    name: str
    kind: str
    placements: list[Placement]
    flags: list[FlagView]
    dead_letters: int
    history: list[HistoryPoint] | None
