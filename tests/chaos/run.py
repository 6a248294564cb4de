"""One run: stack, load, disturbances, quiet, reckoning."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from deploy.embedded.programs import programs_named
from deploy.embedded.stack import Stack
from services.cli.broker import Held, KafkaBroker
from services.cli.door import DoorClient
from services.cli.failures import CannotReach
from services.cli.publishing import publish_packs, published_packs
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.event_data import Place
from services.contracts.flags import decode_flag
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.principals import Role
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS, FLAGS
from tests.chaos.campaign import BLOCKS, CAMPAIGN, PERIODS, pack
from tests.chaos.disturbances import SECOND_WORKER, Disturbances
from tests.chaos.expected import Folded, counting, folded, keys_in, sums
from tests.chaos.history import History, Key
from tests.chaos.load import Load, evaluation
from tests.chaos.reckoning import Check, Found, checks, of_campaign
from tests.support import asking
from tests.support.keys import new_key, wait_known

SENDERS: Final = 3
ROLES: Final[tuple[Role, ...]] = ("department", "office")
QUIET_WITHIN_S: Final = 240.0
"""After the last disturbance everything comes to rest well within this, also on a machine that does much else."""

Folds = dict[BlockId, tuple[list[Held], Folded]]
"""By block, the log that was looked at last, and what follows from it."""

_LAST_EDITION: Final = 1_000_000
_SERVICES: Final = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api")


class Outcome(NamedTuple):
    """What was done to the stack, what was sent to it, and what held."""

    disturbances: dict[str, int]
    history: History
    checks: list[Check]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def run(folder: Path, seconds: float, seed: int, tell: Callable[[str], None], at_least: int = 0) -> Outcome:
    """Loads and disturbs a new stack in `folder` for so long, and until so many disturbances are done on a slow machine; lets it come to
    rest, and reckons. The stack is stopped at the end."""
    history = History()
    with Stack(folder, programs=(*programs_named(_SERVICES), SECOND_WORKER)) as stack:
        servers = [stack.urls["kafka"]]
        broker = KafkaBroker(servers)
        publish_packs(broker, [pack()])
        door = stack.urls["ingest"]
        keys = {role: wait_known(door, new_key(broker, CAMPAIGN, role)) for role in ROLES}
        load = Load(door, servers, keys, seed, history)
        disturbances = Disturbances(stack, seed, tell)
        load.start(SENDERS)
        disturbances.start()
        time.sleep(seconds)
        _wait_done(disturbances, at_least)
        disturbances.stop()
        load.stop()
        tell("quiet")
        _evaluate_all(stack, keys["office"], history)
        return Outcome(dict(disturbances.done), history, _settled(stack, broker, history))


def _wait_done(disturbances: Disturbances, at_least: int) -> None:
    deadline = time.monotonic() + QUIET_WITHIN_S
    while sum(disturbances.done.values()) < at_least and time.monotonic() < deadline:
        time.sleep(0.2)


def _evaluate_all(stack: Stack, key: str, history: History) -> None:
    """A last evaluation of every block and period, which shows every cell."""
    events = [evaluation(block, period, _LAST_EDITION) for block in BLOCKS for period in PERIODS]
    with DoorClient(stack.urls["ingest"], key, deadline_s=QUIET_WITHIN_S) as door:
        for event, result in zip(events, door.push(events), strict=True):
            assert result.status in ("accepted", "duplicate"), result  # the first try had come through
            history.note(event, "accepted")


def _settled(stack: Stack, broker: KafkaBroker, history: History) -> list[Check]:
    """What holds once every reader has caught up; after `QUIET_WITHIN_S` as it is, and the checks tell what is wrong."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    known: Folds = {}
    while True:
        try:
            made = list(checks(history, _found(stack, broker, history, known)))
        except (CannotReach, httpx.HTTPError, OSError):
            if time.monotonic() > deadline:
                raise
        else:
            if all(check.holds for check in made) or time.monotonic() > deadline:
                return made
        time.sleep(2.0)


def _found(stack: Stack, broker: KafkaBroker, history: History, known: Folds) -> Found:
    records = [record for record in broker.read(EVENTS) if record.key.startswith(f"{CAMPAIGN}/")]
    partitions, catalog = broker.existing([EVENTS])[EVENTS.name].partitions, published_packs(broker)
    in_log = keys_in(records)
    by_block = {block: [one for one in records if one.key == block] for block in BLOCKS}
    return Found(
        log=in_log,
        folded={block: _folded(own, block, partitions, catalog, known) for block, own in by_block.items()},
        evaluations=of_campaign(broker.read(EVALUATIONS), f"{CAMPAIGN}/"),
        stored_evaluations=_stored_evaluations(stack),
        stored_events=_stored_events(stack),
        flags=_newest_flags(broker.read(FLAGS)),
        dead_letters=of_campaign(broker.read(DEAD_LETTERS), f"{CAMPAIGN}/"),
        log_values={record.value or b"" for record in records},
        shown={block: _shown(stack, block) for block in BLOCKS},
        counting=counting(history, in_log),
        sums=sums(history, in_log),
    )


def _folded(own: list[Held], block: BlockId, partitions: int, catalog: PackCatalog, known: Folds) -> Folded:
    """Folded anew only where the log is another than at the last look."""
    if block not in known or known[block][0] != own:
        known[block] = own, folded(own, block, partitions, catalog)
    return known[block][1]


def _newest_flags(records: list[Held]) -> dict[str, bytes]:
    """As every reader of the compacted topic does: the highest cause wins, not the last record."""
    newest: dict[str, tuple[Place, bytes]] = {}
    for record in records:
        if not record.key.startswith(f"{CAMPAIGN}/") or record.value is None:
            continue
        cause = decode_flag(record.value).cause
        if record.key not in newest or cause >= newest[record.key][0]:
            newest[record.key] = cause, record.value
    return {key: value for key, (_, value) in newest.items()}


def _query(stack: Stack, sql: str) -> list[tuple[Any, ...]]:
    client = connect(ClickHouseSettings(clickhouse_url=stack.urls["clickhouse"]))
    try:
        return [tuple(row) for row in client.query(sql).result_rows]
    finally:
        with suppress(Exception):
            client.close()


def _stored_events(stack: Stack) -> dict[Key, int]:
    rows = _query(
        stack,
        f"SELECT source, id, count() FROM events FINAL WHERE startsWith(block, '{CAMPAIGN}/') GROUP BY source, id",
    )
    return {(source, id): int(count) for source, id, count in rows}


def _stored_evaluations(stack: Stack) -> dict[BlockId, list[bytes]]:
    rows = _query(stack, f"SELECT block, body FROM evaluations WHERE startsWith(block, '{CAMPAIGN}/')")
    stored: dict[BlockId, list[bytes]] = {block: [] for block in BLOCKS}
    for block, body in rows:
        stored[BlockId(block)].append(body if isinstance(body, bytes) else str(body).encode())
    return stored


def _shown(stack: Stack, block: BlockId) -> dict[str, Any]:
    answer = asking.get(f"{stack.urls['api']}/v1/blocks/{block}/ranking", timeout=10)
    return dict(answer.json()) if answer.status_code == 200 else {}
