"""What differs between Kafka's log and ClickHouse's is named by its place, and the heads say which is right."""

import msgspec

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Kind
from services.cli.backup_folder import Copied
from services.contracts.events import encode_record
from services.contracts.topics import EVALUATIONS, EVENTS
from services.storage.rows import (
    RawEventRow,
)
from tests.support.audited import BLOCK, PARTITION, AuditedStack, kinds, only
from tests.support.packs import evaluation_due, report


def replace_time(record: Copied) -> Copied:
    return msgspec.structs.replace(record, timestamp_ms=record.timestamp_ms + 1)


def test_an_event_that_is_gone_from_clickhouse_is_named_by_its_place(stack: AuditedStack) -> None:
    stack.tables.delete(RawEventRow, lambda row: (row.offset, row.index) == (1, 2))
    found = next(one for one in stack.audit().findings if one.kind == Kind.MISSING_EVENT)
    assert (found.where, found.place) == (CLICKHOUSE, f"{EVENTS.name}/{PARTITION}/1/2")
    assert found.what == [
        "the event /tiny/a-u3 r3 stands in Kafka only",
        f"Kafka is right: its log gives the chain head of {stack.ids[0]} (2026-01), at offset 2",
    ]


def test_then_clickhouse_no_longer_gives_the_evaluations_and_kafka_does(stack: AuditedStack) -> None:
    stack.tables.delete(RawEventRow, lambda row: (row.offset, row.index) == (1, 2))
    found = stack.audit()
    assert found.agreeing == {KAFKA: 2, CLICKHOUSE: 0}
    broken = next(one for one in found.findings if one.kind == Kind.REWRITTEN_LOG)
    assert broken.where == CLICKHOUSE
    assert broken.what[-1] == "Kafka's log gives the published heads: ClickHouse's is the rewritten one"


def test_records_that_are_gone_one_after_the_other_are_one_finding(stack: AuditedStack) -> None:
    stack.tables.delete(RawEventRow, lambda row: row.offset in (0, 1, 2))
    found = next(one for one in stack.audit().findings if one.kind == Kind.MISSING_EVENT)
    assert found.what[0] == "offsets 0 to 2: 3 records with 6 events in Kafka only"


def test_an_event_that_only_clickhouse_has_is_missing_in_kafka(stack: AuditedStack) -> None:
    del stack.log[1]
    found = next(one for one in stack.audit().findings if one.kind == Kind.MISSING_EVENT)
    assert (found.where, found.place) == (KAFKA, f"{EVENTS.name}/{PARTITION}/1")
    assert (
        found.what[-1]
        == f"ClickHouse is right: its log gives the chain head of {stack.ids[0]} (2026-01), at offset 2"
    )


def test_a_row_that_was_put_behind_the_end_of_kafkas_log_is_named(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[RawEventRow]
    rows.append(rows[-1]._replace(offset=77))
    found = only(stack.audit())
    assert (found.kind, found.where, found.place) == (
        Kind.MISSING_EVENT,
        KAFKA,
        f"{EVENTS.name}/{PARTITION}/77",
    )


def test_an_evaluation_that_the_two_logs_ask_for_at_different_places_is_one_evaluation(
    stack: AuditedStack,
) -> None:
    """Kafka's log has a record more before it, so ClickHouse's gives it first."""
    moved = [msgspec.structs.replace(one, offset=one.offset + 1) for one in stack.log[2:]]
    stack.log[2:] = [msgspec.structs.replace(stack.log[1], offset=2), *moved]
    found = stack.audit()
    assert (found.evaluations, found.agreeing) == (2, {KAFKA: 0, CLICKHOUSE: 2})
    broken = {one.where: one for one in found.findings if one.kind == Kind.REWRITTEN_LOG}
    assert "ClickHouse's log gives the published heads: Kafka's is the rewritten one" in broken[KAFKA].what
    assert Kind.FOREIGN_EVALUATION not in kinds(found)


def test_what_comes_into_both_logs_while_an_audit_runs_is_no_damage(stack: AuditedStack) -> None:
    stack.kafka.append(EVENTS, BLOCK, encode_record([report("a-u1", 1.0, 70)]))
    stack.store()
    stack.lag(stored=5)
    stack.kafka.late = 1
    assert stack.audit().findings == []


def test_the_beginning_of_a_log_that_was_cut_off_is_missing(stack: AuditedStack) -> None:
    stack.kafka.begins[PARTITION] = 2
    del stack.log[:2]
    found = [one for one in stack.audit(clickhouse=False).findings if one.kind == Kind.MISSING_EVENT]
    assert found[0].what == ["Kafka's log begins at offset 2: what stood before was deleted"]


def test_an_event_whose_bytes_differ_is_named_by_its_place_and_member(stack: AuditedStack) -> None:
    stack.tables.change(
        RawEventRow,
        lambda row: (row.offset, row.index) == (1, 0),
        body=stack.tables.rows_of[RawEventRow][1].body.replace(b":10.0", b":90.0"),
    )
    found = next(one for one in stack.audit().findings if one.kind == Kind.CHANGED_EVENT)
    assert found.place == f"{EVENTS.name}/{PARTITION}/1/0"
    assert found.what[:2] == [
        "the bytes of /tiny/a-u1 r1 in ClickHouse are not those in Kafka",
        "/data/value: 90.0 instead of 10.0",
    ]
    assert found.what[2].startswith("Kafka is right")


def test_a_changed_column_of_the_raw_log_is_a_changed_row(stack: AuditedStack) -> None:
    stack.tables.change(RawEventRow, lambda row: (row.offset, row.index) == (1, 0), subject="a-u4")
    found = only(stack.audit())
    assert (found.kind, found.table, found.column) == (Kind.CHANGED_ROW, "raw_log", "subject")
    assert found.key == {"partition": PARTITION, "offset": 1, "index": 0}


def test_a_row_that_was_given_to_another_block_is_found_there(stack: AuditedStack) -> None:
    stack.tables.change(RawEventRow, lambda row: row.offset == 3, block="tiny/z")
    for _ in range(3):
        stack.tables.change(
            RawEventRow, lambda row: row.offset == 3 and row.block != "tiny/z", block="tiny/z"
        )
    found = next(one for one in stack.audit().findings if one.kind == Kind.MISSING_EVENT)
    assert "raw_log has a row there of block tiny/z" in found.what


def test_a_record_in_another_writing_is_kept_whole_so_that_its_chain_is_too(stack: AuditedStack) -> None:
    spaced = b"[ " + encode_record([report("a-u1", 1.0, 50)])[1:]
    for value in (spaced, b"[]", b"{", None):
        stack.kafka.append(EVENTS, BLOCK, value)
    stack.kafka.append(EVENTS, BLOCK, encode_record([evaluation_due(BLOCK, edition=3, n=60)]))
    fresh = AuditedStack([])
    fresh.log.extend(stack.log)
    fresh.score()
    fresh.store()
    found = fresh.audit()
    assert (found.findings, found.agreeing) == ([], {KAFKA: 3, CLICKHOUSE: 3})


def test_records_on_the_wrong_partition_are_named_and_blame_nothing_else(stack: AuditedStack) -> None:
    wrong = (PARTITION + 1) % 3
    stack.kafka.append(EVENTS, BLOCK, encode_record([report("a-u1", 1.0, 99)]), partition=wrong)
    stack.kafka.append(EVALUATIONS, BLOCK, stack.copies[0].value, partition=wrong)
    stack.store()
    found = {one.kind: one for one in stack.audit(scope="").findings}
    assert set(found) == {Kind.MISPLACED_RECORD, Kind.FOREIGN_EVALUATION, Kind.FOREIGN_ROW}
    assert found[Kind.MISPLACED_RECORD].place == f"{EVENTS.name}/{wrong}/0"
    assert found[Kind.FOREIGN_EVALUATION].place == f"{EVALUATIONS.name}/{wrong}/0"
    assert found[Kind.FOREIGN_ROW].table == "evaluation_copies"


def test_times_of_the_log_are_compared_too(stack: AuditedStack) -> None:
    stack.log[0] = replace_time(stack.log[0])
    found = only(stack.audit())
    assert (found.table, found.column) == ("raw_log", "logged")
