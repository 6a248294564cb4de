"""The reckoning itself is tested: what is as it must be holds, and every kind of damage is seen by the check that is there for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from services.cli.broker import Held
from services.contracts.event_data import PackActivatedData
from services.contracts.events import AnyEvent, PackActivated, Retraction, encode_record
from services.contracts.pack.catalog import PackCatalog
from services.contracts.results import decode_evaluation
from tests.chaos.campaign import BLOCKS, PERIODS, UNITS, pack
from tests.chaos.expected import counting, folded, keys_in, sums
from tests.chaos.history import History
from tests.chaos.load import Reports, evaluation
from tests.chaos.reckoning import Check, Found, checks

BLOCK = BLOCKS[0]
NAME = BLOCK.partition("/")[2]
PARTITIONS = 1
AT = datetime(2026, 4, 2, tzinfo=UTC)
POISON = b"no JSON"


def world() -> tuple[History, Found]:
    """One block's log as the door would have written it, with a rejected event, one of unknown fate and a record of poison."""
    history, records = History(), [Held(BLOCK, encode_record([_activation()]), 0, 0, 1)]

    def append(*events: AnyEvent) -> None:
        for event in events:
            event.receivedtime, event.principal, event.origin = AT, "p", "department"
        records.append(Held(BLOCK, encode_record(events), 0, len(records), 1))

    for event in _reports():
        append(event)
        history.note(event, "accepted")
    *_, unknown, rejected = _reports(seed=6)
    append(unknown)
    history.note(unknown, "unknown")
    history.note(rejected, "rejected")
    records.append(Held(BLOCK, POISON, 0, len(records), 1))
    history.note_poison(POISON, is_there=True)
    for period in PERIODS:
        last = evaluation(BLOCK, period, 1)
        append(last)
        history.note(last, "accepted")
    return history, _found(history, records)


def _activation() -> PackActivated:
    return PackActivated(
        specversion="1.0",
        id="activate",
        source="/chaos/office",
        subject=BLOCK,
        time=AT,
        receivedtime=AT,
        data=PackActivatedData(pack=pack().hash, valid_from="2026-01-01"),
    )


def _reports(seed: int = 5) -> list[AnyEvent]:
    """Events of the block's units, of one sender; none is taken back."""
    import random

    reports = Reports(seed, random.Random(seed))
    batches = [event for _ in range(80) for event in reports.batch()]
    different = {event.id: event for event in batches if event.subject in UNITS[NAME]}
    return [event for event in different.values() if not isinstance(event, Retraction)]


def _found(history: History, records: list[Held]) -> Found:
    catalog = PackCatalog()
    catalog.put(pack().body)
    fold = folded(records, BLOCK, PARTITIONS, catalog)
    in_log = {key: count for key, count in keys_in(records).items() if key[0] != "/chaos/office"}
    return Found(
        log=in_log,
        folded={BLOCK: fold},
        evaluations={BLOCK: [*fold.evaluations, fold.evaluations[0]]},
        stored_evaluations={BLOCK: list(fold.evaluations)},
        stored_events=dict.fromkeys(in_log, 1),
        flags=dict(fold.flags),
        dead_letters={BLOCK: list(fold.dead_letters)},
        log_values={record.value or b"" for record in records},
        shown={BLOCK: {"events": fold.events, "chain": fold.chain}},
        counting=counting(history, in_log),
        sums=sums(history, in_log),
    )


def broken(history: History, found: Found) -> list[str]:
    return [check.promise for check in checks(history, found) if not check.holds]


def test_a_run_without_a_fault_holds() -> None:
    assert broken(*world()) == []


def test_a_check_that_saw_nothing_does_not_hold() -> None:
    assert not Check("nothing").holds
    assert "SAW NOTHING" in Check("nothing").line()


def _first(found: Found) -> tuple[str, str]:
    return next(iter(found.log))


def _lost(history: History, found: Found) -> Found:
    log = dict(found.log)
    log.pop(next(iter(history.answered("accepted"))))
    return replace(found, log=log)


def _rejected_kept(history: History, found: Found) -> Found:
    return replace(found, stored_events={**found.stored_events, next(iter(history.answered("rejected"))): 1})


def _unknown_twice(history: History, found: Found) -> Found:
    return replace(found, stored_events={**found.stored_events, next(iter(history.answered("unknown"))): 2})


def _stored_twice(_: History, found: Found) -> Found:
    return replace(found, stored_events={**found.stored_events, _first(found): 2})


def _not_stored(_: History, found: Found) -> Found:
    return replace(found, stored_events={k: n for k, n in found.stored_events.items() if k != _first(found)})


def _other_report_counts(_: History, found: Found) -> Found:
    cell = next(iter(found.counting))
    return replace(found, counting={**found.counting, cell: ("/elsewhere", "r1")})


def _fact_twice(_: History, found: Found) -> Found:
    cell = next(iter(found.sums))
    return replace(found, sums={**found.sums, cell: found.sums[cell] / 2})


def _evaluation_missing(_: History, found: Found) -> Found:
    return replace(found, evaluations={BLOCK: found.folded[BLOCK].evaluations[1:]})


def _copy_differs(_: History, found: Found) -> Found:
    first, *rest = found.evaluations[BLOCK]
    changed = msgspec.structs.replace(decode_evaluation(first), events=1)
    return replace(found, evaluations={BLOCK: [first, *rest, msgspec.json.encode(changed)]})


def _stored_copy_differs(_: History, found: Found) -> Found:
    first, *rest = found.stored_evaluations[BLOCK]
    return replace(found, stored_evaluations={BLOCK: [*rest, first.replace(b'"edition":1', b'"edition":2')]})


def _old_flag_wins(_: History, found: Found) -> Found:
    flag = next(iter(found.flags))
    return replace(found, flags={**found.flags, flag: b"{}"})


def _dead_letter_missing(_: History, found: Found) -> Found:
    return replace(found, dead_letters={})


def _poison_gone(_: History, found: Found) -> Found:
    return replace(found, log_values=found.log_values - {POISON})


def _old_ranking_last(_: History, found: Found) -> Found:
    return replace(found, shown={BLOCK: {"events": 3, "chain": "00"}})


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        (_lost, "every accepted event is in the log"),
        (_rejected_kept, "no rejected event is anywhere"),
        (_unknown_twice, "an event without an answer is there at most once"),
        (_stored_twice, "every event of the log is in ClickHouse once"),
        (_not_stored, "every event of the log is in ClickHouse once"),
        (_other_report_counts, "every cell shows the report that the histories say counts"),
        (_fact_twice, "every sum of facts is that of the accepted ones, each once"),
        (_evaluation_missing, "every copy of an evaluation in Kafka equals a fold of the log"),
        (_copy_differs, "every copy of an evaluation in Kafka equals a fold of the log"),
        (_stored_copy_differs, "every copy in ClickHouse does"),
        (_old_flag_wins, "the newest value of every flag is that of the log"),
        (_dead_letter_missing, "what cannot be applied is a dead letter, and nothing else is"),
        (_poison_gone, "what cannot be applied is a dead letter, and nothing else is"),
        (_old_ranking_last, "the board shows the fold of the whole log of each block"),
    ],
)
def test_damage_is_seen(damage: Callable[[History, Found], Found], promise: str) -> None:
    history, found = world()
    assert promise in broken(history, damage(history, found))
