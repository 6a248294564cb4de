"""The programs of the stack, as data: how each is started, what it waits for, how its health is told."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.embedded import kafka
from deploy.embedded.health import HealthCheck, http_answers, kafka_answers
from deploy.embedded.layout import Layout
from deploy.embedded.ports import HOST
from services.contracts.checkpoints import CONFIRMED_GROUP


@dataclass(frozen=True)
class Program:
    """`after` names programs and deploy steps; those that a stack leaves out do not hold it up.

    `healthy` is asked of a running process; without one, to run is to be healthy. `ready` is what a start
    waits for when that is more than health. `group` is the consumer group whose lag `status` shows.
    """

    name: str
    argv: Callable[[Layout], list[str]]
    after: tuple[str, ...] = ()
    healthy: HealthCheck | None = None
    ready: HealthCheck | None = None
    group: str | None = None
    start_timeout_s: float = (
        180  # the slowest seen is 30 s, on two cores with a load of 12; a program that crashes is told sooner
    )
    stop_timeout_s: int = 15  # then SIGKILL


def _module(name: str, *arguments: str) -> Callable[[Layout], list[str]]:
    return lambda _layout: [sys.executable, "-m", name, *arguments]


def _clickhouse(layout: Layout) -> list[str]:
    argv = [sys.executable, "-m", "deploy.embedded.clickhouse", "--host", HOST]
    return [*argv, "--port", str(layout.ports.clickhouse), "--path", str(layout.clickhouse_dir)]


PROGRAMS = (
    Program(
        "kafka",
        kafka.broker_argv,
        healthy=kafka_answers,
        stop_timeout_s=60,  # flushes and closes its logs; killed, it recovers them at the next start
    ),
    Program("clickhouse", _clickhouse, healthy=http_answers("clickhouse", "/ping"), stop_timeout_s=30),
    Program(
        "storage",
        _module("services.storage"),
        after=("kafka", "clickhouse", "topics", "migrate"),
        healthy=http_answers("storage", "/livez"),
        ready=http_answers("storage", "/readyz"),
        group="storage",
    ),
    Program(
        "scoring",
        _module("services.scoring"),
        after=("kafka", "topics"),
        healthy=http_answers("scoring", "/livez"),
        ready=http_answers("scoring", "/readyz"),  # has joined its group and read the log
        start_timeout_s=300,  # the whole log of a long campaign
        group=CONFIRMED_GROUP,
    ),
    Program(
        "ingest",
        _module("services.ingest"),
        after=("kafka", "topics"),
        healthy=http_answers("ingest", "/livez"),
        ready=http_answers("ingest", "/readyz"),
    ),
    Program(
        "api",
        _module("services.api"),
        after=("kafka", "clickhouse", "topics", "migrate"),
        healthy=http_answers("api", "/livez"),
        ready=http_answers("api", "/readyz"),
    ),
    Program(
        "alerting",  # tells nobody until thidua people set names somebody
        _module("services.alerting"),
        after=("kafka", "topics"),
        healthy=http_answers("alerting", "/livez"),
        ready=http_answers("alerting", "/readyz"),
        group="alerting",
    ),
    Program(
        "feed", _module("services.cli.feed"), after=("ingest", "scoring", "api", "storage", "packs", "keys")
    ),
)

ENGINES = ("kafka", "clickhouse")


def programs_named(names: Sequence[str] | None) -> tuple[Program, ...]:
    """The programs of these names in the order of PROGRAMS, all of them for None. ValueError for an unknown name."""
    known = {program.name for program in PROGRAMS}
    if names is not None and (unknown := set(names) - known):
        raise ValueError(
            f"no such program: {', '.join(sorted(unknown))} (there are {', '.join(sorted(known))})"
        )
    return tuple(p for p in PROGRAMS if names is None or p.name in names)
