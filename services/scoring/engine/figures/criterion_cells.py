"""The cells of a block: for each unit and criterion the figure that counts, per its denominator, or its change, or what is put in for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern

from msgspec.structs import replace

from services.contracts.measures import GREATEST_FIGURE
from services.contracts.pack.indicator import Indicator, begins
from services.contracts.pack.methods import Change
from services.contracts.pack.model import Unit
from services.contracts.periods import Period, parse_period
from services.scoring.engine.figures.calendar import earlier, is_finer, year_before
from services.scoring.engine.figures.cell import NOT_DUE, Cell, Column
from services.scoring.engine.figures.cell_arrays import Cells
from services.scoring.engine.figures.cells import cells_in, divided, request
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.numbers.arrays import Direction
from services.scoring.engine.scoring.plan import Plan

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class _View:
    """What is looked at, and from when."""

    series: SeriesMap
    plan: Plan
    units: Sequence[str]
    period: Period
    as_of: datetime
    live: bool


def cells_of(
    series: SeriesMap, plan: Plan, units: Sequence[Unit], period: Period, as_of: datetime, *, live: bool
) -> Cells:
    """A row for each unit, in the order of the plan's criteria. The plan is that of the period's last day."""
    ids = [intern(unit.id) for unit in units]  # as the series' own: see `BlockState.series_of`
    view = _View(series, plan, ids, period, as_of, live)
    return Cells([_column(view, column) for column in range(len(plan.criteria))], len(units))


def figures_of(
    series: SeriesMap,
    plan: Plan,
    indicator: Indicator,
    units: Sequence[str],
    period: Period,
    as_of: datetime,
    *,
    live: bool = False,
) -> Column:
    """The plain figures of an indicator (units,), as reported."""
    lineage = plan.pack.descent if plan.pack.lineage else None
    wanted = request(indicator, plan.pack.campaign, period, as_of, live=live, lineage=lineage)
    return cells_in(series, units, wanted)


def _column(view: _View, column: int) -> Column:
    criterion, indicator = view.plan.criteria[column], view.plan.indicators[column]
    if column in view.plan.undefined:
        return Column.of([NOT_DUE] * len(view.units))
    figures = _figures(view, column, indicator, view.period, view.units, live=view.live)
    if criterion.change is not None:
        return Column.of(_changes(view, column, criterion.change, figures.cells()))
    if criterion.missing == "last_value":
        lasting = indicator.model_copy(
            update={"stale_after": criterion.last_value_for, "live_stale_after": criterion.last_value_for}
        )
        older = _figures(view, column, lasting, view.period, view.units, live=view.live)
        return Column.of(
            [_with_last(cell, last) for cell, last in zip(figures.cells(), older.cells(), strict=True)]
        )
    return figures


def _figures(
    view: _View, column: int, indicator: Indicator, period: Period, units: Sequence[str], *, live: bool
) -> Column:
    """The figures of a period, per their denominators."""
    figures = figures_of(view.series, view.plan, indicator, units, period, view.as_of, live=live)
    for at, under in view.plan.denominators:
        if at == column:
            below = figures_of(view.series, view.plan, under.indicator, units, period, view.as_of, live=live)
            both = zip(figures.cells(), below.cells(), strict=True)
            figures = Column.of([divided(cell, under_it, under.times) for cell, under_it in both])
    return figures


def _with_last(cell: Cell, older: Cell) -> Cell:
    if cell.state != "not_reported" or older.actual is None:
        return cell
    return replace(older, state="not_reported", actual=None, last=older.actual)


# --- changes ------------------------------------------------------------------------------------------------------------------


def _changes(view: _View, column: int, change: Change, cells: Sequence[Cell]) -> list[Cell]:
    """The cells with the change for the better in place of their figures."""
    indicator, changed = view.plan.indicators[column], list(cells)
    rows_by_base: dict[Period, list[int]] = {}
    for row, cell in enumerate(cells):
        if cell.actual is not None and cell.period is not None:
            base = _base_period(change, indicator, view.period, parse_period(cell.period))
            rows_by_base.setdefault(base, []).append(row)
    for base, rows in rows_by_base.items():
        units = [view.units[row] for row in rows]
        then = _figures(view, column, indicator, base, units, live=False).cells()
        for row, unit, one in zip(rows, units, then, strict=True):
            comparable = base.last >= begins(indicator) and (
                one.actual is not None or _was_there(view, unit, base)
            )
            changed[row] = _changed(change, indicator.direction, cells[row], one if comparable else None)
    return changed


def _was_there(view: _View, unit: str, period: Period) -> bool:
    return any(row.id == unit and row.holds(period.last) for row in view.plan.rows)


def _changed(change: Change, direction: Direction, cell: Cell, then: Cell | None) -> Cell:
    """The change since `then`; both reports are its evidence. Whatever the figure then lacks the change lacks.

    `then` is null where there is nothing to compare with: the base was measured by another definition, or the unit was not there yet and
    nothing was carried to it. Then it is not applicable, and so is growth from 0. Until a period after the base's is reported it is not due.
    """
    if then is None:
        return replace(cell, state="not_applicable", actual=None)
    if cell.actual is None or cell.period is None or then.actual is None or then.period is None:
        return Cell(then.state)
    before, now = parse_period(then.period), parse_period(cell.period)
    if before >= now:
        return NOT_DUE
    gain = _gain(change, direction, cell.actual, then.actual)
    figures = (*cell.figures, *then.figures)
    if gain is None:
        return replace(cell, state="not_applicable", actual=None, figures=figures)
    return replace(cell, actual=gain / (_years(before, now) if change.per_year else 1.0), figures=figures)


def _base_period(change: Change, indicator: Indicator, ranked: Period, own: Period) -> Period:
    """Of a finer indicator, whose figures make up the ranked period, the ranked period's; else that of the figure's own period."""
    if change.base_period is not None:
        return parse_period(change.base_period)
    period = ranked if is_finer(indicator.cadence, ranked.cadence) else own
    return earlier(period, 1) if change.against == "period_before" else year_before(period)


def _gain(change: Change, direction: Direction, now: float, then: float) -> float | None:
    """now - then, turned round where less is better; as a share of then where asked; null of a share of nothing, or of next to nothing."""
    gain = now - then if direction == "higher" else then - now
    if not change.relative:
        return gain
    share = gain / abs(then) if then else math.inf
    return share if abs(share) <= GREATEST_FIGURE else None


def _years(then: Period, now: Period) -> float:
    """From the end of one period to that of a later one, in months, at least one."""
    return max((now.last.year - then.last.year) * _MONTHS + now.last.month - then.last.month, 1) / _MONTHS
