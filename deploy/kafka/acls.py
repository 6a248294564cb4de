"""Who may read, write and create what on Kafka: one table. Everything that is not in it is refused.

A principal is the common name of a client's certificate, which is the service's name. DESIGN 4 says who writes which topic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.topics import (
    ALERTS,
    CHECKPOINTS,
    DEAD_LETTERS,
    EVALUATIONS,
    EVENTS,
    FLAGS,
    PACKS,
    PEOPLE,
    PRINCIPALS,
    RANKINGS,
    SIGHTINGS,
    STORED_TOPICS,
    TOPICS,
    Topic,
)

Operation = Literal["READ", "WRITE", "CREATE", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS"]


_TO_CREATE: Final[tuple[Operation, ...]] = ("CREATE", "DESCRIBE", "DESCRIBE_CONFIGS")


class Grant(NamedTuple):
    """One permission. Reading and writing include describing, which the clients need."""

    principal: str
    operation: Operation
    resource: Literal["TOPIC", "GROUP"]
    name: str


@dataclass(frozen=True)
class Access:
    """What one principal needs. `groups` are the consumer groups that it joins or commits in; followers of whole topics have none."""

    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    groups: tuple[str, ...] = ()
    creates: tuple[Topic, ...] = ()
    empties: tuple[Topic, ...] = ()
    """Caches whose records may be deleted."""
    watches: tuple[str, ...] = ()
    """Consumer groups whose offsets may be looked at."""
    measures: tuple[Topic, ...] = ()
    """Topics that may be asked where they end, and not read."""


ACCESS: Final[dict[str, Access]] = {
    "ingest": Access(reads=(PACKS, PRINCIPALS), writes=(EVENTS,)),
    "scoring": Access(
        reads=(EVENTS, PACKS, CHECKPOINTS),
        # events: ticks and evaluations that are due
        writes=(EVENTS, RANKINGS, EVALUATIONS, FLAGS, DEAD_LETTERS, CHECKPOINTS),
        groups=("thidua-scoring-members", CONFIRMED_GROUP),
    ),
    "storage": Access(reads=STORED_TOPICS, writes=(DEAD_LETTERS,), groups=("storage",)),
    # it tells the lag of the others; the log itself is not read, only asked where it ends
    "api": Access(
        reads=(PACKS, PRINCIPALS, RANKINGS, EVALUATIONS, FLAGS, DEAD_LETTERS),
        writes=(SIGHTINGS,),
        watches=(CONFIRMED_GROUP, "storage", "alerting"),
        measures=STORED_TOPICS,
    ),
    "alerting": Access(reads=(PACKS, PEOPLE, FLAGS, ALERTS), writes=(ALERTS,), groups=("alerting",)),
    # the office's commands: packs, keys, people, activations, audit, alerts that are to be sent again, checkpoints
    "office": Access(
        reads=TOPICS,
        writes=(EVENTS, PACKS, PRINCIPALS, PEOPLE, ALERTS),
        empties=(CHECKPOINTS,),
        watches=(CONFIRMED_GROUP, "storage"),
    ),
    # `thidua topics create`, which also compares the settings of those that exist
    "deploy": Access(creates=TOPICS),
}

SUPER_USERS: Final = ("kafka", "admin")
"""The brokers among themselves, and who applies this table."""


def grants() -> Iterator[Grant]:
    """The table, one permission at a time."""
    for principal, access in ACCESS.items():
        yield from (Grant(principal, "READ", "TOPIC", topic.name) for topic in access.reads)
        yield from (Grant(principal, "WRITE", "TOPIC", topic.name) for topic in access.writes)
        yield from (Grant(principal, "READ", "GROUP", group) for group in access.groups)
        yield from (Grant(principal, "DELETE", "TOPIC", topic.name) for topic in access.empties)
        yield from (Grant(principal, "DESCRIBE", "GROUP", group) for group in access.watches)
        yield from (Grant(principal, "DESCRIBE", "TOPIC", topic.name) for topic in access.measures)
        for topic in access.creates:
            for operation in _TO_CREATE:
                yield Grant(principal, operation, "TOPIC", topic.name)
