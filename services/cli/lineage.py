"""`thidua lineage`: carries figures over mergers and splits, and turns lists of mergers by name into a pack's lineage.csv."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.apps import sub_command
from services.cli.broker import KafkaBroker
from services.cli.counted import counted
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.lineage_apply import apply_lineage
from services.cli.lineage_join import Joined, NamedEdge, NamedUnit, join_names
from services.cli.publishing import published_packs
from services.cli.settings import settings
from services.contracts.ids import CampaignId
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv

app = sub_command("Carry figures over mergers and splits of units.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def apply(
    campaign: Annotated[str, typer.Argument(help="Campaign id, as ha-tinh-2021-2025.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Carry everything that units reported before they were merged or split to what came of them, by the newest published pack.

    Run it once when a change has come into force; reports that come later are carried by themselves. May be run again, or after it was cut
    off: it appends only what is lacking.

    Example: thidua lineage apply ha-tinh-2021-2025
    """
    broker = KafkaBroker.of(settings())
    newest = published_packs(broker).newest(CampaignId(campaign))
    if newest is None:
        raise CalledWrongly(
            f"There is no published pack of {campaign!r}.",
            "Publish it: thidua pack publish campaigns/<name>.",
        )
    if not newest.pack.lineage:
        raise CalledWrongly(
            f"The pack of {campaign} has no lineage.", "Write a lineage.csv, see docs/lineage.md."
        )
    applied = apply_lineage(broker, newest.pack, datetime.now(UTC))
    total = sum(applied.appended.values())
    if as_json:
        typer.echo(json.dumps({"appended": applied.appended, "known": applied.known}, ensure_ascii=False))
        return
    for block, count in applied.appended.items():
        typer.echo(f"{block}: {counted(count, 'event')} carried over")
    typer.echo(f"{campaign}: {counted(total, 'event')} carried over, {applied.known:,} had been before.")


@app.command()
def join(
    edges: Annotated[Path, typer.Argument(help="CSV: old_unit,new_unit, by name.", show_default=False)],
    units: Annotated[Path, typer.Argument(help="The pack's units.csv.", show_default=False)],
    day: Annotated[str, typer.Option("--date", help="The day from which the new units are, as 2025-07-01.")],
    equal_shares: Annotated[
        bool, typer.Option(help="Share split units out equally; else their shares stay to be written.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write lineage.csv here; else to standard output.")] = None,
) -> None:
    """Turn a list of mergers by name into lineage.csv: ids, day, shares. Misspelt names are joined to the nearest, and told on standard error.

    Exit code 1 when a line could be joined to nobody.

    Example: thidua lineage join edges.csv units.csv --date 2025-07-01 --out lineage.csv
    """
    change = _date(day)
    ending, beginning = _units(units, change)
    joined = join_names(_listed(edges), ending, beginning, change, equal_shares=equal_shares)
    text = "".join(csv_lines(joined.edges))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
    for line in report_of(joined, edges.name):
        print(line, file=sys.stderr)
    if joined.unknown:
        raise FoundWrong(
            f"{counted(len(joined.unknown), 'name')} of {edges.name} could not be joined.",
            "Correct the names above in the list or in units.csv, and run it again.",
        )


def csv_lines(edges: Sequence[LineageEdge]) -> Iterator[str]:
    """lineage.csv, line by line. A share that is missing stays empty, for `thidua pack check` to ask for."""
    yield "old,new,date,share\n"
    for edge in edges:
        yield f"{edge.old},{edge.new},{edge.date},{'' if edge.share is None else repr(edge.share)}\n"


def report_of(joined: Joined, file: str) -> Iterator[str]:
    """What a person should look at."""
    for line, written, taken_for in joined.misspelt:
        yield f"{file}:{line}: no unit of that day is {written!r}; it was taken for {taken_for!r}"
    for line, written in joined.unknown:
        yield f"{file}:{line}: no unit of that day is {written!r}, and none is near"
    for old, count in joined.parts.items():
        yield f"{file}: {old!r} is split into {count}: its shares are to be checked"
    for unit in joined.left:
        yield f"{file} says nothing of {unit.name!r} ({unit.id})"


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CalledWrongly(f"{text!r} is no date.", "Give one such as 2025-07-01.") from None


def _listed(file: Path) -> list[NamedEdge]:
    document = _read(file, ("old_unit", "new_unit"))
    return [
        NamedEdge(document.line((index,)), row["old_unit"], row["new_unit"])
        for index, row in enumerate(document.data)
    ]


def _units(file: Path, change: date) -> tuple[list[NamedUnit], list[NamedUnit]]:
    rows = _read(file, ("id", "name")).data
    ending = [NamedUnit(row["id"], row["name"]) for row in rows if row.get("valid_to") == change.isoformat()]
    beginning = [
        NamedUnit(row["id"], row["name"]) for row in rows if row.get("valid_from") == change.isoformat()
    ]
    return ending, beginning


def _read(file: Path, columns: Sequence[str]) -> Any:
    try:
        document = read_csv(file.parent, file.name)
    except BadPack as bad:
        raise CalledWrongly(str(bad), "Correct the file and run the command again.") from bad
    if missing := [name for name in columns if name not in document.columns]:
        raise CalledWrongly(f"{file} has no column {', '.join(missing)}.", f"Give {', '.join(columns)}.")
    return document
