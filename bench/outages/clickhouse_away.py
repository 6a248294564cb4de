"""ClickHouse is stopped under load: the door, scoring and the live board go on, and storage catches up without losing or doubling a row."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from bench.outages.figures import Figure, below, equal, staleness
from bench.outages.load import Load, accepted_ids, reports
from bench.outages.world import World, block_ids, wait_until
from services.cli.door import DoorClient
from services.contracts.event_data import EvaluationDueData
from services.contracts.events import EvaluationDue
from services.contracts.topics import EVALUATIONS

PER_REQUEST: Final = 10
EVALUATE_EVERY_S: Final = 5.0
AROUND_S: Final = 3.0
MOST_STALE_S: Final = 2.0


def run(world: World, away_s: float, events_per_s: int = 1_000) -> list[Figure]:
    """Loads for `away_s` while ClickHouse is stopped, and a little before and after; official evaluations are asked for all the while."""
    name, starts = f"away-{time.monotonic_ns()}", world.ends()
    load = Load(
        world.stack.urls["ingest"],
        reports(world.key("department"), name, PER_REQUEST),
        events_per_s / PER_REQUEST,
    )
    load.start()
    with DoorClient(world.stack.urls["ingest"], world.key("office")) as office:
        _evaluate_for(office, AROUND_S, name)
        world.stack.halt("clickhouse")
        _evaluate_for(office, away_s, name)
        world.stack.resume("clickhouse")
        world.stack.wait_healthy("clickhouse")
        _evaluate_for(office, AROUND_S, name)
    answers = load.stop()
    caught_up_s = wait_until(
        lambda: _stored(world, name) >= len(accepted_ids(answers)), "storage has caught up"
    )
    world.wait_stored()
    accepted = world.accepted_since(starts)
    world.wait_shown(accepted)
    stale = max(one.seconds for one in staleness(accepted, world.board.seen))
    return [
        Figure("answers", str(dict(Counter(answer.status for answer in answers)))),
        equal("requests that were not accepted", sum(answer.status != 200 for answer in answers), 0),
        below("the board at its most stale, any block", stale, MOST_STALE_S),
        Figure("storage caught up, after the load's end", f"{caught_up_s:.1f} s"),
        *_events(world, name, accepted_ids(answers)),
        *_evaluations(world, name),
    ]


def _evaluate_for(office: DoorClient, seconds: float, name: str) -> None:
    """Official evaluations of every block, every few seconds."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        office.push([_due(block, name) for block in block_ids()])
        time.sleep(min(left, EVALUATE_EVERY_S))


def _due(block: str, name: str) -> EvaluationDue:
    edition = time.monotonic_ns() // 1_000_000
    return EvaluationDue(
        specversion="1.0",
        id=f"{name}/{block}/{edition}",
        source="/bench/office/run",
        subject=block,
        time=datetime.now(UTC),
        data=EvaluationDueData(period="2025-03", as_of=datetime(2025, 7, 5, tzinfo=UTC), edition=edition),
    )


def _stored(world: World, name: str) -> int:
    return int(world.query(f"SELECT count() FROM events FINAL WHERE startsWith(id, '{name}-')")[0][0])


def _events(world: World, name: str, accepted: set[str]) -> list[Figure]:
    """Of the events that count and of the raw log: rows as they stand, rows that count, and different ids."""
    figures = []
    for table in ("events", "raw_log"):
        where = f"FROM {table}{{}} WHERE startsWith(id, '{name}-')"
        ((raw,),) = world.query(f"SELECT count() {where.format('')}")
        ((final, ids),) = world.query(f"SELECT count(), uniqExact(source, id) {where.format(' FINAL')}")
        figures += [
            equal(f"{table}: rows that count, of the accepted events", int(final), len(accepted)),
            equal(f"{table}: different events", int(ids), len(accepted)),
            equal(f"{table}: rows as they stand", int(raw), len(accepted)),
        ]
    return figures


def _evaluations(world: World, name: str) -> list[Figure]:
    """Every evaluation that scoring published, against every one that is stored: the same bytes, once each."""
    published = {record.value for record in world.records(EVALUATIONS) if record.value is not None}
    world.wait_counted(
        "SELECT count() FROM evaluations FINAL WHERE startsWith(block, 'bench/')", len(published)
    )
    stored = [
        body if isinstance(body, bytes) else str(body).encode()
        for (body,) in world.query("SELECT body FROM evaluations FINAL WHERE startsWith(block, 'bench/')")
    ]
    return [
        equal("evaluations stored", len(stored), len(published)),
        equal("of them with the published bytes", len(published & set(stored)), len(published)),
    ]
