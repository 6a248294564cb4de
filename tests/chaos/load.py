"""Senders that push as units do, and worse: again, out of order, corrected, taken back, wrong; and one that puts poison into the log."""

import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from services.cli.broker import KafkaBroker, Outgoing
from services.cli.door import DoorClient, DoorUnreachable, PushRefused
from services.cli.failures import CannotReach
from services.contracts.event_data import EvaluationDueData, FactData, ReportData, RetractionData
from services.contracts.events import AnyEvent, EvaluationDue, Fact, Report, Retraction, encode_record
from services.contracts.ids import BlockId
from services.contracts.principals import Role
from services.contracts.topics import EVENTS
from tests.chaos.campaign import BLOCKS, CAMPAIGN, FACTS, INDICATORS, NAMES, PERIODS, UNITS
from tests.chaos.history import History

BATCH: Final = 40
GIVE_UP_S: Final = 4.0
"""A sender tries one batch for so long, then leaves it: what became of it is not known, and must be all or nothing by event."""

_AS_OF: Final = datetime(2026, 4, 10, tzinfo=UTC)


class Load:
    """Everything that is sent in one run. The same seed sends the same events; what is answered depends on who is dead meanwhile."""

    def __init__(
        self, url: str, servers: list[str], keys: Mapping[Role, str], seed: int, history: History
    ) -> None:
        self._url = url
        self._servers = servers
        self._keys = keys
        self._seed = seed
        self._history = history
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failures: list[BaseException] = []

    def start(self, senders: int) -> None:
        loops: list[Callable[[], None]] = [
            *(lambda number=number: self._report(number) for number in range(senders)),
            self._evaluate,
            self._poison,
        ]
        for loop in loops:
            thread = threading.Thread(target=self._guarded, args=(loop,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
        if self.failures:
            raise self.failures[0]

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except BaseException as error:  # told by stop()
            self.failures.append(error)

    def _report(self, number: int) -> None:
        reports = Reports(number, random.Random(f"{self._seed}/{number}"))
        with DoorClient(self._url, self._keys["department"], deadline_s=GIVE_UP_S) as door:
            while not self._stopping.is_set():
                self._push(door, reports.batch())
                self._stopping.wait(0.05)

    def _evaluate(self) -> None:
        edition = 0
        with DoorClient(self._url, self._keys["office"], deadline_s=GIVE_UP_S) as door:
            while not self._stopping.wait(1.0):
                edition += 1
                period = PERIODS[edition % len(PERIODS)]
                self._push(door, [evaluation(block, period, edition) for block in BLOCKS])

    def _poison(self) -> None:
        rng = random.Random(f"{self._seed}/poison")
        count = 0
        while not self._stopping.wait(rng.uniform(0.5, 1.5)):
            count += 1
            block = rng.choice(BLOCKS)
            value = poison(block, count, rng)
            try:
                KafkaBroker(self._servers).append(EVENTS, [Outgoing(block, value, b"events/1")])
            except CannotReach:
                self._history.note_poison(value, is_there=False)
            else:
                self._history.note_poison(value, is_there=True)

    def _push(self, door: DoorClient, events: list[AnyEvent]) -> None:
        try:
            results = door.push(events)
        except DoorUnreachable:
            for event in events:
                self._history.note(event, "unknown")
        except PushRefused as refused:
            raise AssertionError(f"the door refused a whole batch: {refused}") from refused
        else:
            for event, result in zip(events, results, strict=True):
                self._history.note(event, "rejected" if result.status == "rejected" else "accepted")


class Reports:
    """One sender's events, in batches."""

    def __init__(self, sender: int, rng: random.Random) -> None:
        self._source = f"/{CAMPAIGN}/department/{sender}"
        self._rng = rng
        self._count = 0
        self._earlier: list[AnyEvent] = []

    def batch(self) -> list[AnyEvent]:
        """About one event in ten comes again, one in fifty takes an earlier one back, one in fifty is wrong; in no order."""
        events = [self._next() for _ in range(self._rng.randint(1, BATCH))]
        self._rng.shuffle(events)
        self._earlier = (self._earlier + events)[-400:]
        return events

    def _next(self) -> AnyEvent:
        chance = self._rng.random()
        if self._earlier and chance < 0.10:
            return self._rng.choice(self._earlier)
        reports = [event for event in self._earlier[-50:] if isinstance(event, Report | Fact)]
        if reports and chance < 0.12:
            return self._taken_back(self._rng.choice(reports))
        if chance < 0.14:
            return self._report(subject="nobody")
        subject = self._rng.choice(UNITS[self._rng.choice(NAMES)])
        return self._fact(subject) if chance < 0.5 else self._report(subject)

    def _report(self, subject: str) -> Report:
        self._count += 1
        rng = self._rng
        return Report(
            specversion="1.0",
            id=f"r{self._count}",
            source=self._source,
            subject=subject,
            time=_moment(rng),
            data=ReportData(
                indicator=rng.choice(INDICATORS),
                period=rng.choice(PERIODS),
                value=float(rng.randint(0, 1200)),
                revision=rng.choice((0, 0, 0, 1, 2)),
            ),
        )

    def _fact(self, subject: str) -> Fact:
        self._count += 1
        day = self._rng.choice(PERIODS) + f"-{self._rng.randint(1, 28):02d}"
        amount = float(self._rng.randint(1, 9))
        return Fact(
            specversion="1.0",
            id=f"r{self._count}",
            source=self._source,
            subject=subject,
            time=_moment(self._rng),
            data=FactData(indicator=FACTS, occurred=date.fromisoformat(day), amount=amount),
        )

    def _taken_back(self, event: Report | Fact) -> Retraction:
        self._count += 1
        period = event.data.period if isinstance(event, Report) else event.data.occurred.isoformat()
        return Retraction(
            specversion="1.0",
            id=f"r{self._count}",
            source=self._source,
            subject=event.subject,
            time=_moment(self._rng),
            data=RetractionData(
                source=event.source,
                id=event.id,
                indicator=event.data.indicator,
                period=period,
                reason="taken back",
            ),
        )


def evaluation(block: BlockId, period: str, edition: int) -> EvaluationDue:
    return EvaluationDue(
        specversion="1.0",
        id=f"{block}/{period}/{edition}",
        source=f"/{CAMPAIGN}/office/run",
        subject=block,
        time=datetime.now(UTC),
        data=EvaluationDueData(period=period, as_of=_AS_OF, edition=edition),
    )


def poison(block: BlockId, count: int, rng: random.Random) -> bytes:
    """A record that a broken writer would have put there: no JSON, a bad event, or a unit that no pack has."""
    kind = rng.randrange(3)
    if kind == 0:
        return b"\x00 no JSON %d" % count
    if kind == 1:
        return (
            b'[{"specversion":"1.0","type":"vn.thidua.unheard.v1","id":"p%d","source":"/x","time":"2026-04-01T00:00:00Z"}]'
            % count
        )
    stranger = Report(
        specversion="1.0",
        id=f"p{count}",
        source=f"/{CAMPAIGN}/poison",
        subject=f"stranger-{block}",
        time=datetime(2026, 4, 1, tzinfo=UTC),
        receivedtime=datetime(2026, 4, 1, tzinfo=UTC),
        principal="poison",
        origin="department",
        data=ReportData(indicator="x", period="2026-01", value=1.0),
    )
    return encode_record([stranger])


def _moment(rng: random.Random) -> datetime:
    return datetime(2026, 4, 1, tzinfo=UTC) + timedelta(seconds=rng.randint(0, 86_400))
