"""Hand-written stand-ins and short ways to write flags, for the tests of alerting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.alerting.courier import Courier, Policy
from services.alerting.directory import Directory, Recipient
from services.alerting.escalation import Escalation
from services.alerting.ledger import Ledger
from services.alerting.occasions import Gathering
from services.alerting.ports import AlertLog, FlagLog, Message, NotSent, Refused, Sender
from services.alerting.service import Alerting
from services.alerting.wording import Letters
from services.contracts.alerts import Alert
from services.contracts.event_data import Place
from services.contracts.flags import Flag, FlagDecision, FlagHold, FlagReply
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId, FlagId, UnitId
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.model import Pack
from services.contracts.people import Person, encode_person, person_id
from services.contracts.results import encode_result
from services.contracts.topics import FLAGS, PACKS, PEOPLE
from tests.support.packs import small_pack

NOW = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
BLOCK = BlockId("tiny/a")
CHAIR = {"role": "chair", "title": {"vi": "Chủ tịch", "en": "Chair"}, "channels": ["email", "webhook"]}
POLICY = Policy(timedelta(days=7), 3, 2, timedelta(seconds=10), timedelta(seconds=15))
PACK = small_pack()


class Crash(BaseException):
    """The process dies here: nothing catches it."""


def flag(
    unit: str = "a-u1",
    state: Any = "proposed",
    *,
    opened_by: str = "e1",
    evaluation: str | None = None,
    offset: int = 1,
    **more: Any,
) -> Flag:
    fields: dict[str, Any] = {
        "id": FlagId(f"{BLOCK}:leader:{unit}:{opened_by}"),
        "block": BLOCK,
        "unit": UnitId(unit),
        "kind": "leader",
        "state": state,
        "evaluation": EvaluationId(evaluation or opened_by),
        "period": "2026-06",
        "since": "2026-05",
        "as_of": NOW,
        "rank": 1,
        "of": 4,
        "interval": (1, 2),
        "score": 90.0,
        "gap": 12.46,
        "coverage": 1.0,
        "hits": 2,
        "window": 3,
        "movers": [],
        "evidence": [],
        "rule": "leader",
        "pack": PACK.hash,
        "engine": "1",
        "cause": Place(0, offset, 0),
    }
    return Flag(**fields | more)


def confirmed(of: Flag, offset: int, id: str = "d1", at: datetime = NOW) -> Flag:
    decision = FlagDecision("/tiny/council", id, at, "seen on the spot")
    return msgspec.structs.replace(of, state="confirmed", cause=Place(0, offset, 0), decision=decision)


def replied(of: Flag, offset: int, id: str = "r1", at: datetime = NOW) -> Flag:
    reply = FlagReply("/tiny/a-u1", id, at, "Sổ liệu <gửi> muộn", [])
    return msgspec.structs.replace(of, state="replied", cause=Place(0, offset, 0), reply=reply)


def muted(of: Flag, offset: int) -> Flag:
    hold = FlagHold("/tiny/council", "h1", NOW, "inspection 12")
    return msgspec.structs.replace(of, cause=Place(0, offset, 0), hold=hold)


@dataclass
class FakeSender(Sender):
    """Keeps what it sends. `outages` first sendings fail; `crash` "before" or "after" the next message is out."""

    sent: list[tuple[Recipient, Message]] = field(default_factory=list)
    outages: int = 0
    refuses: bool = False
    crash: str | None = None

    def send(self, to: Recipient, message: Message) -> None:
        crash, self.crash = self.crash, None
        if crash == "before":
            raise Crash
        if self.refuses:
            raise Refused("email: the other side answered 550")
        if self.outages:
            self.outages -= 1
            raise NotSent("email: it was not taken")
        self.sent.append((to, message))
        if crash == "after":
            raise Crash


@dataclass
class FakeAlertLog(AlertLog):
    """Outlives the process, as the broker does. Dies at the step before `crash_at` is recorded."""

    alerts: list[Alert] = field(default_factory=list)
    crash_at: str | None = None

    def record(self, alert: Alert) -> None:
        if alert.step == self.crash_at:
            self.crash_at = None
            raise Crash
        self.alerts.append(alert)

    def steps(self, role: str = "chair", channel: str = "email") -> list[str]:
        return [one.step for one in self.alerts if (one.role, one.channel) == (role, channel)]


@dataclass
class FakeFlagLog(FlagLog):
    """One partition, whose records stay; reading begins at what was committed."""

    records: list[Record] = field(default_factory=list)
    committed: int = 0
    _next: int = 0

    def append(self, *flags: Flag) -> None:
        for one in flags:
            self.records.append(Record(FLAGS.name, 0, len(self.records), one.id, encode_result(one), (), 0))

    def poll(self, timeout_s: float) -> list[Record]:
        found = self.records[self._next :]
        self._next = len(self.records)
        return found

    def positions(self) -> list[tuple[int, int]]:
        return [(0, self._next)]

    def commit(self, next_offsets: Mapping[int, int]) -> None:
        self.committed = next_offsets[0]

    def restart(self) -> None:
        self._next = self.committed


class World:
    """The service over fakes that outlive it. The clock stands still unless told; flags settle at once."""

    def __init__(self, *council: dict[str, Any], settle_s: float = 0.0) -> None:
        self.flags, self.alerts = FakeFlagLog(), FakeAlertLog()
        self.mail, self.hook = FakeSender(), FakeSender()
        self.now = NOW
        self._settle_s = settle_s
        self._directory_records: list[Record] = []
        self.publish(*(council or (CHAIR,)))
        self.start()

    def publish(self, *council: dict[str, Any]) -> None:
        pack = Pack.model_validate(PACK.pack.model_dump(mode="json") | {"council": list(council)})
        compiled = compile_pack(pack)
        self.know(Record(PACKS.name, 0, 0, compiled.hash, compiled.body, (), 0))

    def person(self, role: str = "chair", **contacts: str) -> None:
        key = person_id("tiny", role)
        person = Person(id=key, name="Bà Thử", contacts=contacts or {"email": "ba@tinh.example"})  # type: ignore[arg-type]
        self.know(Record(PEOPLE.name, 0, 0, key, encode_person(person), (), 0))

    def erase(self, role: str = "chair") -> None:
        self.know(Record(PEOPLE.name, 0, 0, person_id("tiny", role), None, (), 0))

    def know(self, record: Record) -> None:
        self._directory_records.append(record)
        if hasattr(self, "directory"):
            self.directory.apply(record)

    def start(self) -> None:
        """A process that knows only what the topics hold."""
        self.directory, self.ledger = Directory(), Ledger()
        for record in self._directory_records:
            self.directory.apply(record)
        for alert in self.alerts.alerts:
            self.ledger.apply(alert)
        self.flags.restart()
        self.gathering = Gathering(self._settle_s)
        courier = Courier(
            self.directory,
            self.ledger,
            self.alerts,
            {"email": self.mail, "webhook": self.hook},
            Letters(self.directory, "http://board.example"),
            POLICY,
            lambda: self.now,
        )
        escalation = Escalation(
            self.directory,
            self.ledger,
            courier,
            self.gathering.state_of,
            self.gathering.is_muted,
            lambda: self.now,
        )
        self._service = Alerting(
            self.flags, self.gathering, courier, escalation, lambda: self.now.timestamp()
        )

    def turn(self, times: int = 2) -> None:
        for _ in range(times):
            self._service.turn()

    def crash_and_restart(self) -> None:
        """Runs into the crash that was laid, and starts anew."""
        try:
            self.turn()
        except Crash:
            self.start()
        else:
            raise AssertionError("nothing crashed")
        self.turn()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)
