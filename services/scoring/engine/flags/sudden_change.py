"""Sudden change: a score or a criterion that jumps further than the block's spread of changes explains."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import SuddenChangeRule
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.findings import ByUnit, Finding
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.rounding import significant
from services.scoring.engine.results.comparing import Pair, is_comparable, pairs_of

_NORMAL: Final = 1.4826
"""The median distance from the median, times this, is the standard deviation of normal values."""

_LEAST_OTHERS: Final = 4
"""Of fewer other units no spread can be told."""


class _Change(NamedTuple):
    """Of a unit at a node: in spreads, and in points less the block's median change."""

    spreads: float
    points: float


def sudden_changes(rule: SuddenChangeRule, before: Assessment, now: Assessment) -> ByUnit:
    """In spreads, the greatest change of the unit's score and of its criteria; no level where nothing can be compared.

    A level met by the score alone names the criteria that changed most, in points; else it names the criteria that meet it.
    """
    pairs = pairs_of(before, now)
    root = len(now.nodes) - 1
    totals = _changes(rule, before, now, pairs, root)
    columns = {column: _changes(rule, before, now, pairs, column) for column in range(len(now.plan.criteria))}
    found = {}
    for _, row in pairs:
        own = {column: changes[row] for column, changes in columns.items() if row in changes}
        if row in totals or own:
            found[UnitId(now.units[row].id)] = _finding(rule, totals.get(row), own)
    return found


def _finding(rule: SuddenChangeRule, total: _Change | None, own: dict[int, _Change]) -> Finding:
    level = max(change.spreads for change in [*own.values(), *([total] if total else [])])
    sudden = [column for column, change in own.items() if change.spreads >= rule.enter]
    named = sorted(sudden or own, key=lambda column: -abs(own[column].points))[: len(sudden) or 3]
    return Finding(significant(level), tuple(named), tuple(own[column].points for column in named))


def _changes(
    rule: SuddenChangeRule, before: Assessment, now: Assessment, pairs: Sequence[Pair], node: int
) -> dict[int, _Change]:
    """By row, where enough units are comparable. A change of fewer than `least` points is one of no spreads."""
    points = now.plan.points(node) if node < len(now.nodes) - 1 else now.plan.scheme.scale
    compared = [pair for pair in pairs if is_comparable(before, now, pair, node)]
    if len(compared) <= _LEAST_OTHERS:
        return {}
    moves = np.array([points * (now.nodes[node][row] - before.nodes[node][old]) for old, row in compared])
    found = {}
    for at, (_, row) in enumerate(compared):
        others = np.delete(moves, at)
        centre = _median(others)
        net = float(moves[at]) - centre
        spread = max(_NORMAL * _median(np.abs(others - centre)), rule.least / rule.enter)
        is_large = abs(net) >= rule.least
        found[row] = _Change(abs(net) / spread if is_large else 0.0, net)
    return found


def _median(values: Floats) -> float:
    ordered = np.sort(values)
    return float((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2.0)
