"""`campaign.evaluations`: the evaluation with its very bytes, the place of this copy, and a row for each unit and each of its criteria."""

import hashlib

from services.contracts.following import Record
from services.contracts.results import Evaluation, UnitResult, decode_evaluation
from services.storage.decoding.origin import Origin, count, micros, sent_micros
from services.storage.decoding.results import read_result
from services.storage.rows import (
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
    Row,
)


def evaluation_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    evaluation = read_result(decode_evaluation, record.value)
    sha256 = hashlib.sha256(record.value).hexdigest()
    rows: list[Row] = [
        _evaluation(record, origin, evaluation, sha256),
        _copy(record, origin, evaluation, sha256),
    ]
    for position, result in enumerate(evaluation.units, 1):
        rows.append(_unit(evaluation, sha256, position, result))
        rows.extend(_criteria(evaluation, sha256, result))
    return rows


def _evaluation(record: Record, origin: Origin, evaluation: Evaluation, sha256: str) -> EvaluationRow:
    return EvaluationRow(
        block=evaluation.block,
        id=evaluation.id,
        sha256=sha256,
        period=evaluation.period,
        as_of=micros(evaluation.as_of),
        edition=count(evaluation.edition),
        pack=evaluation.pack,
        engine=evaluation.engine,
        events=evaluation.events,
        chain=evaluation.chain,
        seed=count(evaluation.seed),
        baseline=evaluation.baseline.evaluation if evaluation.baseline else "",
        simulated=evaluation.simulated,
        units=len(evaluation.units),
        ranked=sum(unit.rank is not None for unit in evaluation.units),
        body=record.value or b"",
        cause_partition=evaluation.cause.partition,
        cause_offset=evaluation.cause.offset,
        cause_index=evaluation.cause.index,
        log_id=origin.log_id,
        generation=origin.generation,
        partition=record.partition,
        offset=record.offset,
    )


def _copy(record: Record, origin: Origin, evaluation: Evaluation, sha256: str) -> EvaluationCopyRow:
    return EvaluationCopyRow(
        log_id=origin.log_id,
        partition=record.partition,
        offset=record.offset,
        block=evaluation.block,
        id=evaluation.id,
        sha256=sha256,
        generation=origin.generation,
        logged=record.timestamp_ms,
        sent=sent_micros(record),
    )


def _unit(evaluation: Evaluation, sha256: str, position: int, result: UnitResult) -> EvaluationUnitRow:
    best, worst = result.interval or (None, None)
    low, high = result.score_interval or (None, None)
    return EvaluationUnitRow(
        block=evaluation.block,
        evaluation=evaluation.id,
        sha256=sha256,
        unit=result.unit,
        position=position,
        rank=result.rank,
        tied=result.tied,
        score=result.score,
        coverage=result.coverage,
        interval_best=best,
        interval_worst=worst,
        moved=result.moved,
        delta=result.delta,
        simulated=result.simulated,
        groups=result.groups,
        median_rank=result.median_rank,
        p_top=result.p_top,
        p_bottom=result.p_bottom,
        score_low=low,
        score_high=high,
        shrunk=result.shrunk,
    )


def _criteria(evaluation: Evaluation, sha256: str, result: UnitResult) -> list[EvaluationCriterionRow]:
    return [
        EvaluationCriterionRow(
            evaluation.block,
            evaluation.id,
            sha256,
            result.unit,
            position,
            criterion.state,
            criterion.actual,
            criterion.score,
            criterion.period or "",
            criterion.origin or "",
            criterion.source or "",
            criterion.id or "",
        )
        for position, criterion in enumerate(result.criteria, 1)
    ]
