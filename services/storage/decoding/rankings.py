"""`campaign.rankings`: the live ranking of a block, its units' place in this minute, and when it was sent."""

from typing import Final

from services.contracts.following import Record
from services.contracts.records import SHOWS, header
from services.contracts.results import Ranking, UnitResult, decode_ranking
from services.storage.decoding.origin import Origin, micros, sent_micros
from services.storage.decoding.results import read_result
from services.storage.decoding.steps import steps_row
from services.storage.rows import RankingHistoryRow, RankingRow, RankingTimeRow, Row

_MINUTE_S: Final = 60
_MICROS_OF_MINUTE: Final = _MINUTE_S * 1_000_000


def ranking_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    ranking = read_result(decode_ranking, record.value)
    rows: list[Row] = [_ranking(record, origin, ranking)]
    rows.extend(_history(record, origin, ranking, unit) for unit in ranking.units)
    if (sent := sent_micros(record)) is not None:
        cause = ranking.cause
        rows.append(
            RankingTimeRow(
                ranking.block, origin.generation, cause.offset, cause.index, micros(ranking.as_of), sent
            )
        )
    if (shows := header(record.headers, SHOWS)) is not None:
        rows.extend(steps_row(ranking.block, ranking.cause, shows, board=None))
    return rows


def _ranking(record: Record, origin: Origin, ranking: Ranking) -> RankingRow:
    return RankingRow(
        block=ranking.block,
        period=ranking.period,
        pack=ranking.pack,
        engine=ranking.engine,
        as_of=micros(ranking.as_of),
        events=ranking.events,
        chain=ranking.chain,
        simulated=ranking.simulated,
        body=record.value or b"",
        cause_partition=ranking.cause.partition,
        cause_offset=ranking.cause.offset,
        cause_index=ranking.cause.index,
        generation=origin.generation,
        offset=record.offset,
    )


def _history(record: Record, origin: Origin, ranking: Ranking, unit: UnitResult) -> RankingHistoryRow:
    best, worst = unit.interval or (None, None)
    return RankingHistoryRow(
        block=ranking.block,
        unit=unit.unit,
        minute=micros(ranking.as_of) // _MICROS_OF_MINUTE * _MINUTE_S,
        period=ranking.period,
        rank=unit.rank,
        score=unit.score,
        coverage=unit.coverage,
        interval_best=best,
        interval_worst=worst,
        simulated=unit.simulated,
        cause_offset=ranking.cause.offset,
        cause_index=ranking.cause.index,
        generation=origin.generation,
        offset=record.offset,
    )
