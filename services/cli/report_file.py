"""Reads a file of reports to push: CSV figures or facts, or events as JSON lines, each with the line that it stands in."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.cli.fact_file import facts_in, holds_facts
from services.cli.failures import CalledWrongly
from services.cli.figures import UnitFigure, figures_in, read_table
from services.contracts.events import Report


class Row(NamedTuple):
    """An event to push: a struct, or the JSON object as it stood in the file, which the door checks."""

    line: int
    event: Any


def read_rows(file: Path, source: str, now: datetime) -> list[Row]:
    """Raises `CalledWrongly` for a file that cannot be read.

    The figures of a CSV happened when it was last changed, and their ids are made of that and of what they say: the same file counts once,
    and a file that was changed back counts again. Facts have ids of their own, and count once in whatever file they stand.
    """
    if not file.is_file():
        raise CalledWrongly(
            f"There is no file {file}.", "Give a CSV file of figures, or JSON lines of events."
        )
    match file.suffix.lower():
        case ".csv":
            changed = min(now, datetime.fromtimestamp(file.stat().st_mtime, UTC))
            document = read_table(file)
            if holds_facts(document):
                return [Row(*fact) for fact in facts_in(document, source, changed)]
            return [Row(figure.line, _event(figure, source, changed)) for figure in figures_in(document)]
        case ".jsonl" | ".ndjson" | ".json":
            return list(_json_lines(file))
        case other:
            raise CalledWrongly(
                f"{file.name}: files that end in {other!r} are not known.", "Give .csv, .jsonl or .ndjson."
            )


def _event(figure: UnitFigure, source: str, changed: datetime) -> Report:
    said = hashlib.sha256(msgspec.json.encode([figure.unit, figure.data, changed])).hexdigest()[:16]
    return Report(
        specversion="1.0",
        id=f"{figure.unit}/{figure.data.indicator}/{figure.data.period}/{said}",
        source=source,
        subject=figure.unit,
        time=changed,
        data=figure.data,
    )


def _json_lines(file: Path) -> Iterator[Row]:
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield Row(number, msgspec.json.decode(line, type=dict))
        except msgspec.DecodeError as error:
            raise CalledWrongly(
                f"{file.name}:{number} is no JSON object ({error}).", "Write one event a line."
            ) from None
