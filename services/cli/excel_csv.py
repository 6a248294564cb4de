"""CSV as Excel writes it where the comma is the decimal sign, as in Viet Nam: `;` between the columns, 12,5 for 12.5."""

import csv
import io
import re
from pathlib import Path
from typing import Final

from services.cli.failures import CalledWrongly
from services.contracts.pack.sources import Document, read_text

_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d+,\d+")


def as_excel_writes(file: Path) -> Document | None:
    """The file's rows as `read_csv` gives them, numbers with a point; None when its header is not separated by `;`. Raises `BadPack`, or
    `CalledWrongly` for a row that is too long.

    A comma counts as the decimal sign only here, where it cannot be the separator.
    """
    text = read_text(file.parent, file.name)
    header, _, _ = text.partition("\n")
    if ";" not in header or "," in header:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    names = [name.strip() for name in next(reader)]
    rows: list[dict[str, str]] = []
    lines: dict[tuple[str | int, ...], int] = {(): 1}
    first = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells[len(names) :]):
            raise CalledWrongly(
                f"{file.name}:{first} has more cells than the {len(names)} columns.",
                'Write texts that hold a ; as "a; b".',
            )
        if row := _row(names, cells):
            lines[(len(rows),)] = first
            rows.append(row)
        first = reader.line_num + 1
    return Document(file.name, rows, lines, tuple(names))


def _row(names: list[str], cells: list[str]) -> dict[str, str]:
    """Cells that are empty are left out; Excel leaves those at the end of a row out itself."""
    return {
        name: _number(cell.strip()) for name, cell in zip(names, cells, strict=False) if name and cell.strip()
    }


def _number(cell: str) -> str:
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell
