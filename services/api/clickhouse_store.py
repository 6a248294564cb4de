"""The official evaluations, read from ClickHouse by the store's named reads."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from urllib3.exceptions import HTTPError

from services.api.problems import EvaluationsUnavailable
from services.api.views import HistoryPoint
from services.contracts.event_data import Place
from services.contracts.ids import BlockId, EvaluationId, UnitId
from services.contracts.results import Evaluation, decode_evaluation
from services.contracts.stored import (
    APPEARANCES,
    EVALUATION_BODIES,
    STEPS,
    STORED_WAITS,
    UNIT_HISTORY,
    Read,
    StoreReader,
)
from services.contracts.stored_rows import StoredAppearance, StoredStep, StoredWait, UnitInPeriod

T = TypeVar("T")

log = structlog.get_logger("thidua.api")


class ClickHouseEvaluationStore:
    """Connects when it is first asked, and again after a failure: the api starts and runs without ClickHouse."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._reader: StoreReader | None = None
        self._lock = threading.Lock()

    def evaluation(self, evaluation: EvaluationId) -> Evaluation | None:
        bodies = self._rows(EVALUATION_BODIES, id=evaluation)
        try:
            return decode_evaluation(bodies[0].body) if bodies else None
        except msgspec.MsgspecError as error:
            raise EvaluationsUnavailable(
                f"The stored evaluation {evaluation} cannot be read: {error}."
            ) from error

    def history(self, block: BlockId, unit: UnitId) -> list[HistoryPoint]:
        return [_point(block, row) for row in self._rows(UNIT_HISTORY, block=block, unit=unit)]

    def appearances(self, block: BlockId, source: str, id: str, since: Place) -> list[StoredAppearance]:
        place = {"partition": since.partition, "offset": since.offset}
        return self._rows(APPEARANCES, block=block, source=source, id=id, **place)

    def stored_waits(self, seconds: int) -> list[StoredWait]:
        return self._rows(STORED_WAITS, seconds=seconds)

    def steps(self, scope: str, seconds: int) -> list[StoredStep]:
        return self._rows(STEPS, scope=scope, seconds=seconds)

    def _rows(self, read: Read[T], **parameters: str | int) -> list[T]:
        try:
            return self._connected().rows(read, **parameters)
        except (ClickHouseError, HTTPError, OSError) as error:
            self._reader = None
            log.warning("store_unavailable", read=read.view, error=str(error))
            raise EvaluationsUnavailable(
                "ClickHouse did not answer the question for official evaluations."
            ) from error

    def _connected(self) -> StoreReader:
        with self._lock:
            if self._reader is None:
                self._reader = StoreReader(self._connect())
            return self._reader


def _point(block: BlockId, row: UnitInPeriod) -> HistoryPoint:
    best, worst = row.interval_best, row.interval_worst
    return HistoryPoint(
        evaluation=EvaluationId(row.evaluation),
        block=block,
        period=row.period,
        edition=row.edition,
        as_of=row.as_of,
        rank=row.rank,
        score=row.score,
        coverage=row.coverage,
        interval=(best, worst) if best is not None and worst is not None else None,
    )
