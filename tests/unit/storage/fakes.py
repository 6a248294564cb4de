"""Stand-ins for Kafka and ClickHouse that keep the contracts of `Source`, `Store` and `DeadLetters`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from services.contracts.following import Record
from services.contracts.topics import STORED_TOPICS
from services.storage.batch import Partition
from services.storage.errors import BrokerUnavailable, RowsRefused, StoreUnavailable
from services.storage.logs import Logs
from services.storage.rows import LogRow, Row

_IDS = UUID(int=1)


def log_id(topic: str, log: int = 1) -> UUID:
    return uuid5(_IDS, f"{topic} {log}")


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


class FakeSource:
    """A log in memory. `restart` is what a new process sees: everything from the committed offsets."""

    def __init__(self, clock: FakeClock, records: Sequence[Record] = ()) -> None:
        self.records = list(records)
        self.committed: dict[Partition, int] = {}
        self.held_s: list[float] = []
        self.on_hold: Callable[[], None] = lambda: None
        self.silent: datetime | None = None
        self.behind = 0
        self._clock = clock
        self._read = 0
        self._reassigned = True

    def poll(self, timeout_s: float) -> list[Record]:
        found, self._read = self.records[self._read :], len(self.records)
        if not found:
            self._clock.now_s += timeout_s
        return found

    def hold(self, seconds: float) -> None:
        self.held_s.append(seconds)
        self._clock.now_s += seconds
        self.on_hold()

    def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        self.committed |= next_offsets

    def take_reassigned(self) -> bool:
        reassigned, self._reassigned = self._reassigned, False
        return reassigned

    def lag(self) -> dict[str, int] | None:
        return {record.topic: self.behind for record in self.records}

    def silent_since(self) -> datetime | None:
        return self.silent

    def close(self) -> None:
        pass


class FakeStore:
    """Keeps rows by token. `outages` inserts fail; a row for which `refuses` is true fails the insert that holds it."""

    def __init__(self) -> None:
        self.outages = 0
        self.refuses: Callable[[Row], bool] = lambda row: False
        self.on_insert: Callable[[], None] = lambda: None
        self.inserts: list[tuple[str, list[Row]]] = []
        self.tried_tokens: list[str] = []

    def insert(self, rows: Sequence[Row], token: str) -> None:
        self.tried_tokens.append(token)
        self.on_insert()
        if self.outages:
            self.outages -= 1
            raise StoreUnavailable("no answer")
        if any(self.refuses(row) for row in rows):
            raise RowsRefused("a number is out of range")
        if token not in {held for held, _ in self.inserts}:
            self.inserts.append((token, list(rows)))

    @property
    def rows(self) -> list[Row]:
        return [row for _, rows in self.inserts for row in rows if not isinstance(row, LogRow)]


class FakeDeadLetters:
    def __init__(self) -> None:
        self.outages = 0
        self.letters: list[tuple[Record, str]] = []

    def send(self, letters: Sequence[tuple[Record, str]]) -> None:
        if self.outages:
            self.outages -= 1
            raise BrokerUnavailable("no answer")
        self.letters += letters


def fake_logs(store: FakeStore, ids: dict[str, UUID] | None = None) -> Logs:
    ids = {topic.name: log_id(topic.name) for topic in STORED_TOPICS} if ids is None else ids

    def known() -> dict[tuple[str, UUID], int]:
        rows = [row for _, rows in store.inserts for row in rows if isinstance(row, LogRow)]
        return {(row.topic, row.log_id): row.generation for row in rows}

    return Logs([topic.name for topic in STORED_TOPICS], lambda: ids, known, store)
