"""The rows of each table, a class for a table: its fields are the columns that are written. Times are microseconds since 1970, UTC."""

from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

Micros = int
"""An instant, microseconds since 1970 in UTC: what a DateTime64(6) column holds."""

Millis = int
"""An instant, milliseconds since 1970 in UTC: what a DateTime64(3) column holds."""


class LogRow(NamedTuple):
    topic: str
    log_id: UUID
    generation: int
    seen: Micros


class RawEventRow(NamedTuple):
    log_id: UUID
    partition: int
    offset: int
    index: int  # type: ignore[assignment]  # the column's name, over tuple.index
    block: str
    source: str
    id: str
    type: str
    subject: str
    time: Micros | None
    received: Micros | None
    logged: Millis
    well_formed: bool
    body: bytes


class RecordTimeRow(NamedTuple):
    log_id: UUID
    partition: int
    offset: int
    block: str
    events: int
    door: Micros
    logged: Micros


class EventRow(NamedTuple):
    block: str
    source: str
    id: str
    type: str
    subject: str
    time: Micros
    received: Micros | None
    principal: str
    origin: str
    indicator: str
    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    passed: bool | None
    revision: int
    evidence: list[str]
    note: str
    simulated: bool
    log_id: UUID
    generation: int
    partition: int
    offset: int
    index: int  # type: ignore[assignment]


class DeadLetterRow(NamedTuple):
    topic: str
    generation: int
    partition: int
    offset: int
    index: int  # type: ignore[assignment]
    key: str
    reason: str
    detail: str
    hint: str
    source: str
    id: str
    at: Micros
    body: bytes
    letter_offset: int


class PackRow(NamedTuple):
    hash: str
    campaign: str
    title_vi: str
    title_en: str
    simulated: bool
    published: Millis
    body: bytes
    generation: int
    offset: int


class PackUnitRow(NamedTuple):
    pack: str
    block: str
    unit: str
    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    position: int


class PackColumnRow(NamedTuple):
    pack: str
    block: str
    kind: str
    position: int
    id: str
    title_vi: str
    title_en: str
    indicator: str
    weight: float


class PrincipalRow(NamedTuple):
    id: str
    name: str
    campaign: str
    role: str
    origin: str
    source_prefix: str
    all_units: bool
    units: list[str]
    issued: Micros
    revoked: Micros | None
    generation: int
    offset: int


class RankingRow(NamedTuple):
    block: str
    period: str
    pack: str
    engine: str
    as_of: Micros
    events: int
    chain: str
    simulated: bool
    body: bytes
    cause_partition: int
    cause_offset: int
    cause_index: int
    generation: int
    offset: int


class RankingHistoryRow(NamedTuple):
    block: str
    unit: str
    minute: int
    """Seconds since 1970."""
    period: str
    rank: int | None
    score: float | None
    coverage: float
    interval_best: int | None
    interval_worst: int | None
    simulated: bool
    cause_offset: int
    cause_index: int
    generation: int
    offset: int


class RankingTimeRow(NamedTuple):
    block: str
    generation: int
    cause_offset: int
    cause_index: int
    as_of: Micros
    sent: Micros


class RankingStepsRow(NamedTuple):
    """The lists have one entry for each stretch of the log."""

    block: str
    cause_partition: int
    cause_offset: int
    cause_index: int
    ranked: Micros
    board: Micros | None
    came: Micros
    offsets: list[int]
    events: list[int]
    door_us: list[Micros]
    logged_us: list[Micros]
    applied_us: list[Micros]
    old: int
    repeats: int
    corrections: int


class EvaluationRow(NamedTuple):
    block: str
    id: str
    sha256: str
    period: str
    as_of: Micros
    edition: int
    pack: str
    engine: str
    events: int
    chain: str
    seed: int
    baseline: str
    simulated: bool
    units: int
    ranked: int
    body: bytes
    cause_partition: int
    cause_offset: int
    cause_index: int
    log_id: UUID
    generation: int
    partition: int
    offset: int


class EvaluationCopyRow(NamedTuple):
    log_id: UUID
    partition: int
    offset: int
    block: str
    id: str
    sha256: str
    generation: int
    logged: Millis
    sent: Micros | None


class EvaluationUnitRow(NamedTuple):
    block: str
    evaluation: str
    sha256: str
    unit: str
    position: int
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


class EvaluationCriterionRow(NamedTuple):
    block: str
    evaluation: str
    sha256: str
    unit: str
    position: int
    state: str
    actual: float | None
    score: float | None
    period: str
    origin: str
    source: str
    id: str


class FlagChangeRow(NamedTuple):
    block: str
    id: str
    generation: int
    cause_offset: int
    cause_index: int
    cause_partition: int
    unit: str
    kind: str
    state: str
    evaluation: str
    period: str
    since: str
    as_of: Micros
    rank: int | None
    of: int
    score: float | None
    gap: float | None
    coverage: float
    hits: int
    window: int
    rule: str
    pack: str
    simulated: bool
    body: bytes
    offset: int


class AlertStepRow(NamedTuple):
    block: str
    id: str
    generation: int
    number: int
    evaluation: str
    occasion: str
    role: str
    channel: str
    part: int
    step: str
    attempts: int
    at: Micros
    flags: list[str]
    units: list[str]
    kinds: list[str]
    states: list[str]
    reason: str
    retry_at: Micros | None
    simulated: bool
    body: bytes
    offset: int


Row = (
    LogRow
    | RawEventRow
    | RecordTimeRow
    | EventRow
    | DeadLetterRow
    | PackRow
    | PackUnitRow
    | PackColumnRow
    | PrincipalRow
    | RankingRow
    | RankingHistoryRow
    | RankingTimeRow
    | RankingStepsRow
    | EvaluationRow
    | EvaluationCopyRow
    | EvaluationUnitRow
    | EvaluationCriterionRow
    | FlagChangeRow
    | AlertStepRow
)

TABLES: Final[dict[type[Row], str]] = {
    LogRow: "logs",
    RawEventRow: "raw_log",
    RecordTimeRow: "record_times",
    EventRow: "events",
    DeadLetterRow: "dead_letters",
    PackRow: "packs",
    PackUnitRow: "pack_units",
    PackColumnRow: "pack_columns",
    PrincipalRow: "principals",
    RankingRow: "rankings",
    RankingHistoryRow: "ranking_history",
    RankingTimeRow: "ranking_times",
    RankingStepsRow: "ranking_steps",
    EvaluationUnitRow: "evaluation_units",
    EvaluationCriterionRow: "evaluation_criteria",
    EvaluationRow: "evaluations",
    EvaluationCopyRow: "evaluation_copies",
    FlagChangeRow: "flag_changes",
    AlertStepRow: "alert_steps",
}
"""Tables in the order in which a batch is written: an evaluation is there only when its units are."""
