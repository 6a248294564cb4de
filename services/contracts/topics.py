"""The topics, their keys and their settings: one place, read by the deploy step and by every service."""

from dataclasses import dataclass, field
from typing import Final

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_LARGE_MESSAGE_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `by_block` topics have as many partitions as `campaign.events`; the others have one."""

    name: str
    by_block: bool
    config: dict[str, str] = field(default_factory=dict)


def _kept_for_ever() -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def _compacted() -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.2",
        "max.compaction.lag.ms": str(_DAY_MS),
    }


def _compacted_for_long() -> dict[str, str]:
    return {"cleanup.policy": "compact,delete", "retention.ms": str(3650 * _DAY_MS)}


def _rewritten(config: dict[str, str]) -> dict[str, str]:
    """Of a topic whose values are written again every few seconds: segments are closed and compacted early, or a reader that starts would
    read half a gigabyte a day for one idle block of 195 units."""
    return {
        **config,
        "segment.ms": str(_HOUR_MS // 6),
        "segment.bytes": str(64 * 1024 * 1024),
        "max.compaction.lag.ms": str(_HOUR_MS),
        "compression.type": "zstd",  # a ranking is JSON and shrinks to a tenth; the broker does it
    }


def _checkpoints() -> dict[str, str]:
    """Compacted early, as each replaces one before it. `delete` without a time lets `thidua checkpoints delete` cut the log off."""
    return {
        "cleanup.policy": "compact,delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "segment.ms": str(_HOUR_MS // 6),
        "segment.bytes": str(64 * 1024 * 1024),
        "max.compaction.lag.ms": str(_HOUR_MS),
    }


def _large(config: dict[str, str]) -> dict[str, str]:
    return {**config, "max.message.bytes": str(_LARGE_MESSAGE_BYTES)}


def _stamped_by_the_broker(config: dict[str, str]) -> dict[str, str]:
    """A record's time is when the broker appended it: the only clock that says when an event was in the log
    (docs/decisions/0092-an-event-is-timed-by-what-covers-it.md)."""
    return {**config, TIMESTAMPS: "LogAppendTime"}


TIMESTAMPS: Final = "message.timestamp.type"
"""Whose clock a record's time is of: the broker's (`LogAppendTime`), or what the writer says (`CreateTime`)."""

EVENTS: Final = Topic("campaign.events", by_block=True, config=_stamped_by_the_broker(_kept_for_ever()))
PACKS: Final = Topic("campaign.packs", by_block=False, config=_large(_compacted()))
PRINCIPALS: Final = Topic("campaign.principals", by_block=False, config=_compacted())
PEOPLE: Final = Topic("campaign.people", by_block=False, config=_compacted())
RANKINGS: Final = Topic("campaign.rankings", by_block=True, config=_rewritten(_large(_compacted())))
EVALUATIONS: Final = Topic("campaign.evaluations", by_block=True, config=_large(_kept_for_ever()))
FLAGS: Final = Topic(
    "campaign.flags",
    by_block=True,
    config=_compacted_for_long(),
)
ALERTS: Final = Topic("campaign.alerts", by_block=False, config=_compacted_for_long())
DEAD_LETTERS: Final = Topic("campaign.dead-letters", by_block=True, config=_large(_kept_for_ever()))
SIGHTINGS: Final = Topic(
    "campaign.sightings",
    by_block=False,
    config={"cleanup.policy": "delete", "retention.ms": str(7 * _DAY_MS)},
)
CHECKPOINTS: Final = Topic("campaign.checkpoints", by_block=True, config=_large(_checkpoints()))

TOPICS: Final[tuple[Topic, ...]] = (
    EVENTS,
    PACKS,
    PRINCIPALS,
    PEOPLE,
    RANKINGS,
    EVALUATIONS,
    FLAGS,
    ALERTS,
    DEAD_LETTERS,
    SIGHTINGS,
    CHECKPOINTS,
)

STORED_TOPICS: Final = tuple(topic for topic in TOPICS if topic not in (PEOPLE, CHECKPOINTS))
"""What goes into ClickHouse. People do not: what is erased must be gone everywhere. Checkpoints are a cache of the log."""
