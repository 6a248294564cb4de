"""The way of an event from the door to a board, measured: the steps, and what a live ranking says in a header of the events it shows first.

Nothing here is counted an event: an event's place is (partition, offset, index), so all events of a record, which came in one request, share
their times, and a ranking that stands at an offset shows every record of its block up to there. Times are wall clocks of the machines
that note them, microseconds since 1970; they stand in headers and side records only, never in a result's bytes.

**Which events count.** Those that came through the door (ticks and what scoring carries over have no way to measure). A step counts when it ends
within `COUNTED_WITHIN` of the door; an event that is older was read again (a restored log, a new store) or waited out an outage longer than
that, and is counted apart, as `old`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from services.contracts.events import Event

Micros = int
"""An instant, microseconds since 1970, or a stretch of time in microseconds."""

Step = Literal[
    "door_to_log", "log_to_applied", "applied_to_ranked", "ranked_to_board", "door_to_board", "door_to_stored"
]
"""`log`: the broker appended it (its clock); `applied`: the scoring worker folded it; `ranked`: the first ranking that covers it was given
to the producer; `board`: the api took that ranking in and handed it to its streams; `stored`: ClickHouse inserted it (its clock)."""

STEPS: Final[tuple[Step, ...]] = get_args(Step)

COUNTED_WITHIN: Final = timedelta(hours=1)
COUNTED_WITHIN_US: Final[Micros] = COUNTED_WITHIN // timedelta(microseconds=1)

MAX_STRETCHES: Final = 128
"""In one header, about 3 KB: a block that is ranked five times a second has 128 in one ranking at 640 requests a second."""

_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND: Final = timedelta(microseconds=1)


class Stretch(NamedTuple):
    """Records of one block up to `offset`, with their times: usually one record. Of several that were merged, the oldest times."""

    offset: int
    events: int
    door: Micros
    logged: Micros
    applied: Micros


class Tally(NamedTuple):
    """Events beside those that are measured, since the ranking before.

    `old` could not be measured (see above); `repeats` said again what had been said, and changed nothing; `corrections` replaced, took back or came
    behind an earlier figure of their cell.
    """

    old: int = 0
    repeats: int = 0
    corrections: int = 0

    def __bool__(self) -> bool:
        return any(self)


class Showing(NamedTuple):
    """What a live ranking shows first: none of `stretches` was covered by a ranking of the same worker before."""

    ranked: Micros
    stretches: tuple[Stretch, ...]
    tally: Tally = Tally()


def door_of(event: Event) -> datetime | None:
    """When the door stamped the event; None for what did not come through it: ticks, and what lineage carries over with its original's stamp."""
    if event.principal is None or getattr(getattr(event, "data", None), "carried", None) is not None:
        return None
    return event.receivedtime


def micros_of(instant: datetime) -> Micros:
    return (instant - _EPOCH) // _MICROSECOND


def merged(stretches: Sequence[Stretch], most: int = MAX_STRETCHES) -> list[Stretch]:
    """At most so many, in the order of the log: neighbours are one, with the oldest of their times, so that no wait is told shorter than it was."""
    together = -(-len(stretches) // most)
    if together <= 1:
        return list(stretches)
    return [_merged(stretches[at : at + together]) for at in range(0, len(stretches), together)]


def _merged(neighbours: Sequence[Stretch]) -> Stretch:
    offsets, events, doors, logged, applied = zip(*neighbours, strict=True)
    return Stretch(offsets[-1], sum(events), min(doors), min(logged), min(applied))


_Written = tuple[int, Micros, tuple[int, int, int], list[tuple[int, int, int, int, int]]]
_VERSION: Final = 1
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Written).decode


def encode_showing(showing: Showing) -> bytes:
    """As the header `shows` holds it: [1, ranked, [tally], [[offset, events, door, logged, applied], ...]].

    Short: offsets count from the stretch before, and each time from the step before it; `door` back from `ranked`.
    """
    rows, before = [], 0
    for s in showing.stretches:
        rows.append(
            (s.offset - before, s.events, showing.ranked - s.door, s.logged - s.door, s.applied - s.logged)
        )
        before = s.offset
    return _encode((_VERSION, showing.ranked, showing.tally, rows))


def decode_showing(value: bytes) -> Showing:
    """Raises `ValueError` (msgspec's are) for what is no such header, or of a version to come."""
    version, ranked, tally, rows = _decode(value)
    if version != _VERSION:
        raise ValueError(f"version {version} of a showing is not known here")
    stretches, offset = [], 0
    for step, events, back, logged, applied in rows:
        offset, door = offset + step, ranked - back
        stretches.append(Stretch(offset, events, door, door + logged, door + logged + applied))
    return Showing(ranked, tuple(stretches), Tally(*tally))


SIGHTING_SCHEMA: Final = b"sightings/1"


class Sighting(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A ranking with a showing came to a board: [block, partition, offset, index, board, shows]. `shows` is the ranking's header as it was."""

    block: str
    partition: int
    offset: int
    index: int
    board: Micros
    shows: str


encode_sightings: Final = msgspec.json.Encoder().encode
"""A record of `campaign.sightings`: what came to one api within a second, as an array."""

decode_sightings: Final = msgspec.json.Decoder(list[Sighting]).decode
