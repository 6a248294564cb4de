"""The broker is stopped under load, or stands still: the door says 503 at once, and nothing that it accepted is lost or doubled."""

import math
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from bench.outages.figures import Figure, below, equal, p95
from bench.outages.load import Answer, Load, accepted_ids, reports
from bench.outages.world import World, wait_until
from services.contracts.events import decode_record
from services.contracts.topics import EVENTS

REQUESTS_PER_S: Final = 50.0
AROUND_S: Final = 2.0
AT_ONCE_S: Final = 0.5
"""An answer in less did not wait for the broker."""

P95_S: Final = 0.1
NOTICED_S: Final = 1.0
NOTICED_HANGING_S: Final = 4.0
SLOWEST_S: Final = 4.0
"""Also for those that were under way when it went."""

BACK_WITHIN_S: Final = 5.0
WOKEN_WITHIN_S: Final = 2.0


class Outage(NamedTuple):
    """How the broker goes and comes, and the bars: until the door knows, p95 of its answers from then on, until it accepts again, and its slowest
    answer."""

    name: str
    away: Callable[[], None]
    back: Callable[[], None]
    noticed_s: float
    p95_s: float
    back_within_s: float
    slowest_s: float = SLOWEST_S


def run(world: World, away_s: float, p95_s: float = P95_S) -> list[Figure]:
    """Stopped in order, so that it refuses connections."""

    def back() -> None:
        world.stack.resume("kafka")
        world.stack.wait_healthy("kafka")

    outage = Outage("stopped", lambda: world.stack.halt("kafka"), back, NOTICED_S, p95_s, BACK_WITHIN_S)
    return _run(world, outage, away_s)


def run_hanging(
    world: World, away_s: float, p95_s: float = P95_S, slowest_s: float = SLOWEST_S
) -> list[Figure]:
    """Stopped by a signal: it keeps its connections open, and answers nothing."""
    pid = world.pid("kafka")

    def away() -> None:
        os.kill(pid, signal.SIGSTOP)

    def back() -> None:
        os.kill(pid, signal.SIGCONT)

    outage = Outage("hanging", away, back, NOTICED_HANGING_S, p95_s, WOKEN_WITHIN_S, slowest_s)
    return _run(world, outage, away_s)


def _run(world: World, outage: Outage, away_s: float) -> list[Figure]:
    run, name = f"{outage.name}-{time.monotonic_ns()}", outage.name
    load = Load(world.stack.urls["ingest"], reports(world.key("department"), run, 1), REQUESTS_PER_S)
    load.start()
    time.sleep(AROUND_S)
    outage.away()
    gone = time.monotonic()
    time.sleep(away_s)
    is_stale, ended = _comes_to(world, stale=True), time.monotonic()
    outage.back()
    is_back = time.monotonic()
    wait_until(lambda: _accepted_after(load.answers, is_back), "the door accepts again")
    time.sleep(AROUND_S)
    answers = sorted(load.stop())
    first_s = _first_accepted(answers, is_back) - is_back
    return [
        *_answers(outage, answers, gone, ended),
        below(f"{name}: accepted again, after it was back", first_s, outage.back_within_s),
        equal(f"{name}: the api says since when its board is stale", int(is_stale), 1),
        *_log(world, name, run, accepted_ids(answers)),
        equal(f"{name}: and no longer", int(_comes_to(world, stale=False)), 1),
    ]


def _comes_to(world: World, *, stale: bool) -> bool:
    """Whether the api comes to say that its board is stale, or no longer: it looks once a second."""
    with suppress(TimeoutError):
        wait_until(lambda: (world.health("api").get("stale_since") is not None) is stale, "", within_s=30)
        return True
    return False


def _accepted_after(answers: list[Answer], at: float) -> bool:
    return any(answer.status == 200 and answer.at > at for answer in list(answers))


def _first_accepted(answers: list[Answer], after: float) -> float:
    return min(answer.at + answer.took_s for answer in answers if answer.status == 200 and answer.at > after)


def _answers(outage: Outage, answers: list[Answer], gone: float, ended: float) -> list[Figure]:
    """Of the requests that left while the broker was away."""
    name, during = outage.name, [answer for answer in answers if gone < answer.at < ended]
    refused = [answer for answer in during if answer.status == 503]
    noticed = min((answer.at for answer in refused if answer.took_s < AT_ONCE_S), default=math.inf)
    from_then_on = [answer.took_s for answer in during if answer.at >= noticed] or [math.inf]
    return [
        Figure(f"{name}: answers while it was away", str(dict(Counter(answer.status for answer in during)))),
        below(f"{name}: until the first 503 at once", noticed - gone, outage.noticed_s),
        below(f"{name}: p95 of the answers from then on", p95(from_then_on), outage.p95_s),
        Figure(f"{name}: p95 of all answers meanwhile", f"{p95([answer.took_s for answer in during]):.3f} s"),
        below(f"{name}: the slowest answer", max(answer.took_s for answer in during), outage.slowest_s),
        equal(f"{name}: 503 without Retry-After", sum(answer.retry_after is None for answer in refused), 0),
        equal(
            f"{name}: answers that are neither 200 nor 503",
            sum(a.status not in (200, 503) for a in answers),
            0,
        ),
    ]


def _log(world: World, name: str, run: str, accepted: set[str]) -> list[Figure]:
    """Accepted ones are in the log once, the board shows them all, and so does the store."""
    wait_until(lambda: world.health("scoring").get("ready", False), "scoring is there again")
    in_log = Counter(
        event.id
        for record in world.records(EVENTS)
        for event in decode_record(record.value or b"[]")
        if event.id.startswith(run)
    )
    stored = world.wait_counted(
        f"SELECT count() FROM events FINAL WHERE startsWith(id, '{run}-')", len(in_log)
    )
    return [
        equal(f"{name}: accepted events that are not in the log", len(accepted - set(in_log)), 0),
        equal(
            f"{name}: accepted events that are in the log twice", sum(in_log[one] > 1 for one in accepted), 0
        ),
        equal(f"{name}: events stored, of those in the log", stored, len(in_log)),
    ]
