"""What a fold says, as records for their topics."""

from datetime import UTC, datetime

from services.contracts import topics
from services.contracts.event_data import Place
from services.contracts.events import EVENT_SCHEMA
from services.contracts.flags import FLAG_SCHEMA, Flag
from services.contracts.ids import BlockId
from services.contracts.results import (
    DEAD_LETTER_SCHEMA,
    EVALUATION_SCHEMA,
    DeadLetter,
    Evaluation,
    encode_result,
)
from services.contracts.tracing import Trace, trace_at, trace_of
from services.scoring.worker.faults import Fault
from services.scoring.worker.ports import LogRecord, Output


def evaluation_output(evaluation: Evaluation, cause: Place, trace: Trace | None) -> Output:
    body, block = encode_result(evaluation), evaluation.block
    return Output(topics.EVALUATIONS.name, block.encode(), body, EVALUATION_SCHEMA, cause, block, trace)


def flag_output(flag: Flag) -> Output:
    """A flag as it is written to its compacted topic."""
    return Output(
        topics.FLAGS.name, flag.id.encode(), encode_result(flag), FLAG_SCHEMA, flag.cause, flag.block
    )


def carried_output(
    block: BlockId, to: BlockId, value: bytes, cause: Place, trace: Trace | None, partition: int
) -> Output:
    """Events of `block` for the log of the block `to`, which stands on `partition`."""
    return Output(topics.EVENTS.name, to.encode(), value, EVENT_SCHEMA, cause, block, trace, partition)


def letter_of(record: LogRecord, place: Place, fault: Fault) -> DeadLetter:
    """What is refused of a record, and why."""
    return DeadLetter(
        topic=topics.EVENTS.name,
        place=place,
        key=record.key.decode(errors="replace"),
        reason=fault.reason,
        detail=fault.detail,
        hint=fault.hint,
        body=fault.body,
        at=datetime.fromtimestamp(record.timestamp_ms / 1000, UTC),
        source=fault.source,
        id=fault.id,
    )


def letter_output(letter: DeadLetter, record: LogRecord, trace: Trace | None) -> Output:
    return Output(
        topic=topics.DEAD_LETTERS.name,
        key=record.key,
        value=encode_result(letter),
        schema=DEAD_LETTER_SCHEMA,
        cause=letter.place,
        block=BlockId(letter.key),
        trace=trace,
    )


def trace_caused(record: LogRecord, place: Place) -> Trace | None:
    """Of the request that wrote the record, at that place; read only when an output follows."""
    trace = trace_of(record.headers)
    return None if trace is None else trace_at(trace, place)
