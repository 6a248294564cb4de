"""The whole pipeline as processes, for its benchmark: started, watched from outside, its CPU time told apart by process."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, NamedTuple

import httpx
import psutil
from clickhouse_connect import get_client

from bench.door import ONE_KEY_FOR_ALL, publish
from bench.door_campaign import bench_pack
from bench.pipeline_board import Board, log_ends, log_reader, stored_offsets
from bench.stacks import temporary_stack
from deploy.embedded.layout import Layout
from deploy.embedded.programs import Program, programs_named
from deploy.embedded.stack import Stack
from deploy.embedded.steps import STEPS
from services.cli.broker import KafkaBroker
from services.cli.publishing import publish_packs

PROGRAMS: Final = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api")
_STEPS: Final = [step for step in STEPS if step.name in ("topics", "migrate")]
_WITHIN_S: Final = 60.0


class Lag(NamedTuple):
    """Records of the events' topic that are not applied yet, and not stored yet."""

    scoring: int
    storage: int


class Pipeline:
    """A running stack with the campaign of `blocks` published, and a reader on its board."""

    def __init__(self, stack: Stack, workers: int) -> None:
        self.stack = stack
        self._ports = [stack.layout.ports.scoring, *_more_ports(stack.layout, workers)]
        self._client = httpx.Client(trust_env=False, timeout=10)
        self._log = log_reader(stack.urls["kafka"])
        self.board = Board(stack.urls["api"])

    @property
    def bootstrap(self) -> str:
        return self.stack.urls["kafka"]

    def ends(self) -> dict[int, int]:
        return log_ends(self._log)

    def lag(self) -> Lag:
        """As of now, from the log's ends, the workers' health and the offsets that storage has committed."""
        ends, applied, stored = self.ends(), self._applied(), stored_offsets(self._log)
        return Lag(_behind(ends, applied), _behind(ends, stored))

    def applied(self, ends: dict[int, int]) -> bool:
        return _behind(ends, self._applied()) == 0

    def shown(self, ends: dict[str, int]) -> bool:
        return all(self.board.offset_of(block) >= end for block, end in ends.items())

    def stored(self, ends: dict[int, int]) -> bool:
        return _behind(ends, stored_offsets(self._log)) == 0

    def rows(self) -> tuple[int, int]:
        """Rows that count, of the log and of the events."""
        port = self.stack.layout.ports.clickhouse
        client = get_client(host="127.0.0.1", port=port, database="thidua", autogenerate_session_id=False)
        found = client.query("SELECT (SELECT count() FROM raw_log FINAL), (SELECT count() FROM events FINAL)")
        return int(found.result_rows[0][0]), int(found.result_rows[0][1])

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds of each process of the stack so far, by program; both workers of scoring count together."""
        spent: dict[str, float] = {}
        for process in self.stack.status().processes:
            name = process.name.split("-")[0]
            spent[name] = spent.get(name, 0.0) + (_cpu_s(process.pid) if process.pid else 0.0)
        return spent

    def _applied(self) -> dict[int, int]:
        offsets: dict[int, int] = {}
        for port in self._ports:
            for partition, state in self._health(port).get("partitions", {}).items():
                offsets[int(partition)] = int(state["next_offset"])
        return offsets

    def _health(self, port: int) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(f"http://127.0.0.1:{port}/readyz").json()
        return answer


@contextmanager
def running(blocks: int, workers: int = 1) -> Iterator[Pipeline]:
    """The whole pipeline, ready, in a temporary folder that is gone afterwards."""
    with temporary_stack(_programs(workers), _STEPS) as stack:
        publish(stack.urls["kafka"], bench_pack(blocks))
        publish_packs(KafkaBroker([stack.urls["kafka"]]), [bench_pack(blocks)])
        pipeline = Pipeline(stack, workers)
        wait_until(lambda: pipeline.applied(pipeline.ends()), "the activations are applied")
        pipeline.board.start()
        yield pipeline


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = _WITHIN_S) -> float:
    """The seconds that it took. Raises `TimeoutError`."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"not within {within_s:g} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def _behind(ends: dict[int, int], offsets: dict[int, int]) -> int:
    return sum(max(0, end - offsets.get(partition, 0)) for partition, end in ends.items())


def _programs(workers: int) -> list[Program]:
    more = [_another_worker(number) for number in range(2, workers + 1)]
    return [*map(_with_one_key, programs_named(PROGRAMS)), *more]


def _with_one_key(program: Program) -> Program:
    """The door takes the load of a province from one key."""
    if program.name != "ingest":
        return program
    settings = [f"{name}={value}" for name, value in ONE_KEY_FOR_ALL.items()]
    return replace(program, argv=lambda layout: ["env", *settings, *program.argv(layout)])


def _another_worker(number: int) -> Program:
    def argv(layout: Layout) -> list[str]:
        port = _more_ports(layout, number)[-1]
        return ["env", f"THIDUA_SCORING_PORT={port}", sys.executable, "-m", "services.scoring"]

    return Program(f"scoring-{number}", argv, after=("kafka", "topics"))


def _more_ports(layout: Layout, workers: int) -> list[int]:
    """Health ports of the workers after the first: those that programs of the stack would have that do not run here."""
    return [layout.ports.alerting][: workers - 1]


def _cpu_s(pid: int) -> float:
    """User and system time of a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(one.cpu_times().user + one.cpu_times().system for one in family)
