"""Each kind of damage is named by what it is and where it lies, and nothing else is found."""

from uuid import UUID

import msgspec
import pytest

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.report import in_words
from services.cli.auditing.run import STORAGE_GROUP, Audited
from services.cli.backup_folder import Copied
from services.contracts.event_data import Place
from services.contracts.events import encode_record
from services.contracts.results import decode_evaluation, decode_ranking, encode_result
from services.contracts.topics import EVALUATIONS, EVENTS, RANKINGS
from services.scoring.engine import ENGINE_VERSION
from services.storage.rows import (
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
    RankingRow,
    RawEventRow,
)
from tests.support.audited import BLOCK, PARTITION, AuditedStack
from tests.support.packs import evaluation_due, report


@pytest.fixture
def stack() -> AuditedStack:
    return AuditedStack()


def only(found: Audited) -> Finding:
    """The one finding."""
    assert len(found.findings) == 1, found.findings
    return found.findings[0]


def kinds(found: Audited) -> list[Kind]:
    return [one.kind for one in found.findings]


def body_with(stack: AuditedStack, copy: int, **changes: object) -> bytes:
    """A published evaluation with other members."""
    return encode_result(
        msgspec.structs.replace(decode_evaluation(stack.copies[copy].value or b""), **changes)
    )


@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_nothing_is_found_where_nothing_is_damaged(stack: AuditedStack, sides: tuple[bool, bool]) -> None:
    found = stack.audit(kafka=sides[0], clickhouse=sides[1])
    assert (found.findings, found.evaluations, found.blocks) == ([], 2, [BLOCK])
    assert [found.agreeing[side] for side in (KAFKA, CLICKHOUSE)] == [2 * side for side in sides]
    assert found.events == (11 if all(sides) else 0)


def test_all_blocks_and_a_campaign_are_audited_as_one_block_is(stack: AuditedStack) -> None:
    for scope in ("", "tiny"):
        found = stack.audit(scope=scope)
        assert (found.findings, found.evaluations, found.blocks) == ([], 2, [BLOCK])
    assert stack.audit(scope="tin").blocks == []


def test_a_changed_score_in_a_derived_row_is_named_by_table_key_and_column(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationUnitRow, lambda row: row.unit == "a-u2", score=99.0)
    found = only(stack.audit())
    assert (found.kind, found.where, found.table, found.column) == (
        Kind.CHANGED_ROW,
        CLICKHOUSE,
        "evaluation_units",
        "score",
    )
    assert (found.key["unit"], found.evaluation, found.period) == ("a-u2", stack.ids[0], "2026-01")
    assert (found.stored, found.recomputed) == (99.0, 20.0)
    assert found.what == ["score is 99.0, must be 20.0"]


def test_a_changed_criterion_is_named_by_its_position(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationCriterionRow, lambda row: row.unit == "a-u4", state="not_due", actual=None)
    found = stack.audit().findings
    assert [(one.table, one.column, one.key["position"]) for one in found] == [
        ("evaluation_criteria", "state", 1),
        ("evaluation_criteria", "actual", 1),
    ]


def test_a_derived_row_that_is_gone_and_one_too_many_are_named(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationUnitRow, lambda row: row.unit == "a-u1")
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.append(rows[0]._replace(unit="nobody"))
    found = stack.audit().findings
    assert [(one.kind, one.key["unit"]) for one in found] == [
        (Kind.FOREIGN_ROW, "nobody"),
        (Kind.MISSING_ROW, "a-u1"),
        (Kind.MISSING_ROW, "a-u1"),
    ]


def test_rows_of_an_evaluation_that_are_all_gone_are_one_finding(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationCriterionRow, lambda row: row.evaluation == stack.ids[0])
    found = only(stack.audit())
    assert (found.kind, found.table, found.evaluation) == (
        Kind.MISSING_ROW,
        "evaluation_criteria",
        stack.ids[0],
    )
    assert found.what == ["none of 4 rows of this body is there"]


def test_an_evaluation_that_storage_is_writing_just_now_is_not_damaged(stack: AuditedStack) -> None:
    """Its units are there already, its criteria and its row are not."""
    stack.tables.delete(EvaluationCriterionRow, lambda row: row.evaluation == stack.ids[1])
    for row_class in (EvaluationRow, EvaluationCopyRow):
        stack.tables.delete(row_class, lambda row: row.id == stack.ids[1])
    stack.kafka.commits[STORAGE_GROUP, EVALUATIONS.name] = {PARTITION: 1}
    found = stack.audit()
    assert (found.findings, found.waiting["evaluations"]) == ([], 1)


def test_rows_of_a_body_that_stands_nowhere_are_foreign(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.append(rows[0]._replace(sha256="f" * 64))
    rows.append(rows[0]._replace(evaluation="e" * 32))
    found = stack.audit().findings
    assert [(one.kind, one.evaluation) for one in found] == [
        (Kind.FOREIGN_ROW, stack.ids[0]),
        (Kind.FOREIGN_ROW, "e" * 32),
    ]


def test_a_changed_column_of_an_evaluation_is_named(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, engine="0", ranked=3)
    assert [(one.table, one.column, one.stored, one.recomputed) for one in stack.audit().findings] == [
        ("evaluations", "engine", "0", ENGINE_VERSION),
        ("evaluations", "ranked", 3, 4),
    ]


def test_changed_bytes_of_an_evaluation_in_clickhouse_are_named_by_their_member(stack: AuditedStack) -> None:
    body = (stack.copies[0].value or b"").replace(b'"coverage":1.0', b'"coverage":0.5', 1)
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=body)
    found = only(stack.audit())
    assert (found.kind, found.column, found.what) == (
        Kind.CHANGED_ROW,
        "body",
        ["body: /units/0/coverage: 0.5 instead of 1.0"],
    )


def test_a_place_of_a_copy_that_was_changed_is_named(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationCopyRow, lambda row: row.offset == 1, sent=None)
    found = only(stack.audit())
    assert (found.table, found.column, found.key) == (
        "evaluation_copies",
        "sent",
        {"partition": PARTITION, "offset": 1},
    )


def test_a_changed_copy_in_kafka_is_named_by_its_place_and_member(stack: AuditedStack) -> None:
    stack.publish(body_with(stack, 0, seed=1))
    stack.store()
    found = only(stack.audit())
    assert (found.kind, found.where, found.place) == (
        Kind.CHANGED_EVALUATION,
        KAFKA,
        f"{EVALUATIONS.name}/{PARTITION}/2",
    )
    assert found.what[0].startswith("/seed: 1 instead of ")


def test_a_copy_with_another_chain_head_beside_a_good_one_is_a_changed_copy_and_no_rewritten_log(
    stack: AuditedStack,
) -> None:
    stack.publish(body_with(stack, 1, chain="0" * 64))
    found = only(stack.audit(clickhouse=False))
    assert (found.kind, found.place) == (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2")


def test_an_evaluation_that_nobody_asked_for_is_named_wherever_it_lies(stack: AuditedStack) -> None:
    stack.publish(body_with(stack, 0, id="f" * 32))
    stack.store()
    in_kafka, in_clickhouse = stack.audit().findings
    assert in_kafka.kind == in_clickhouse.kind == Kind.FOREIGN_EVALUATION
    assert in_kafka.evaluation == in_clickhouse.evaluation == "f" * 32
    assert in_kafka.place == f"{EVALUATIONS.name}/{PARTITION}/2"
    assert (in_clickhouse.table, in_clickhouse.key["id"]) == ("evaluations", "f" * 32)


def test_a_foreign_evaluation_in_clickhouse_alone_is_said_to_be_there_alone(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationRow]
    rows.append(rows[0]._replace(id="f" * 32, generation=0))
    found = only(stack.audit())
    assert (found.kind, found.where) == (Kind.FOREIGN_EVALUATION, CLICKHOUSE)
    assert found.what[1] == "Kafka holds no copy of it"


@pytest.mark.parametrize("value", [b"{}", b"\xff", None])
def test_a_record_that_is_no_evaluation_is_foreign(stack: AuditedStack, value: bytes | None) -> None:
    stack.kafka.append(EVALUATIONS, BLOCK, value)
    found = only(stack.audit())
    assert (found.kind, found.place) == (Kind.FOREIGN_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2")


def test_an_evaluation_under_the_key_of_another_block_is_foreign(stack: AuditedStack) -> None:
    stack.kafka.append(EVALUATIONS, BLOCK, body_with(stack, 0, block="tiny/b"))
    found = only(stack.audit())
    assert found.what == ["the record has the key of tiny/a and says tiny/b"]


def test_an_evaluation_without_a_copy_is_missing_where_it_is(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationRow, lambda row: row.edition == 2)
    found = only(stack.audit())
    assert (found.kind, found.where, found.evaluation) == (
        Kind.MISSING_EVALUATION,
        CLICKHOUSE,
        stack.ids[1],
    )
    del stack.copies[1]
    found = next(one for one in stack.audit().findings if one.where == KAFKA)
    assert (found.kind, found.place) == (Kind.MISSING_EVALUATION, f"{EVENTS.name}/{PARTITION}/4/0")


def test_what_scoring_and_storage_have_not_come_to_is_awaited_and_not_missing(stack: AuditedStack) -> None:
    del stack.copies[1]
    for row_class in (EvaluationRow, EvaluationCopyRow, EvaluationUnitRow, EvaluationCriterionRow):
        of = "id" if row_class in (EvaluationRow, EvaluationCopyRow) else "evaluation"
        stack.tables.delete(row_class, lambda row, of=of: getattr(row, of) == stack.ids[1])
    stack.tables.delete(RawEventRow, lambda row: row.offset == 4)
    stack.lag(scored=4, stored=4)
    found = stack.audit()
    assert found.findings == []
    assert found.waiting == {"records": 1, "evaluations": 1}


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


def test_a_live_ranking_from_before_a_record_that_nobody_can_read_is_still_the_logs(
    stack: AuditedStack,
) -> None:
    stack.kafka.append(EVENTS, BLOCK, b"{")
    stack.store()
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


def test_a_rewritten_log_is_bounded_by_the_heads_before_and_after(stack: AuditedStack) -> None:
    more = [report(f"a-u{n}", 15.0 * n + (n == 3), 10 + n, revision=1) for n in range(1, 5)]
    stack.rewrite(3, encode_record(more))
    found = stack.audit()
    broken = next(one for one in found.findings if one.kind == Kind.REWRITTEN_LOG)
    assert (broken.where, broken.place) == (KAFKA, f"{EVENTS.name}/{PARTITION}/3-4")
    assert f"up to offset 2 it gives the published head of {stack.ids[0]} (2026-01)" in broken.what[1]
    assert "ClickHouse's log gives the published heads: Kafka's is the rewritten one" in broken.what
    assert any("/units" in line for line in broken.what)
    changed = next(one for one in found.findings if one.kind == Kind.CHANGED_EVENT)
    assert changed.place == f"{EVENTS.name}/{PARTITION}/3/2"
    assert changed.what[-1].startswith("ClickHouse is right")
    assert kinds(found) == [Kind.REWRITTEN_LOG, Kind.CHANGED_EVENT]
    assert found.agreeing == {KAFKA: 1, CLICKHOUSE: 2}


def test_without_clickhouse_a_rewritten_log_is_told_by_its_heads_alone(stack: AuditedStack) -> None:
    stack.rewrite(1, encode_record([report("a-u1", 1.0, 1)]))
    found = stack.audit(clickhouse=False)
    broken = next(one for one in found.findings if one.kind == Kind.REWRITTEN_LOG)
    assert broken.place == f"{EVENTS.name}/{PARTITION}/0-2"
    assert "no earlier head of the block bounds it from below" in broken.what[1]
    assert "it concerns 2 results" in broken.what[3]


def test_a_log_that_was_rewritten_and_evaluated_again_since_is_told_too(stack: AuditedStack) -> None:
    stack.rewrite(1, encode_record([report("a-u1", 1.0, 1)]))
    stack.kafka.append(EVENTS, BLOCK, encode_record([evaluation_due(BLOCK, edition=3, n=2)]))
    again = AuditedStack([])
    again.log.extend(stack.log)
    again.score()
    stack.copies.append(replace_offset(again.copies[-1], 2))
    broken = next(one for one in stack.audit(clickhouse=False).findings if one.kind == Kind.REWRITTEN_LOG)
    assert any(line.startswith("later heads agree") for line in broken.what)
    assert "it concerns 2 results" in broken.what[3]


def replace_offset(record: Copied, offset: int) -> Copied:
    return msgspec.structs.replace(record, offset=offset)


def test_a_topic_that_was_created_anew_is_another_log(stack: AuditedStack) -> None:
    stack.kafka.ids[EVENTS.name] = UUID(int=99)
    found = stack.audit()
    other = next(one for one in found.findings if one.kind == Kind.OTHER_LOG)
    assert (other.place, other.recomputed, other.stored) == (
        EVENTS.name,
        str(UUID(int=99)),
        str(UUID(int=1)),
    )
    assert Kind.MISSING_EVENT in kinds(found)


def test_another_engine_is_no_difference_and_the_log_and_the_scores_are_compared(stack: AuditedStack) -> None:
    for n in range(2):
        stack.copies[n] = msgspec.structs.replace(stack.copies[n], value=body_with(stack, n, engine="0"))
    stack.tables = type(stack.tables)()
    stack.store()
    found = stack.audit()
    other = only(found)
    assert (other.kind, found.faults, found.not_compared) == (Kind.OTHER_ENGINE, [], [other])
    assert f"2 evaluations of engine 0; this is engine {ENGINE_VERSION}" in other.what[0]
    assert other.what[1:] == [
        "chain heads, which no version changes, agree with the log in 2 of 2",
        "ranks and scores agree in 2 of 2",
    ]


def test_another_engine_in_clickhouse_alone_is_told_the_same(stack: AuditedStack) -> None:
    stack.copies[0] = msgspec.structs.replace(stack.copies[0], value=body_with(stack, 0, engine="0"))
    stack.tables = type(stack.tables)()
    stack.store()
    other = only(stack.audit(kafka=False))
    assert (other.kind, other.where, other.evaluation) == (Kind.OTHER_ENGINE, CLICKHOUSE, stack.ids[0])


def test_scores_that_another_engine_gave_otherwise_are_shown_and_not_blamed(stack: AuditedStack) -> None:
    units = list(decode_evaluation(stack.copies[0].value or b"").units)
    units[0] = msgspec.structs.replace(units[0], score=41.0)
    stack.copies[0] = msgspec.structs.replace(
        stack.copies[0], value=body_with(stack, 0, engine="0", units=units)
    )
    other = only(stack.audit(clickhouse=False))
    assert other.what[2] == "ranks and scores agree in 0 of 1"
    assert other.what[3].endswith("/a-u4/1: 41.0 instead of 40.0")


def test_a_row_of_another_engine_that_kafka_does_not_hold_is_foreign(stack: AuditedStack) -> None:
    body = body_with(stack, 0, engine="0")
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=body, engine="0")
    assert [(one.kind, one.column) for one in stack.audit().findings] == [
        (Kind.CHANGED_ROW, "engine"),
        (Kind.CHANGED_ROW, "body"),
    ]


def test_a_changed_live_ranking_is_named_in_both_places(stack: AuditedStack) -> None:
    record = stack.kafka.topics[RANKINGS.name][PARTITION][-1]
    value = (record.value or b"").replace(b'"score":60.0', b'"score":61.0')
    assert value != record.value
    stack.kafka.append(RANKINGS, BLOCK, value, record.headers)
    stack.tables.change(RankingRow, lambda row: True, body=value, events=1)
    found = stack.audit().findings
    assert [(one.kind, one.where, one.column) for one in found] == [
        (Kind.CHANGED_ROW, CLICKHOUSE, "events"),
        (Kind.CHANGED_RANKING, KAFKA, None),
        (Kind.CHANGED_RANKING, CLICKHOUSE, None),
    ]
    assert found[1].what == ["/units/0/score: 61.0 instead of 60.0"]


def test_a_live_ranking_with_a_cause_that_the_log_has_not_is_named(stack: AuditedStack) -> None:
    """It would win over every other: readers keep the highest cause."""
    ranking = decode_ranking(stack.kafka.topics[RANKINGS.name][PARTITION][-1].value or b"")
    forged = msgspec.structs.replace(ranking, cause=Place(PARTITION, 900, 0))
    stack.kafka.append(RANKINGS, BLOCK, encode_result(forged))
    found = only(stack.audit())
    assert found.what == [
        f"no record of the log ends at {EVENTS.name}/{PARTITION}/900/0, which it names as its cause"
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"block":"tiny/a"}'])
def test_a_row_with_bytes_that_are_no_ranking_is_named(stack: AuditedStack, body: bytes) -> None:
    stack.tables.change(RankingRow, lambda row: True, body=body)
    found = only(stack.audit())
    assert (found.kind, found.what) == (Kind.CHANGED_RANKING, ["the bytes are no ranking"])


def test_a_copy_that_has_the_head_of_an_evaluation_and_no_body_is_a_changed_one(stack: AuditedStack) -> None:
    """Storage cannot read it, so ClickHouse has nothing of it."""
    for engine in (ENGINE_VERSION, "0"):
        whole = msgspec.json.decode(body_with(stack, 0, engine=engine))
        stack.kafka.append(EVALUATIONS, BLOCK, msgspec.json.encode(whole | {"units": "none"}))
    found = stack.audit().findings
    assert [(one.kind, one.place) for one in found] == [
        (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2"),
        (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/3"),
    ]


@pytest.mark.parametrize("kafka", [True, False])
def test_junk_in_the_place_of_an_evaluations_bytes_is_named(stack: AuditedStack, kafka: bool) -> None:
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=b"junk", engine="0")
    found = stack.audit(kafka=kafka).findings
    assert [(one.kind, one.column) for one in found] == [
        (Kind.CHANGED_ROW, "engine"),
        (Kind.CHANGED_ROW, "body"),
    ]


def test_a_pack_that_is_missing_leaves_the_block_uncompared(stack: AuditedStack) -> None:
    stack.kafka.published = []
    found = stack.audit(clickhouse=False)
    assert kinds(found) == [Kind.MISSING_PACK]
    assert (found.faults, found.findings[0].place) == ([], f"{EVENTS.name}/{PARTITION}/0")


def test_a_pack_with_other_bytes_than_its_hash_names_is_a_changed_row(stack: AuditedStack) -> None:
    stack.tables.packs = [row._replace(body=row.body + b" ") for row in stack.tables.packs]
    found = stack.audit()
    assert [(one.kind, one.table) for one in found.findings] == [
        (Kind.CHANGED_ROW, "packs"),
        (Kind.MISSING_PACK, None),
    ]
    assert found.findings[0].key == {"hash": stack.kafka.published[0].hash}


def test_a_record_on_the_wrong_partition_is_named(stack: AuditedStack) -> None:
    stack.kafka.append(EVENTS, BLOCK, encode_record([report("a-u1", 1.0, 99)]), partition=(PARTITION + 1) % 3)
    found = stack.audit(scope="", clickhouse=False)
    assert kinds(found) == [Kind.MISPLACED_RECORD]


def test_one_evaluation_is_audited_without_what_came_after_it(stack: AuditedStack) -> None:
    stack.tables.delete(RawEventRow, lambda row: row.offset == 4)
    stack.tables.change(EvaluationUnitRow, lambda row: row.evaluation == stack.ids[1], score=1.0)
    assert stack.audit(evaluation=stack.ids[0]).findings == []
    found = stack.audit(evaluation=stack.ids[1])
    assert found.evaluations == 1
    assert set(kinds(found)) >= {Kind.CHANGED_ROW, Kind.MISSING_EVENT}


def test_rows_of_an_earlier_log_that_the_present_one_replaced_are_no_difference(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationRow]
    rows.append(rows[0]._replace(sha256="a" * 64, generation=0, log_id=UUID(int=50)))
    assert stack.audit().findings == []


def test_findings_beyond_a_thousand_of_a_kind_are_counted(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.extend([rows[0]._replace(unit=f"x{n}") for n in range(1_200)])
    found = stack.audit()
    assert (len(found.findings), found.counts[Kind.FOREIGN_ROW]) == (1_000, 1_200)
    assert f"{1_200 - 20:,} more" in in_words(found)


def test_times_of_the_log_are_compared_too(stack: AuditedStack) -> None:
    stack.log[0] = replace_time(stack.log[0])
    found = only(stack.audit())
    assert (found.table, found.column) == ("raw_log", "logged")


def replace_time(record: Copied) -> Copied:
    return msgspec.structs.replace(record, timestamp_ms=record.timestamp_ms + 1)
