"""Reads figures from CSV: one a row (unit, indicator, period, value ...), or a column for each indicator (unit, period, le, eys ...)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.excel_csv import as_excel_writes
from services.cli.failures import CalledWrongly
from services.contracts.event_data import ReportData
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import Document, read_csv

_LONG: Final = frozenset(
    {"unit", "indicator", "period", "value", "numerator", "denominator", "passed", "revision", "note"}
)
_NUMBERS: Final = ("value", "numerator", "denominator")
_TRUTH: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class UnitFigure(NamedTuple):
    """A figure that a unit reports, with the line of the file that it stands in."""

    line: int
    unit: str
    data: ReportData


def read_figures(file: Path) -> list[UnitFigure]:
    """All figures in the file's order; empty cells are no figures. Raises `CalledWrongly` naming the line."""
    return figures_in(read_table(file))


def read_table(file: Path) -> Document:
    """The rows of a CSV file, as Excel or anybody else writes it. Raises `CalledWrongly`."""
    try:
        return as_excel_writes(file) or read_csv(file.parent, file.name)
    except BadPack as bad:
        raise CalledWrongly(str(bad), "Correct the file and run the command again.") from bad


def figures_in(document: Document) -> list[UnitFigure]:
    """As `read_figures`."""
    return [figure for index in range(len(document.data)) for figure in _row(document, index)]


def _row(document: Document, index: int) -> Iterator[UnitFigure]:
    row: dict[str, str] = document.data[index]
    line = document.line((index,))
    for name in ("unit", "period"):
        if name not in row:
            raise _bad(document, line, f"has no {name}")
    if "indicator" in row:
        yield UnitFigure(line, row["unit"], _long(document, line, row))
        return
    for indicator in (name for name in row if name not in ("unit", "period")):
        value = _number(document, line, indicator, row[indicator])
        yield UnitFigure(
            line, row["unit"], ReportData(indicator=indicator, period=row["period"], value=value)
        )


def _long(document: Document, line: int, row: dict[str, str]) -> ReportData:
    if unknown := row.keys() - _LONG:
        raise _bad(document, line, f"has columns that are not known: {', '.join(sorted(unknown))}")
    value, numerator, denominator = (
        _number(document, line, name, row[name]) if name in row else None for name in _NUMBERS
    )
    passed = row.get("passed")
    if passed is not None and passed.lower() not in _TRUTH:
        raise _bad(document, line, f"has passed = {passed!r}, not true or false")
    return ReportData(
        indicator=row["indicator"],
        period=row["period"],
        value=value,
        numerator=numerator,
        denominator=denominator,
        passed=None if passed is None else _TRUTH[passed.lower()],
        revision=int(_number(document, line, "revision", row.get("revision", "0"))),
        note=row.get("note"),
    )


def _number(document: Document, line: int, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _bad(document, line, f"has {name} = {text!r}, which is no number") from None


def _bad(document: Document, line: int, what: str) -> CalledWrongly:
    return CalledWrongly(
        f"{document.file}:{line} {what}.",
        "Columns are unit, indicator, period, value (or numerator and denominator, or passed); or unit, period and one for each indicator.",
    )
