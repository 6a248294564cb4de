"""What the scoring worker publishes: live rankings, official evaluations, flags, dead letters.

Bytes are canonical: fields in the order written here, no spaces, floats rounded by the engine before they get here.
Per-criterion rows are arrays in the pack's criterion order, to keep a ranking of 69 units and 30 criteria small.
"""

from datetime import datetime
from typing import Final, Literal

import msgspec

from services.contracts.event_data import Origin, Place
from services.contracts.flags import Flag
from services.contracts.ids import BlockId, EvaluationId, PackHash, UnitId

RANKING_SCHEMA: Final = b"ranking/1"
EVALUATION_SCHEMA: Final = b"evaluation/1"
DEAD_LETTER_SCHEMA: Final = b"dead-letter/1"

CellState = Literal["reported", "not_reported", "not_due", "not_applicable", "inherited"]
"""`inherited`: due and not reported, but the units that were merged into this one had a pass or a title, which it has to confirm."""

Light = Literal["on_path", "at_risk", "off_path"]
"""Of a figure against the target that its planned path has for the day."""
NoticeKind = Literal["frozen", "jump", "part_above_whole"]

Quadrant = Literal["leading", "slipping", "catching_up", "falling_behind"]
"""Level and movement of a unit against its block: the first two stand at the median score or above, the first and the third moved at least as
the median unit did."""

NoDelta = Literal[
    "not_ranked_now",
    "no_earlier_evaluation",
    "other_rules",
    "other_units",
    "merged",
    "not_ranked_then",
    "not_reported_then",
]
"""Why there is no delta; the first that holds is told.

`not_ranked_now`; `no_earlier_evaluation`: none of an earlier period of this length is remembered; `other_rules`: it was scored by other
rules (a pack that differs in words, or in other blocks, is no other rule); `other_units`: other units were in the block; `merged`: units
were merged or split since, and the earlier figures cannot be carried over; `not_ranked_then`; `not_reported_then`: the unit had reported
less than half of what was due, so the change would show the reporting.
"""


class CriterionResult(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One unit on one criterion: [state, actual, score, period, origin, source, id].

    `actual` in the indicator's own unit of measure; `score` in 0..1 (above 1 only where a cap allows it); `period` is the one that the
    figure is of (an older one where the newest is not due yet); (`source`, `id`) is the event that is the evidence.
    """

    state: CellState
    actual: float | None = None
    score: float | None = None
    period: str | None = None
    origin: Origin | None = None
    source: str | None = None
    id: str | None = None


UnrankedReason = Literal["missing_figure", "nothing_counts", "low_coverage"]


class NotRanked(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a unit is not ranked; the first that holds is told.

    `missing_figure`: the figures of `criteria` are overdue, and the pack says that the evaluation fails without them (`missing: fail`);
    `nothing_counts`: no criterion counts for it; `low_coverage`: less is reported of what was due than the pack's `min_coverage`.
    """

    why: UnrankedReason
    criteria: list[str] = []


class PathResult(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A unit on a criterion's planned path: [unit, criterion, target, light, against_path, against_final].

    `target` is what the path asks for on the day that the figure is held against; `light` is null without a figure. The last two are the
    scores (0..1) of the figure against that target and against the final one; null without a figure, or while nothing is asked for.
    """

    unit: UnitId
    criterion: str
    target: float
    light: Light | None
    against_path: float | None
    against_final: float | None


class AdjustmentResult(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the council gave or took for an extra or a group: [criterion, points, events].

    `points` of the scale are what of it counts, within what the pack allows: an extra's own points hold them too, a group's do not.
    `events` are (source, id) of the adjustments.
    """

    criterion: str
    points: float
    events: list[tuple[str, str]]


class UnitResult(msgspec.Struct, frozen=True, gc=False):
    """One unit's place in its block.

    `rank` and `score` are null when the unit is not ranked (`coverage` below the pack's minimum, or no score). `score` is on the block's
    scale. `interval` is the 90 % interval of the rank [best, worst]. `groups` are the scores of the top-level groups in 0..1, in pack order.
    `moved` is places gained since the baseline (positive is up); `delta` is the change of score less the block's median change; both null
    without a comparable baseline. `tied` is true when another unit has the same rank.

    Beside `interval` the draws give `median_rank`; `p_top` and `p_bottom`, the probabilities to be within the first and the last k of the
    block (the pack's share of it); `score_interval`, the 90 % interval of the latent score, on the scale, with the weights as they are;
    and `shrunk`, its mean: the score without the luck in it. All null when the unit is not ranked, and the last two in a live ranking whose
    draws are older than the score.
    """

    unit: UnitId
    rank: int | None
    tied: bool
    score: float | None
    coverage: float
    interval: tuple[int, int] | None
    groups: list[float | None]
    criteria: list[CriterionResult]
    moved: int | None = None
    delta: float | None = None
    simulated: bool = False
    median_rank: int | None = None
    p_top: float | None = None
    p_bottom: float | None = None
    score_interval: tuple[float, float] | None = None
    shrunk: float | None = None
    shrunk_rates: list[float | None] | msgspec.UnsetType = msgspec.UNSET
    """Beside the raw rates of `criteria`, in their order: each ratio of counts drawn towards the block's. There where the unit has any."""
    quadrant: Quadrant | msgspec.UnsetType = msgspec.UNSET
    """There with a delta."""
    no_delta: NoDelta | msgspec.UnsetType = msgspec.UNSET
    """There without one."""
    held: datetime | msgspec.UnsetType = msgspec.UNSET
    """Since when the unit is under inspection, complaint or discipline, where it is: no leader flag of it counts."""
    adjustments: list[AdjustmentResult] | msgspec.UnsetType = msgspec.UNSET
    """There where the council adjusted the unit's points of this period."""
    not_ranked: NotRanked | msgspec.UnsetType = msgspec.UNSET
    """There without a rank."""


class Baseline(msgspec.Struct, frozen=True, gc=False):
    """The official evaluation that movement is measured against."""

    evaluation: EvaluationId
    period: str
    carried_over: bool | msgspec.UnsetType = msgspec.UNSET
    """True: units were merged or split since, and its period was evaluated again over today's units, from what they have of the earlier ones'
    numerators and denominators."""


HaltReason = Literal["engine_crashed", "too_many_refused"]


class Halt(msgspec.Struct, frozen=True):
    """Why a block stands still: the engine crashed three times at one place of it, or so many events of its partition were refused, one
    after the other or in too large a share, that the worker stopped."""

    why: HaltReason
    place: Place
    """Where it stands: nothing of the block is applied from this record on."""
    since: datetime
    """When that record came into the log."""
    error: str
    """What the worker said, for operators."""


class Ranking(msgspec.Struct, frozen=True):
    """The live ranking of a block at a place of the log. Units in board order: ranked first, then not ranked by name."""

    block: BlockId
    period: str
    pack: PackHash
    engine: str
    as_of: datetime
    cause: Place
    events: int
    """Events of the block that the fold has applied so far."""
    chain: str
    baseline: Baseline | None
    intervals_at: Place | None
    """Where the log stood when the intervals were drawn; they are drawn less often than scores are computed."""
    units: list[UnitResult]
    simulated: bool = False
    halted: bool = False
    """The ranking stands still until somebody has mended what `halt` says."""
    halt: Halt | msgspec.UnsetType = msgspec.UNSET
    """There when `halted` is true."""
    paths: list[PathResult] | msgspec.UnsetType = msgspec.UNSET
    """As on an evaluation."""


class OriginFigure(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What another origin says than the one that counts: [unit, criterion, origin, actual], the indicator's plain figure."""

    unit: UnitId
    criterion: str
    origin: Origin
    actual: float


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something about the figures of an evaluation that a person should look at. It is about the feed: no unit is at fault, no score changes.

    `frozen`: of the figures of `of` units that were reported again, the share `value` is exactly that of `since`; `units` are those of which
    all are. `jump`: the group `group` of `units` moved since then by more than `limit` points, the furthest by `value` (signed).
    `part_above_whole`: the figure of the criterion `group` of `units` is more than that of which the pack says it is a part, by up to `value`;
    `since` is the evaluation's own period, and `of` counts the units that reported both.
    """

    kind: NoticeKind
    since: str
    """The evaluated period before, which this one is compared with."""
    group: str | None
    units: list[UnitId]
    of: int
    """Units compared."""
    value: float
    limit: float
    """The pack's threshold."""


class PendingCorrection(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Reports, facts and retractions that came after their period was closed, and would be looked at here: [unit, criterion, events]."""

    unit: UnitId
    criterion: str
    events: int


class Correction(msgspec.Struct, frozen=True, gc=False):
    """What an edition after a published one corrects, and who signed it: the principal of the office, and the reason."""

    evaluation: EvaluationId
    edition: int
    principal: str
    reason: str


class Shortlist(msgspec.Struct, frozen=True, gc=False):
    """The official top share of a block: candidates for people to choose from, and no flags.

    `places` is the share of the ranked units, rounded down: at most 20 % is the law (Decree 152/2025, art. 7). `units` are those whose rank,
    by the pack's tie rule and tie breaks, has a place; `undecided` are level units of which only some would have one: people decide.
    """

    share: float
    places: int
    units: list[UnitId]
    undecided: list[UnitId]


class Evaluation(msgspec.Struct, frozen=True):
    """The official result of one evaluation: a function of the log prefix up to its `evaluation.due`, and of nothing else.

    `chain` is the head of the block's hash chain there. `seed` is what the draws behind the intervals started from. `notices` is there
    where the block's pack has feed checks, and unset elsewhere, so that the bytes of other packs' evaluations stay as they were.
    """

    id: EvaluationId
    block: BlockId
    period: str
    as_of: datetime
    edition: int
    pack: PackHash
    engine: str
    cause: Place
    events: int
    chain: str
    seed: int
    baseline: Baseline | None
    units: list[UnitResult]
    simulated: bool = False
    notices: list[Notice] | msgspec.UnsetType = msgspec.UNSET
    paths: list[PathResult] | msgspec.UnsetType = msgspec.UNSET
    """Units in pack order, each with its criteria that have a planned path; unset where the scheme plans none."""
    correction: Correction | msgspec.UnsetType = msgspec.UNSET
    """There where an edition of the period was published before this one was asked for."""
    closed: bool | msgspec.UnsetType = msgspec.UNSET
    """True where the period is closed: what comes for it from then on does not count."""
    pending: list[PendingCorrection] | msgspec.UnsetType = msgspec.UNSET
    """"Correction pending": there where something came late. Units in pack order, criteria in the scheme's."""
    shortlist: Shortlist | msgspec.UnsetType = msgspec.UNSET
    """There where the block's pack has one."""
    origins: list[OriginFigure] | msgspec.UnsetType = msgspec.UNSET
    """Figures of other origins that differ from the counting ones; unset where the pack's feed checks do not ask for them."""


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something in the log that could not be applied. `body` is the event's bytes (or the whole record's) in base64; `index` -1 is the record."""

    topic: str
    place: Place
    key: str
    reason: str
    """Slug of the problem type: `bad-record`, `bad-event`, `unknown-unit`, `wrong-block` ..."""
    detail: str
    hint: str
    body: bytes
    at: datetime
    source: str | None = None
    id: str | None = None


_encoder: Final = msgspec.json.Encoder()


def encode_result(result: Ranking | Evaluation | Flag | DeadLetter) -> bytes:
    """Canonical bytes of a result."""
    return _encoder.encode(result)


decode_ranking: Final = msgspec.json.Decoder(Ranking).decode
decode_evaluation: Final = msgspec.json.Decoder(Evaluation).decode
decode_dead_letter: Final = msgspec.json.Decoder(DeadLetter).decode
