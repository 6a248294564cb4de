"""Hand-written stand-ins for what the commands talk to: a broker in memory and a door that remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.cli.broker import Committed, Held, Outgoing, Span, TopicState
from services.cli.failures import CannotReach
from services.contracts.events import AnyEvent
from services.contracts.problems import ProblemDetail
from services.contracts.topics import Topic


class FakeBroker:
    """Keeps everything that was appended. `fails_after` appends it does not answer any more."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.records: dict[str, list[Outgoing]] = {}
        self.topics: dict[str, TopicState] = {}
        self.commits: dict[tuple[str, str], dict[int, Committed]] = {}
        self.begins: dict[tuple[str, int], int] = {}
        self.ends: dict[tuple[str, int], int] = {}
        self.fails_after = fails_after

    def append(self, topic: Topic, records: Sequence[Outgoing]) -> None:
        if self.fails_after is not None:
            if self.fails_after == 0:
                raise CannotReach("The broker does not answer.", "Wait.")
            self.fails_after -= 1
        self.records.setdefault(topic.name, []).extend(records)

    def read(self, topic: Topic) -> list[Held]:
        return [Held(record.key, record.value) for record in self.records.get(topic.name, [])]

    def existing(self, topics: Sequence[Topic]) -> dict[str, TopicState]:
        return {topic.name: self.topics[topic.name] for topic in topics if topic.name in self.topics}

    def create(self, topics: Sequence[Topic], partitions: int, replication: int) -> None:
        for topic in topics:
            self.topics[topic.name] = TopicState(partitions if topic.by_block else 1, dict(topic.config))

    def alter(self, topics: Sequence[Topic]) -> None:
        for topic in topics:
            held = self.topics[topic.name]
            self.topics[topic.name] = TopicState(held.partitions, {**held.config, **topic.config})

    def committed(self, group: str, topic: Topic) -> dict[int, Committed]:
        return self.commits.get((group, topic.name), {})

    def spans(self, topic: Topic) -> dict[int, Span]:
        return {
            number: Span(self.begins.get((topic.name, number), 0), self.ends.get((topic.name, number), 0))
            for number in range(self.topics[topic.name].partitions)
        }

    def cut(self, topic: Topic) -> None:
        self.begins.update({key: end for key, end in self.ends.items() if key[0] == topic.name})


@dataclass(frozen=True)
class FakeResult:
    status: str
    problem: ProblemDetail | None = None


@dataclass
class FakeDoor:
    """Accepts what it has not seen, as the real one does; refuses ids in `refused`, and is away for the first `outages` pushes."""

    refused: frozenset[str] = frozenset()
    outages: int = 0
    batches: list[list[AnyEvent]] = field(default_factory=list)
    log: list[AnyEvent] = field(default_factory=list)

    def push(self, events: Sequence[AnyEvent], /) -> list[FakeResult]:
        if self.outages:
            self.outages -= 1
            raise CannotReach("The door gave no answer.", "Wait.")
        self.batches.append(list(events))
        return [self._take(event) for event in events]

    def _take(self, event: AnyEvent) -> FakeResult:
        if event.id in self.refused:
            detail = ProblemDetail(
                type="urn:x", title="No", status=422, detail="It is wrong.", next="Correct it."
            )
            return FakeResult("rejected", detail)
        if any((event.source, event.id) == (held.source, held.id) for held in self.log):
            return FakeResult("duplicate")
        self.log.append(event)
        return FakeResult("accepted")
