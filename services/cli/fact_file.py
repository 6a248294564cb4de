"""Facts from CSV: one a row, each with a number of its own, so that the same occurrence in two files counts once."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, NamedTuple

from services.cli.failures import CalledWrongly
from services.contracts.event_data import FactData
from services.contracts.events import Fact
from services.contracts.pack.sources import Document

_NEEDED: Final = ("unit", "indicator", "occurred", "id")
_KNOWN: Final = frozenset({*_NEEDED, "amount", "note"})


class UnitFact(NamedTuple):
    """A fact, with the line of the file that it stands in."""

    line: int
    event: Fact


def holds_facts(document: Document) -> bool:
    """Whether the file is one of facts: figures have a period, facts the day on which they occurred."""
    return "occurred" in document.columns


def facts_in(document: Document, source: str, changed: datetime) -> Iterator[UnitFact]:
    """All facts in the file's order, told at `changed`. Raises `CalledWrongly` naming the line."""
    for index, row in enumerate(document.data):
        line = document.line((index,))
        if missing := [name for name in _NEEDED if name not in row]:
            raise _bad(document, line, f"has no {' and no '.join(missing)}")
        if unknown := row.keys() - _KNOWN:
            raise _bad(document, line, f"has columns that are not known: {', '.join(sorted(unknown))}")
        yield UnitFact(line, _fact(document, line, row, source, changed))


def _fact(document: Document, line: int, row: dict[str, str], source: str, changed: datetime) -> Fact:
    try:
        occurred, amount = date.fromisoformat(row["occurred"]), float(row.get("amount", "1"))
    except ValueError as error:
        raise _bad(document, line, f"has a day or an amount that is none ({error})") from None
    return Fact(
        specversion="1.0",
        id=f"{row['unit']}/{row['indicator']}/{row['id']}",
        source=source,
        subject=row["unit"],
        time=changed,
        data=FactData(indicator=row["indicator"], occurred=occurred, amount=amount, note=row.get("note")),
    )


def _bad(document: Document, line: int, what: str) -> CalledWrongly:
    return CalledWrongly(
        f"{document.file}:{line} {what}.",
        "Columns are unit, indicator, occurred (2026-06-17), id (the occurrence's own number), and amount where it is not 1.",
    )
