"""The log and the live figures of the stored campaign, made by the engine: a million events in seconds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from bench.stored_shape import BLOCKS, CAMPAIGN, LOG, RANGE, UNITS

_REPEATED: Final = 50
"""Every 50th event is pushed again."""
_DECIDED: Final = 50_003
"""One event in so many is a decision: a council takes a few dozen in months."""


_EVENT_COLUMNS: Final = "log_id, partition, `offset`, `index`, block, source, id, type, subject, time, received, logged, stored, well_formed, body"
_RECORD: Final = len(BLOCKS) * 10
"""Consecutive events in which each block gets one record of ten."""
_CHUNK: Final = 50_000  # one insert is one block, and the embedded engine has little memory


def log_inserts(events: int, now: datetime) -> Iterator[str]:
    """Events spread evenly over the range and the blocks, ten to a record; a few decisions among them."""
    each_us = RANGE // timedelta(microseconds=1) / events
    blocks = "[" + ", ".join(f"'{CAMPAIGN}/{b}'" for b in BLOCKS) + "]"
    received = f"fromUnixTimestamp64Micro(toInt64({_micros(now)} - {each_us} * ({events - 1} - n)))"
    # a repeat has the id of the event before the last one of its block
    identity = f"if(n % {_REPEATED} = {_REPEATED - 1}, n - {len(BLOCKS)}, n)"
    source = f"intDiv({identity}, {len(BLOCKS)})"
    kind = f"if(n % {_DECIDED} = 5, 'vn.thidua.decision.v1', 'vn.thidua.report.v1')"
    body = """'{"data":{"flag":"f1","decision":"confirm","reason":"Đã kiểm tra"}}'"""
    for first in range(0, events, _CHUNK):
        yield f"""
INSERT INTO raw_log ({_EVENT_COLUMNS})
WITH number + {first} AS n, n % {len(BLOCKS)} AS b, intDiv(n, {len(BLOCKS)}) AS m, {received} AS at
SELECT toUUID('{LOG}'), b, intDiv(m, 10), m % 10, {blocks}[b + 1], concat('/{CAMPAIGN}/u', toString({source} % {UNITS})),
       toString({identity}), {kind}, concat('u', toString(m % {UNITS})), at, at, at + toIntervalMillisecond(3 + n % 7),
       at + toIntervalMillisecond(100 + n % 400), true, {body}
FROM numbers({min(_CHUNK, events - first)})"""
        yield f"""
INSERT INTO record_times (log_id, partition, `offset`, block, events, door, logged, stored)
SELECT log_id, partition, `offset`, any(block), count(), min(assumeNotNull(received)), min(logged), min(stored)
FROM raw_log WHERE `offset` BETWEEN {first // _RECORD} AND {(first + _CHUNK - 1) // _RECORD}
GROUP BY log_id, partition, `offset`"""
        yield f"""
INSERT INTO events (block, source, id, type, subject, time, received, simulated, log_id, generation, partition, `offset`, `index`)
SELECT block, source, id, type, subject, assumeNotNull(time), received, true, log_id, 1, partition, `offset`, `index`
FROM raw_log WHERE `offset` BETWEEN {first // _RECORD} AND {(first + _CHUNK - 1) // _RECORD}"""


def live_inserts(now: datetime) -> Iterator[str]:
    """A live place of every unit in every minute, and the times of rankings at two a second: as scoring and as the board tell them."""
    minutes = RANGE // timedelta(minutes=1)
    for block in BLOCKS:
        yield f"""
INSERT INTO ranking_history (block, unit, minute, period, rank, score, coverage, interval_best, interval_worst, simulated,
                             cause_offset, cause_index, generation, `offset`)
SELECT '{CAMPAIGN}/{block}', concat('{block}-u', toString(number % {UNITS} + 1)),
       toDateTime({int(now.timestamp())}) - intDiv(number, {UNITS}) * 60, '2026-01',
       number % {UNITS} + 1, 100 - number % {UNITS}, 0.9, number % {UNITS} + 1, number % {UNITS} + 3, true, number, 0, 1, number
FROM numbers({minutes * UNITS})"""
        yield f"""
INSERT INTO ranking_times (block, generation, cause_offset, cause_index, as_of, sent)
WITH fromUnixTimestamp64Micro(toInt64({_micros(now)} - number * 500000)) AS at
SELECT '{CAMPAIGN}/{block}', 1, number, 0, at, at + toIntervalMillisecond(20 + number % 60)
FROM numbers({minutes * 120})"""
        for board in ("NULL", "at + toIntervalMillisecond(15 + number % 9)"):
            yield f"""
INSERT INTO ranking_steps (block, cause_partition, cause_offset, cause_index, ranked, board, came, offsets, events, door_us, logged_us,
                           applied_us, old, repeats, corrections)
WITH fromUnixTimestamp64Micro(toInt64({_micros(now)} - number * 500000)) AS at,
     arrayMap(n -> toUnixTimestamp64Micro(at) - 400000 + n * 80000 + number % 70, range(5)) AS doors
SELECT '{CAMPAIGN}/{block}', 0, number, 0, at, {board}, fromUnixTimestamp64Micro(doors[5]), arrayMap(n -> number * 5 + n, range(5)),
       [10, 10, 10, 10, 10], doors, arrayMap(d -> d + 5000 + number % 3000, doors), arrayMap(d -> d + 20000 + number % 9000, doors),
       0, number % 20 = 0, number % 7 = 0
FROM numbers({minutes * 120})"""


def _micros(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000
