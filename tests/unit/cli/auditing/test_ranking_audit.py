"""The newest live rankings are computed again from the places that they name."""

import msgspec
import pytest

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Kind
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.results import Halt, HaltReason, decode_ranking, encode_result
from services.contracts.topics import EVENTS, RANKINGS
from services.storage.rows import (
    RankingRow,
)
from tests.support.audited import BLOCK, PARTITION, AuditedStack, only
from tests.support.packs import START


def test_a_live_ranking_from_before_a_record_that_nobody_can_read_is_still_the_logs(
    stack: AuditedStack,
) -> None:
    stack.kafka.append(EVENTS, BLOCK, b"{")
    stack.store()
    assert stack.audit().findings == []


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


@pytest.mark.parametrize("is_stopped", [False, True], ids=["another engine", "a worker that stopped"])
def test_one_whose_bytes_cannot_be_compared_must_have_a_cause_all_the_same(
    stack: AuditedStack, is_stopped: bool
) -> None:
    ranking = decode_ranking(stack.kafka.topics[RANKINGS.name][PARTITION][-1].value or b"")
    halt = Halt("too_many_refused", ranking.cause, START, "refused")
    said = {"halted": True, "halt": halt} if is_stopped else {"engine": "99"}
    other = msgspec.structs.replace(ranking, **said)
    stack.kafka.append(RANKINGS, BLOCK, encode_result(other))
    assert stack.audit().findings == []
    forged = msgspec.structs.replace(other, cause=Place(PARTITION, 900, 0))
    stack.kafka.append(RANKINGS, BLOCK, encode_result(forged))
    assert only(stack.audit()).what == [
        f"no record of the log ends at {EVENTS.name}/{PARTITION}/900/0, which it names as its cause"
    ]


def test_a_live_ranking_of_a_block_that_has_no_log_is_named(stack: AuditedStack) -> None:
    ranking = decode_ranking(stack.kafka.topics[RANKINGS.name][PARTITION][-1].value or b"")
    forged = encode_result(msgspec.structs.replace(ranking, block=BlockId("tiny/ghost")))
    stack.kafka.append(RANKINGS, "tiny/ghost", forged)
    found = only(stack.audit(scope="", clickhouse=False))
    assert (found.kind, found.block) == (Kind.CHANGED_RANKING, "tiny/ghost")


@pytest.mark.parametrize("why", ["engine_crashed", "too_many_refused"])
def test_what_a_worker_says_of_a_halt_is_not_the_logs_affair(stack: AuditedStack, why: HaltReason) -> None:
    """A worker that stops because of refused events stops in the middle of a record, so that ranking is not compared."""
    ranking = decode_ranking(stack.kafka.topics[RANKINGS.name][PARTITION][-1].value or b"")
    halt = Halt(why, Place(PARTITION, 5, -1), START, "it crashed")
    halted = msgspec.structs.replace(ranking, halted=True, halt=halt)
    if why == "too_many_refused":
        halted = msgspec.structs.replace(halted, cause=Place(PARTITION, 3, 1))
    stack.kafka.topics[RANKINGS.name][PARTITION].clear()
    stack.kafka.append(RANKINGS, BLOCK, encode_result(halted))
    assert stack.audit().findings == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"block":"tiny/a"}'])
def test_a_row_with_bytes_that_are_no_ranking_is_named(stack: AuditedStack, body: bytes) -> None:
    stack.tables.change(RankingRow, lambda row: True, body=body)
    found = only(stack.audit())
    assert (found.kind, found.what) == (Kind.CHANGED_RANKING, ["the bytes are no ranking"])
