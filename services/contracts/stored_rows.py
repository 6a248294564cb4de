"""The rows that the named reads of the store give: one type a read."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class StoredEvaluation(NamedTuple):
    """An evaluation without its units. `bodies` above 1: copies differ, see `EVALUATION_COPIES`."""

    block: str
    id: str
    period: str
    edition: int
    as_of: datetime
    pack: str
    engine: str
    cause_partition: int
    cause_offset: int
    cause_index: int
    events: int
    chain: str
    units: int
    ranked: int
    simulated: bool
    sha256: str
    bodies: int


class StoredBody(NamedTuple):
    """The bytes of an evaluation as they stand in Kafka, and the first place where they do."""

    block: str
    sha256: str
    body: bytes
    log_id: UUID
    partition: int
    offset: int


class StoredCopy(NamedTuple):
    """One record of `campaign.evaluations`."""

    id: str
    sha256: str
    log_id: UUID
    partition: int
    offset: int
    logged: datetime
    sent: datetime | None


class StoredUnit(NamedTuple):
    """One unit's row of an evaluation; see `results.UnitResult`."""

    unit: str
    rank: int | None
    tied: bool
    score: float | None
    coverage: float
    interval_best: int | None
    interval_worst: int | None
    moved: int | None
    delta: float | None
    simulated: bool
    groups: list[float | None]
    median_rank: int | None
    p_top: float | None
    p_bottom: float | None
    score_low: float | None
    score_high: float | None
    shrunk: float | None


class StoredCriterion(NamedTuple):
    """One criterion of a unit in an evaluation; names are empty while the pack is not stored yet."""

    position: int
    criterion: str
    title_vi: str
    title_en: str
    indicator: str
    weight: float
    state: str
    actual: float | None
    score: float | None
    period: str
    origin: str
    source: str
    id: str


class StoredScore(NamedTuple):
    """One unit in the newest edition of one period."""

    period: str
    edition: int
    evaluation: str
    unit: str
    score: float | None
    rank: int | None


class UnitInPeriod(NamedTuple):
    """A unit's place in the newest edition of one period; `of` ranked units."""

    period: str
    edition: int
    evaluation: str
    as_of: datetime
    rank: int | None
    of: int
    score: float | None
    coverage: float
    interval_best: int | None
    interval_worst: int | None
    moved: int | None
    delta: float | None
    simulated: bool


class StoredFlag(NamedTuple):
    """One state of a flag; `body` is the whole `results.Flag`."""

    block: str
    id: str
    unit: str
    kind: str
    state: str
    evaluation: str
    period: str
    since: str
    as_of: datetime
    rank: int | None
    of: int
    score: float | None
    gap: float | None
    coverage: float
    simulated: bool
    body: bytes


class StoredRanking(NamedTuple):
    """The live ranking as it was stored last; `body` is the whole `results.Ranking`."""

    block: str
    period: str
    as_of: datetime
    body: bytes


class RankingPoint(NamedTuple):
    """A unit's live place at the end of one minute."""

    minute: datetime
    period: str
    rank: int | None
    score: float | None
    coverage: float
    interval_best: int | None
    interval_worst: int | None


class EventCount(NamedTuple):
    """Events of a block, each counted once."""

    block: str
    events: int
    reports: int
    simulated: int
    last_received: datetime | None


class Freshness(NamedTuple):
    """Seconds from the door to a step: `logged`, `ranked` or `stored`."""

    step: str
    events: int
    p50_s: float
    p95_s: float
    p99_s: float
    max_s: float


class StoredStep(NamedTuple):
    """Milliseconds that events took for a step (`contracts.steps.Step`), of those that came at the door in one minute."""

    minute: datetime
    step: str
    p50_ms: float
    p95_ms: float
    p99_ms: float


class StoredWait(NamedTuple):
    """Milliseconds from the door until stored."""

    block: str
    events: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class StoredWay(NamedTuple):
    """The instants of one record's way; null where a step has not happened, or left no trace."""

    block: str
    events: int
    door: datetime
    logged: datetime
    applied: datetime | None
    ranked: datetime | None
    board: datetime | None
    stored: datetime


class StoredDeadLetter(NamedTuple):
    """What could not be applied; see `results.DeadLetter`."""

    topic: str
    partition: int
    offset: int
    index: int  # type: ignore[assignment]  # the field's name, over tuple.index
    key: str
    reason: str
    detail: str
    hint: str
    source: str
    id: str
    at: datetime
    body: bytes


class StoredAppearance(NamedTuple):
    """One place of an event in the log, and when it came there. `refused` is the reason of its dead letter, empty where it was applied."""

    partition: int
    offset: int
    index: int  # type: ignore[assignment]  # the field's name, over tuple.index
    at: datetime
    refused: str


class StoredAlert(NamedTuple):
    """One step of an alert; see `alerts.Alert`. The four lists are of its flags, in one order."""

    block: str
    id: str
    evaluation: str
    occasion: str
    role: str
    channel: str
    part: int
    step: str
    number: int
    attempts: int
    at: datetime
    flags: list[str]
    units: list[str]
    kinds: list[str]
    states: list[str]
    reason: str
    retry_at: datetime | None
    simulated: bool


class StoredPublication(NamedTuple):
    """An evaluation that the office published. The newest row of a period is its published edition."""

    block: str
    period: str
    edition: int
    evaluation: str
    principal: str
    at: datetime | None


class RowCount(NamedTuple):
    """Rows that count, of one table."""

    name: str
    rows: int
