"""What an audit may find, one word for each kind, and what an operator does about it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

KAFKA: Final = "kafka"
CLICKHOUSE: Final = "clickhouse"


class Kind(StrEnum):
    """The kinds, the gravest first: reports are in this order."""

    REWRITTEN_LOG = "rewritten-log"
    OTHER_LOG = "other-log"
    CHANGED_EVENT = "changed-event"
    MISSING_EVENT = "missing-event"
    MISPLACED_RECORD = "misplaced-record"
    CHANGED_EVALUATION = "changed-evaluation"
    FOREIGN_EVALUATION = "foreign-evaluation"
    MISSING_EVALUATION = "missing-evaluation"
    CHANGED_ROW = "changed-row"
    FOREIGN_ROW = "foreign-row"
    MISSING_ROW = "missing-row"
    CHANGED_RANKING = "changed-ranking"
    OTHER_ENGINE = "other-engine"
    MISSING_PACK = "missing-pack"
    ENGINE_FAILURE = "engine-failure"


NOT_COMPARED: Final = frozenset({Kind.OTHER_ENGINE, Kind.MISSING_PACK, Kind.ENGINE_FAILURE})
"""No difference: this version, or what stands there now, cannot tell."""

_REBUILD: Final = (
    'have storage write ClickHouse again from Kafka (docs/operations.md, "Rebuilding ClickHouse")'
)
_WHO_STORES: Final = "Only storage may write there: find out whose user did"

NEXT: Final[dict[Kind, str]] = {
    Kind.REWRITTEN_LOG: f"In ClickHouse alone, where Kafka's log gives the heads: {_REBUILD}. In Kafka: stop publishing, compare the newest "
    "backup with the log between the two places named, find who may write to campaign.events, and restore the log that gives the heads: "
    "thidua restore.",
    Kind.OTHER_LOG: "If the topic was created anew on purpose (a restore), have storage fill ClickHouse from it and audit again; else find out "
    "who deleted it.",
    Kind.CHANGED_EVENT: f"The side whose log gives the chain heads of the evaluations is the right one. Is it Kafka, {_REBUILD}; is it "
    "ClickHouse, Kafka's log was rewritten: restore it from a backup.",
    Kind.MISSING_EVENT: f"Missing in ClickHouse: {_REBUILD}. Missing in Kafka: events were deleted, or rows were put into ClickHouse; the "
    "chain heads say which. Deleted ones come back with thidua restore.",
    Kind.MISPLACED_RECORD: "A writer has its own routing, or the number of partitions was changed: scoring stops at this record. Find the "
    "writer.",
    Kind.CHANGED_EVALUATION: "Only scoring may write to campaign.evaluations: find out which principal of the broker did. Readers take the "
    "first copy; if that is the changed one, restore the topics and let scoring write them again.",
    Kind.FOREIGN_EVALUATION: "Nobody asked for this evaluation: do not publish it. Find out who may write there beside scoring and storage; in "
    f"ClickHouse, delete its rows and {_REBUILD}.",
    Kind.MISSING_EVALUATION: "Missing in Kafka: look whether the block is halted (thidua halts list); else delete the "
    f"checkpoints and start scoring again. Missing in ClickHouse: {_REBUILD}.",
    Kind.CHANGED_ROW: f"{_WHO_STORES}; then {_REBUILD}.",
    Kind.FOREIGN_ROW: f"{_WHO_STORES}; delete these rows, or {_REBUILD}.",
    Kind.MISSING_ROW: f"Only storage may delete there: find out whose user did; then {_REBUILD}.",
    Kind.CHANGED_RANKING: "A live ranking is no evidence and is written again within 10 s: audit again. If it stays, another process than "
    "scoring writes to campaign.rankings.",
    Kind.OTHER_ENGINE: "This is no sign of damage. To compare bytes, install the thidua whose services/scoring/engine/version.py says the "
    "version named, and run the same audit there.",
    Kind.MISSING_PACK: "Publish it again and audit again: thidua pack publish campaigns/<name>.",
    Kind.ENGINE_FAILURE: "Scoring halts the block at the same place (thidua halts list). Send the place and the traceback of scoring's log to who "
    "maintains the engine; audit again with a mended version.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, at one place. `what` are sentences; of a row, `stored` is what stands in `column` and `recomputed` what must."""

    kind: Kind
    block: str
    where: str
    """kafka or clickhouse."""
    what: list[str]
    evaluation: str | None = None
    period: str | None = None
    place: str | None = None
    """Where it lies: topic/partition/offset, and of an event /index."""
    table: str | None = None
    key: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    stored: Any = None
    recomputed: Any = None


def row_finding(
    kind: Kind,
    block: str,
    table: str,
    key: dict[str, Any],
    what: list[str],
    evaluation: str | None = None,
    period: str | None = None,
) -> Finding:
    """About a whole row of ClickHouse."""
    return Finding(
        kind=kind,
        block=block,
        where=CLICKHOUSE,
        what=what,
        evaluation=evaluation,
        period=period,
        table=table,
        key=key,
    )
