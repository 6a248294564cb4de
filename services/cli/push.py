"""`thidua push`: sends a file of reports as a unit's own system would."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.cli.apps import sub_command
from services.cli.door import PushResult
from services.cli.doors import door_client
from services.cli.failures import FoundWrong
from services.cli.report_file import Row, read_rows

app = sub_command()

_BATCH: Final = 200


@app.command()
def push(
    file: Annotated[
        Path,
        typer.Argument(help="CSV of figures or facts, or JSON lines of CloudEvents.", show_default=False),
    ],
    key_file: Annotated[Path, typer.Option(help="File with the sender's API key.")],
    door: Annotated[
        str | None, typer.Option(help="Address of the door (THIDUA_INGEST_URL; else the running stack's).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
) -> None:
    """Send reports or facts, and say of each row what became of it. A door that does not answer is tried again; the same file counts once.

    CSV columns: unit, indicator, period, value (or numerator and denominator, or passed), revision; or unit, period and a column for
    each indicator. Of facts: unit, indicator, occurred, id, and amount where it is not 1.

    Example: thidua push june.csv --key-file var/keys/sample-xa-mau-1.key
    """
    with door_client(door, key_file) as client:
        prefix = client.limits()["principal"]["source_prefix"]
        rows = read_rows(file, f"{prefix.rstrip('/')}/push", datetime.now(UTC))
        rejected = 0
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            for row, result in zip(part, client.push([row.event for row in part]), strict=True):
                rejected += result.status == "rejected"
                typer.echo(
                    json.dumps(_as_json(row, result), ensure_ascii=False)
                    if as_json
                    else _as_line(file, row, result)
                )
    if rejected:
        raise FoundWrong(
            f"{rejected} of {len(rows)} rows were rejected; the others are in the log.",
            "Correct them and push the file again.",
        )


def _as_line(file: Path, row: Row, result: PushResult) -> str:
    said = f"{file.name}:{row.line}: {result.status}"
    if result.problem is None:
        return f"{said}, {result.block}"
    return f"{said}: {result.problem.detail} {result.problem.next}"


def _as_json(row: Row, result: PushResult) -> dict[str, Any]:
    problem = (
        None if result.problem is None else {"type": result.problem.type, "detail": result.problem.detail}
    )
    return {
        "line": row.line,
        "id": result.id,
        "status": result.status,
        "block": result.block,
        "problem": problem,
    }
