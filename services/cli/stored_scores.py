"""Scores and evaluations as ClickHouse holds them: the newest official edition of every period."""

import logging
from collections.abc import Iterable

from clickhouse_connect.driver.exceptions import Error

from deploy.embedded.invocation import command
from services.cli.comparison import Score
from services.cli.failures import CannotReach
from services.cli.settings import settings
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.results import Evaluation, decode_evaluation
from services.contracts.stored import EVALUATION_BODIES, NEWEST_EVALUATIONS, NEWEST_SCORES, StoreReader


def open_store() -> StoreReader:
    """The store of the running stack, or of THIDUA_CLICKHOUSE_URL. Raises `CannotReach`."""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # its warning says less than ours
    where = ClickHouseSettings(clickhouse_url=settings().clickhouse_url)
    try:
        return StoreReader(connect(where))
    except Error as error:
        raise unreachable(error) from error


def stored_scores(store: StoreReader, blocks: Iterable[BlockId]) -> list[Score]:
    """What every unit got in the newest edition of every period. Raises `CannotReach`."""
    try:
        rows = [row for block in blocks for row in store.rows(NEWEST_SCORES, block=block)]
    except Error as error:
        raise unreachable(error) from error
    return [Score(row.period, row.unit, row.score, row.rank) for row in rows]


def stored_evaluations(store: StoreReader, blocks: Iterable[BlockId]) -> list[Evaluation]:
    """The newest edition of every period. Raises `CannotReach`."""
    try:
        newest = [row.id for block in blocks for row in store.rows(NEWEST_EVALUATIONS, block=block)]
    except Error as error:
        raise unreachable(error) from error
    bodies = stored_bodies(store, map(EvaluationId, newest))
    return [decode_evaluation(copies[0]) for copies in bodies.values() if copies]


def stored_bodies(store: StoreReader, evaluations: Iterable[EvaluationId]) -> dict[EvaluationId, list[bytes]]:
    """The bytes of each evaluation, every differing body of it. Raises `CannotReach`."""
    try:
        return {id: [row.body for row in store.rows(EVALUATION_BODIES, id=id)] for id in evaluations}
    except Error as error:
        raise unreachable(error) from error


def unreachable(error: Exception) -> CannotReach:
    """What to tell when ClickHouse does not answer."""
    what = f"ClickHouse at {settings().clickhouse_url} does not answer as it should ({type(error).__name__})."
    return CannotReach(
        what,
        f"{command('status')} shows whether it runs; {command('up')} starts it; THIDUA_CLICKHOUSE_URL names another.",
    )
