"""An output says in its headers and in the log from which request it comes, and its bytes know nothing of it."""

import json

import pytest

from services.contracts import topics
from services.contracts.ids import BlockId
from services.contracts.logs import configure_logs
from services.contracts.metrics import ScoringMetrics
from services.contracts.records import CAUSE, header
from services.contracts.tracing import TRACEPARENT, TraceSource, trace_of
from services.scoring.adapters.output_log import output_headers, tell
from services.scoring.worker.ports import LogRecord, Output
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,))
TRACE = TraceSource().begin()


def bench(*, traced: bool) -> Bench:
    """A pack, a report, bytes that are no event, and an evaluation, as requests of one trace wrote them."""
    bench = Bench(PACK)
    bench.log.append(BLOCK, activation(PACK, BLOCK))
    bench.log.append(BLOCK, report(f"{NAME}-u1", 50.0))
    bench.log.append_bytes(BLOCK, b"[1]")
    bench.log.append(BLOCK, evaluation_due(BLOCK))
    if traced:
        headers = ((TRACEPARENT, TRACE.encode()),)
        bench.log.records = [record._replace(headers=headers) for record in bench.log.records]
    return bench


def outputs(*, traced: bool) -> dict[str, Output]:
    return {output.topic: output for output in bench(traced=traced).offline()}


@pytest.mark.parametrize("topic", [topics.EVALUATIONS.name, topics.DEAD_LETTERS.name])
def test_an_evaluation_and_a_dead_letter_carry_the_trace_of_the_request_behind_them(topic: str) -> None:
    output = outputs(traced=True)[topic]
    headers = output_headers(output, sent_us=1)
    found = trace_of(headers)
    assert found is not None
    assert found.trace_id == TRACE.trace_id
    assert header(headers, CAUSE) is not None


def test_the_bytes_of_a_result_are_the_same_with_and_without_a_trace() -> None:
    with_trace, without = outputs(traced=True), outputs(traced=False)
    assert {topic: output.value for topic, output in with_trace.items()} == {
        topic: output.value for topic, output in without.items()
    }
    assert all(trace_of(output_headers(output, 1)) is None for output in without.values())


def test_an_output_computed_again_has_the_same_header() -> None:
    assert outputs(traced=True) == outputs(traced=True)


def test_the_log_line_of_an_evaluation_names_block_place_and_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO")
    tell(outputs(traced=True)[topics.EVALUATIONS.name])
    line = json.loads(capsys.readouterr().out)
    assert {
        "block": BLOCK,
        "partition": 0,
        "offset": 3,
        "index": 0,
        "trace": TRACE.trace_id,
    }.items() <= line.items()


async def test_records_and_events_are_counted_once_a_batch() -> None:
    tested, metrics = bench(traced=False), ScoringMetrics()
    worker = tested.worker(metrics=metrics)
    await worker.load()
    text = metrics.exposition().decode()
    assert "thidua_scoring_records_total 4.0" in text
    assert "thidua_scoring_events_total 4.0" in text
    more = LogRecord(4, BLOCK.encode(), b"[]", 1)
    await worker.deliver([more])
    assert "thidua_scoring_records_total 5.0" in metrics.exposition().decode()
