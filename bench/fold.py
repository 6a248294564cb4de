"""How fast the engine folds reports on one core, against the bare decoding of the same records in the same run.

Two logs are folded: new cells only, and the same cells reported again and again (each report supersedes one). The last lines say whether the cost
of an event grows with history: events folded behind 1,000,000 others against events behind 1,000, in the processor's time.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from services.contracts.event_data import Place, ReportData
from services.contracts.events import AnyEvent, Report, decode_record, encode_record
from services.contracts.ids import BlockId
from services.contracts.periods import Period, parse_period
from services.scoring.engine import BlockState, apply_run, begin_record

EVENTS: Final = 300_000
PER_RECORD: Final = 200
UNITS: Final = 69
INDICATORS: Final = 30
WANTED_PER_S: Final = 100_000

HISTORY: Final = 1_000_000
FEW: Final = 1_000
CHUNK: Final = 1_000
CHUNKS: Final = 20
"""The median of so many chunks: a collection of garbage in one of them is not the cost of an event."""
MOST_GROWTH: Final = 2.0
"""A million figures lie outside the processor's cache, a thousand inside it; a cost that grows with history would be hundreds of times."""


@dataclass(frozen=True)
class Timing:
    """Seconds for all records, and for the first and the last tenth of them."""

    total: float
    first: float
    last: float


def main() -> int:
    """Prints lines for each log; 1 when a bar is missed."""
    missed = False
    print(f"{EVENTS:,} reports, {PER_RECORD} a record, one core")
    for name, periods in (("new cells", None), ("superseding reports", 1)):
        records = list(_records(periods))
        decode = _time(records, decode_record)
        fold = _time(records, _folding())
        per_s = EVENTS / (fold.total - decode.total)
        print(
            f"{name:20} decode {EVENTS / decode.total:>9,.0f}/s   decode and fold {EVENTS / fold.total:>8,.0f}/s"
            f"   fold alone {per_s:>8,.0f}/s (wanted {WANTED_PER_S:,})   ratio to decode {decode.total / fold.total:.2f}"
            f"   last tenth to first {fold.last / fold.first:.2f}"
        )
        missed |= per_s < WANTED_PER_S
    for name, periods in (("new cells", None), ("superseding reports", 60)):
        few, many = costs(periods)
        print(
            f"{name:20} behind {FEW:,} events {1e6 * few:.2f} µs an event, behind {HISTORY:,} {1e6 * many:.2f} µs: "
            f"{many / few:.2f} times (at most {MOST_GROWTH:g})"
        )
        missed |= many > MOST_GROWTH * few
    return int(missed)


def costs(periods: int | None) -> tuple[float, float]:
    """Seconds for an event behind `FEW` others and behind `HISTORY` others, decoded ones of the same kind."""
    state, number = BlockState.new(BlockId("bench/block")), 0
    events = _events(periods)

    def fold(some: int) -> float:
        nonlocal number
        batch = [next(events) for _ in range(some)]
        started = time.process_time()
        apply_run(state, batch, Place(0, number, 0), lambda _: None)
        number += some
        return (time.process_time() - started) / some

    fold(FEW)
    few = statistics.median(fold(CHUNK) for _ in range(CHUNKS))
    while number < HISTORY:
        fold(CHUNK)
    return few, statistics.median(fold(CHUNK) for _ in range(CHUNKS))


def _records(periods: int | None) -> Iterator[bytes]:
    """The first `EVENTS`, packed."""
    events = _events(periods)
    for _ in range(0, EVENTS, PER_RECORD):
        batch: list[AnyEvent] = [next(events) for _ in range(PER_RECORD)]
        yield encode_record(batch)


def _events(periods: int | None) -> Iterator[Report]:
    """A log of reports, round by round over all cells, a period a round or always one of the same few."""
    start = datetime(2021, 1, 1, tzinfo=UTC)
    days = [parse_period("2001-01-01")]
    cells = UNITS * INDICATORS
    for number in count():
        turn, cell = divmod(number, cells)
        day = _day(days, turn if periods is None else turn % periods)
        yield _report(number, cell, day, start + timedelta(seconds=number))


def _day(days: list[Period], turn: int) -> str:
    while len(days) <= turn:
        days.append(days[-1].following())
    return days[turn].text


def _report(number: int, cell: int, period: str, now: datetime) -> Report:
    unit, indicator = divmod(cell, INDICATORS)
    return Report(
        specversion="1.0",
        id=f"bench-{number}",
        source="/bench/unit",
        time=now,
        subject=f"unit-{unit}",
        receivedtime=now,
        principal="bench",
        origin="self",
        data=ReportData(indicator=f"indicator-{indicator}", period=period, value=float(number % 97)),
    )


def _folding() -> Callable[[bytes], None]:
    state, offset = BlockState.new(BlockId("bench/block")), 0

    def fold(record: bytes) -> None:
        nonlocal offset
        begin_record(state, record)
        apply_run(state, decode_record(record), Place(0, offset, 0), lambda _: None)
        offset += 1

    return fold


def _time(records: list[bytes], work: Callable[[bytes], object]) -> Timing:
    tenth = len(records) // 10
    marks = [time.perf_counter()]
    for part in (records[:tenth], records[tenth:-tenth], records[-tenth:]):
        for record in part:
            work(record)
        marks.append(time.perf_counter())
    return Timing(marks[-1] - marks[0], marks[1] - marks[0], marks[3] - marks[2])


if __name__ == "__main__":
    sys.exit(main())
