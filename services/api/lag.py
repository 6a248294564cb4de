"""How far the consumer groups are behind the log: asked of the broker every few seconds, by a thread of its own, never by a request."""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Protocol

import msgspec
import structlog
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from services.contracts.kafka import UNSECURED, Security

_TIMEOUT_MS: Final = 4_000

log = structlog.get_logger("thidua.api")


class PartitionLag(msgspec.Struct, frozen=True):
    """`committed`: the next offset that the group has to take; `end`: the log's. Records, which hold one to many events each."""

    topic: str
    partition: int
    committed: int
    end: int
    behind: int


class GroupLag(msgspec.Struct, frozen=True):
    """`behind` is null, with the reason, when it is not known. `partitions` are those that are behind, the furthest first."""

    service: str
    group: str
    behind: int | None
    partitions: list[PartitionLag]
    unknown: str | None = None


class Lag(msgspec.Struct, frozen=True):
    """As of when the broker was asked last; null before the first answer."""

    as_of: datetime | None
    groups: list[GroupLag]


Committed = Mapping[tuple[str, int], int]
"""Next offsets by (topic, partition)."""


class Offsets(Protocol):
    """What the broker says. Raises whatever the client does; asked again, it connects anew."""

    def committed(self, group: str) -> Committed: ...

    def ends(self, partitions: Iterable[tuple[str, int]]) -> Committed: ...

    def close(self) -> None: ...


class LagWatch:
    """Asks for all groups every `every_s`; `lag` gives what was heard last."""

    def __init__(
        self, groups: Mapping[str, str], offsets: Offsets, now: Callable[[], datetime], every_s: float
    ) -> None:
        """`groups`: the consumer group of each service."""
        self._groups = groups
        self._offsets = offsets
        self._now = now
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)
        self._lag = not_asked(groups)

    @property
    def lag(self) -> Lag:
        return self._lag

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(_TIMEOUT_MS / 1000)

    def _run(self) -> None:
        while True:
            self.ask()
            if self._stopping.wait(self._every_s):
                self._offsets.close()
                return

    def ask(self) -> None:
        """Asks now."""
        groups = [self._group(service, group) for service, group in self._groups.items()]
        self._lag = Lag(self._now(), groups)

    def _group(self, service: str, group: str) -> GroupLag:
        try:
            committed = self._offsets.committed(group)
            ends = self._offsets.ends(committed)
        except Exception as error:  # a thread that ends would leave the last answer standing for ever
            log.info("lag_unknown", group=group, error=repr(error))
            return GroupLag(service, group, None, [], f"The broker does not say: {type(error).__name__}.")
        if not committed:
            return GroupLag(service, group, None, [], "The group has committed nothing yet.")
        lags = [_behind(place, at, ends[place]) for place, at in committed.items() if place in ends]
        late = sorted((one for one in lags if one.behind), key=lambda one: -one.behind)
        return GroupLag(service, group, sum(one.behind for one in lags), late)


def not_asked(groups: Mapping[str, str]) -> Lag:
    """Before the first answer."""
    reason = "The broker has not been asked yet."
    return Lag(None, [GroupLag(service, group, None, [], reason) for service, group in groups.items()])


def _behind(place: tuple[str, int], committed: int, end: int) -> PartitionLag:
    return PartitionLag(*place, committed, end, max(0, end - max(0, committed)))


def ends_by_topic(consumer: Any, partitions: Iterable[tuple[str, int]]) -> Committed:
    """The ends of the log, asked a topic at a time: of several topics at once kafka-python 3 leaves out, and then raises
    KeyError for, those that a kept consumer has not asked about before beside some that it has."""
    ends: dict[tuple[str, int], int] = {}
    for _, places in groupby(sorted(partitions), key=itemgetter(0)):
        found = consumer.end_offsets([TopicPartition(*place) for place in places])
        ends.update({(place.topic, place.partition): int(end) for place, end in found.items()})
    return ends


class KafkaOffsets:
    """`Offsets` by kafka-python, with clients that are kept, and made again after a failure. For one thread."""

    def __init__(self, servers: list[str], security: Security = UNSECURED) -> None:
        self._client = {"bootstrap_servers": servers, "bootstrap_timeout_ms": _TIMEOUT_MS, **security}
        self._admin: Any = None
        self._consumer: Any = None

    def committed(self, group: str) -> Committed:
        self._connect()
        try:
            held = self._admin.list_group_offsets(group)[group]
        except Exception:
            self.close()
            raise
        return {(place.topic, place.partition): one.offset for place, one in held.items()}

    def ends(self, partitions: Iterable[tuple[str, int]]) -> Committed:
        self._connect()
        try:
            return ends_by_topic(self._consumer, partitions)
        except Exception:
            self.close()
            raise

    def _connect(self) -> None:
        if self._admin is None:
            self._admin = KafkaAdminClient(request_timeout_ms=_TIMEOUT_MS, **self._client)
        if self._consumer is None:
            self._consumer = KafkaConsumer(group_id=None, enable_auto_commit=False, **self._client)

    def close(self) -> None:
        clients, self._admin, self._consumer = (self._admin, self._consumer), None, None
        for client in clients:
            if client is not None:
                with suppress(Exception):
                    client.close()
