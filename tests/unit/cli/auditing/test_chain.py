"""Chain heads tell a rewritten log from a changed copy, and between which places it was rewritten."""

import msgspec

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Kind
from services.cli.backup_folder import Copied
from services.contracts.events import encode_record
from services.contracts.topics import EVALUATIONS, EVENTS
from tests.support.audited import BLOCK, PARTITION, AuditedStack, body_with, kinds, only
from tests.support.packs import evaluation_due, report


def replace_offset(record: Copied, offset: int) -> Copied:
    return msgspec.structs.replace(record, offset=offset)


def test_a_copy_with_another_chain_head_beside_a_good_one_is_a_changed_copy_and_no_rewritten_log(
    stack: AuditedStack,
) -> None:
    stack.publish(body_with(stack, 1, chain="0" * 64))
    found = only(stack.audit(clickhouse=False))
    assert (found.kind, found.place) == (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2")


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
