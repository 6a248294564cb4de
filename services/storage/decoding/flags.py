"""`campaign.flags`: one row for each change of a flag's state."""

from services.contracts.flags import decode_flag
from services.contracts.following import Record
from services.storage.decoding.origin import Origin, micros
from services.storage.decoding.results import read_result
from services.storage.rows import FlagChangeRow, Row


def flag_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    flag = read_result(decode_flag, record.value)
    return [
        FlagChangeRow(
            block=flag.block,
            id=flag.id,
            generation=origin.generation,
            cause_offset=flag.cause.offset,
            cause_index=flag.cause.index,
            cause_partition=flag.cause.partition,
            unit=flag.unit,
            kind=flag.kind,
            state=flag.state,
            evaluation=flag.evaluation,
            period=flag.period,
            since=flag.since,
            as_of=micros(flag.as_of),
            rank=flag.rank,
            of=flag.of,
            score=flag.score,
            gap=flag.gap,
            coverage=flag.coverage,
            hits=flag.hits,
            window=flag.window,
            rule=flag.rule,
            pack=flag.pack,
            simulated=flag.simulated,
            body=record.value,
            offset=record.offset,
        )
    ]
