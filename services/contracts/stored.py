"""What may be asked of the store: named reads with their parameters and rows. Each is a view that storage's migrations make.

    reader = StoreReader(connect(settings))
    for evaluation in reader.rows(EVALUATIONS, block="hdi/world"): ...

SQL stands only in storage (docs/decisions/0031-reads-are-parameterised-views.md); here are names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from services.contracts.stored_rows import (
    EventCount,
    Freshness,
    RankingPoint,
    RowCount,
    StoredAlert,
    StoredAppearance,
    StoredBody,
    StoredCopy,
    StoredCriterion,
    StoredDeadLetter,
    StoredEvaluation,
    StoredFlag,
    StoredPublication,
    StoredRanking,
    StoredScore,
    StoredStep,
    StoredUnit,
    StoredWait,
    StoredWay,
    UnitInPeriod,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A named read: `parameters` by name with their ClickHouse types. Columns are the fields of `row`."""

    view: str
    parameters: Mapping[str, str]
    row: type[T]


_BLOCK: Final = {"block": "String"}
_ID: Final = {"id": "String"}
_SCOPE: Final = {"scope": "String"}

EVALUATIONS: Final = Read("read_evaluations", _BLOCK, StoredEvaluation)
"""All editions of all periods of a block, by `as_of`."""

NEWEST_EVALUATIONS: Final = Read("read_newest_evaluations", _BLOCK, StoredEvaluation)
"""The newest edition of each period."""

PUBLICATIONS: Final = Read("read_publications", _BLOCK, StoredPublication)
"""Oldest first."""

EVALUATION_BODIES: Final = Read("read_evaluation_bodies", _ID, StoredBody)
"""The first row counts; a second one is a fault."""

EVALUATION_COPIES: Final = Read("read_evaluation_copies", _BLOCK, StoredCopy)

EVALUATION_UNITS: Final = Read("read_evaluation_units", _ID, StoredUnit)
"""In board order."""

EVALUATION_CRITERIA: Final = Read("read_evaluation_criteria", {**_ID, "unit": "String"}, StoredCriterion)
NEWEST_SCORES: Final = Read("read_newest_scores", _BLOCK, StoredScore)
UNIT_HISTORY: Final = Read("read_unit_history", {**_BLOCK, "unit": "String"}, UnitInPeriod)

FLAGS: Final = Read("read_flags", _SCOPE, StoredFlag)
"""Newest state of each flag; `scope` is a block, or a campaign."""

FLAG_HISTORY: Final = Read("read_flag_history", _ID, StoredFlag)
"""`id` is the flag's."""

RANKING: Final = Read("read_ranking", _BLOCK, StoredRanking)
RANKING_HISTORY: Final = Read(
    "read_ranking_history", {**_BLOCK, "unit": "String", "seconds": "UInt32"}, RankingPoint
)
EVENT_COUNTS: Final = Read("read_event_counts", _SCOPE, EventCount)
"""`scope` is a block, a campaign, or empty for all."""

FRESHNESS: Final = Read("read_freshness", {"seconds": "UInt32"}, Freshness)
"""Of what was received in the last `seconds`."""

STEPS: Final = Read("read_steps", {**_SCOPE, "seconds": "UInt32"}, StoredStep)
"""Each minute of the last `seconds`; `scope` is a block, a campaign, or empty for all."""

STORED_WAITS: Final = Read("read_stored_waits", {"seconds": "UInt32"}, StoredWait)
"""Of what was stored in the last `seconds`: each block, and the whole as the block ''."""

WAY: Final = Read("read_way", {**_BLOCK, "offset": "UInt64"}, StoredWay)
"""Of the events at one place of the log: one row, or none where they did not come through the door."""

DEAD_LETTERS: Final = Read("read_dead_letters", _SCOPE, StoredDeadLetter)
"""Newest first; `scope` is a block, a campaign, or empty for all."""

APPEARANCES: Final = Read(
    "read_appearances",
    {**_BLOCK, "source": "String", "id": "String", "partition": "UInt32", "offset": "UInt64"},
    StoredAppearance,
)
"""Where the event stands in the partition's log from an offset on, also as a copy or as a dead letter that was replayed."""

ALERTS: Final = Read("read_alerts", _SCOPE, StoredAlert)
"""Newest step of each alert, newest first; `scope` is a block, a campaign, or empty for all."""

ALERT_STEPS: Final = Read("read_alert_steps", _ID, StoredAlert)
"""All steps of the alert `id`, oldest first."""

COUNTS: Final[Read[RowCount]] = Read("read_counts", {}, RowCount)

READS: Final[tuple[Read[Any], ...]] = (
    EVALUATIONS,
    NEWEST_EVALUATIONS,
    PUBLICATIONS,
    EVALUATION_BODIES,
    EVALUATION_COPIES,
    EVALUATION_UNITS,
    EVALUATION_CRITERIA,
    NEWEST_SCORES,
    UNIT_HISTORY,
    FLAGS,
    FLAG_HISTORY,
    RANKING,
    RANKING_HISTORY,
    EVENT_COUNTS,
    FRESHNESS,
    STEPS,
    STORED_WAITS,
    WAY,
    DEAD_LETTERS,
    APPEARANCES,
    ALERTS,
    ALERT_STEPS,
    COUNTS,
)


class StoreReader:
    """Asks the store. Blocks; threads may share it. A client of `services.contracts.clickhouse.connect`, so that times are aware."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def rows(self, read: Read[T], **parameters: str | int | list[str]) -> list[T]:
        """All rows, in the read's order. Raises `TypeError` for other parameters than the read's, and ClickHouse's errors."""
        if parameters.keys() != read.parameters.keys():
            raise TypeError(f"{read.view} takes {sorted(read.parameters)}, not {sorted(parameters)}")
        result = self._client.query(
            statement(read), parameters=parameters, column_formats=_as_bytes(read.row), column_oriented=False
        )
        return [read.row(*row) for row in result.result_rows]


def statement(read: Read[Any]) -> str:
    """The one form of question, with the parameters bound by ClickHouse."""
    columns = ", ".join(f"`{column}`" for column in read.row._fields)
    bound = ", ".join(f"{name} = {{{name}:{kind}}}" for name, kind in read.parameters.items())
    return f"SELECT {columns} FROM {read.view}" + (f"({bound})" if bound else "")


def _as_bytes(row: type[Any]) -> dict[str, str]:
    """Columns that are bytes: ClickHouse's String holds either."""
    return {name: "bytes" for name, kind in row.__annotations__.items() if kind is bytes}
