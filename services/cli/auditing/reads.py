"""What an audit reads of the store: rows as storage writes them, so that its own decoders say what each must be."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from services.contracts.stored import Read
from services.storage.rows import (
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
    RankingRow,
    RawEventRow,
)


class StoredLog(NamedTuple):
    """A log that a topic is or was; `generation` counts from 1."""

    topic: str
    log_id: UUID
    generation: int


class StoredPack(NamedTuple):
    """A published pack."""

    hash: str
    body: bytes


class StoredHead(NamedTuple):
    """One body of one evaluation, without the bytes."""

    block: str
    id: str
    sha256: str
    period: str
    engine: str
    chain: str
    events: int
    cause_partition: int
    cause_offset: int
    cause_index: int
    units: int
    log_id: UUID


class DerivedOf(NamedTuple):
    """A body of an evaluation that the table `name` has rows of."""

    name: str
    block: str
    evaluation: str
    sha256: str


_OF_EVALUATIONS: Final = {"block": "String", "ids": "Array(String)"}
_SCOPE: Final = {"scope": "String"}
_PLACE: Final = {
    "log": "UUID",
    "partition": "UInt32",
    "block": "String",
    "offset": "UInt64",
    "index": "Int32",
    "rows": "UInt32",
}

LOGS: Final = Read("audit_logs", {"topic": "String"}, StoredLog)
PACKS: Final = Read("audit_packs", {}, StoredPack)
LOG: Final = Read("audit_log", _PLACE, RawEventRow)
"""At most `rows` rows after (`offset`, `index`), in the order of places; of one block, or of all ('')."""

HEADS: Final = Read("audit_heads", _SCOPE, StoredHead)
"""`scope` is a block, a campaign, or empty for all."""

DERIVED: Final = Read("audit_derived", _SCOPE, DerivedOf)
EVALUATIONS: Final = Read("audit_evaluations", _OF_EVALUATIONS, EvaluationRow)
COPIES: Final = Read("audit_copies", _OF_EVALUATIONS, EvaluationCopyRow)
UNITS: Final = Read("audit_units", _OF_EVALUATIONS, EvaluationUnitRow)
CRITERIA: Final = Read("audit_criteria", _OF_EVALUATIONS, EvaluationCriterionRow)
RANKINGS: Final = Read("audit_rankings", _SCOPE, RankingRow)

READS: Final[tuple[Read[Any], ...]] = (
    LOGS,
    PACKS,
    LOG,
    HEADS,
    DERIVED,
    EVALUATIONS,
    COPIES,
    UNITS,
    CRITERIA,
    RANKINGS,
)
