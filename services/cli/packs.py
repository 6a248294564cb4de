"""`thidua pack`: checks a campaign pack, and publishes it so that its blocks are evaluated by it."""

import json
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from services.cli.apps import sub_command
from services.cli.broker import KafkaBroker
from services.cli.counted import counted
from services.cli.failures import FoundWrong
from services.cli.pack_folder import CheckedPack, read_pack, read_right_pack
from services.cli.publishing import publish_packs
from services.cli.settings import settings
from services.contracts.pack.diff import PackDiff, diff
from services.contracts.pack.editor_schema import editor_schemas
from services.contracts.pack.load import pack_hints
from services.contracts.pack.problem import BadPack

app = sub_command("Check, try, compare and publish campaign packs.")

Folders = Annotated[list[Path], typer.Argument(help="Pack folders, as campaigns/hdi.", show_default=False)]
SCHEMA_FOLDER: Final = Path(__file__).parents[2] / "docs" / "pack-schema"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(folders: Folders, as_json: AsJson = False) -> None:
    """Check packs; each fault is named by file and line, with what to write instead. Exit code 1 if there is any; hints at slips are none.

    Example: thidua pack check campaigns/hdi
    """
    faults: list[dict[str, object]] = []
    slips: list[dict[str, object]] = []
    for folder in folders:
        try:
            checked = read_pack(folder)
        except BadPack as bad:
            for problem in bad.problems:
                faults.append(problem._replace(file=str(folder / problem.file))._asdict())
                if not as_json:
                    typer.echo(str(problem._replace(file=str(folder / problem.file))))
        else:
            hints = [hint._replace(file=str(folder / hint.file)) for hint in pack_hints(folder)]
            slips.extend(hint._asdict() for hint in hints)
            if not as_json:
                typer.echo("\n".join([_summary(folder, checked), *(f"hint: {hint}" for hint in hints)]))
    if as_json:
        typer.echo(json.dumps({"problems": faults, "hints": slips}, ensure_ascii=False))
    if faults:
        raise typer.Exit(FoundWrong.exit_code)


@app.command()
def publish(folders: Folders, as_json: AsJson = False) -> None:
    """Check packs, write them to campaign.packs, read them back, and activate them in each of their blocks. May be run again.

    Example: thidua pack publish campaigns/hdi campaigns/sample
    """
    checked = [read_right_pack(folder) for folder in folders]
    publish_packs(KafkaBroker.of(settings()), [one.compiled for one in checked])
    if as_json:
        typer.echo(json.dumps({"published": [_published(one) for one in checked]}))
        return
    for one in checked:
        typer.echo(
            f"{one.pack.campaign.id}: pack {one.compiled.hash[:12]} is active in {counted(len(one.pack.blocks), 'block')}."
        )


@app.command()
def schema(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to write them to; else docs/pack-schema of this checkout.")
    ] = None,
) -> None:
    """Write the JSON Schemas of a pack's YAML files, for editors that complete keys and mark faults as one types.

    Example: thidua pack schema /tmp/schemas
    """
    target = folder or SCHEMA_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, text in editor_schemas().items():
        (target / name).write_text(text, encoding="utf-8")
        typer.echo(f"wrote {target / name}")


@app.command("diff")
def difference(
    old: Annotated[Path, typer.Argument(help="Pack folder, as it was.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Pack folder, as it is to be.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say in words what changed between two packs, and of each block whether its scores can change.

    Example: thidua pack diff /backup/sample campaigns/sample
    """
    found = diff(read_right_pack(old).pack, read_right_pack(new).pack)
    if as_json:
        changes = [change._asdict() for change in found.changes]
        typer.echo(json.dumps({"changes": changes, "changes_scores": found.scores}, ensure_ascii=False))
        return
    typer.echo(diff_as_text(found))


@app.command("try")
def try_out(
    folder: Annotated[Path, typer.Argument(help="Pack folder with a reports.csv.", show_default=False)],
    period: Annotated[
        str | None, typer.Option(help="Only this period, as 2026-03; else all that are recorded.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Explain this unit's score instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate the figures of a pack's reports.csv here and now, without a stack: the ranking that the pack makes of them.

    Each period is seen as on the day after its end. Example: thidua pack try campaigns/hdi --period 2022
    """
    from services.cli.explain import print_explanation  # noqa: PLC0415 - loads numpy and the engine
    from services.cli.trial import as_table, explained_trial, tried  # noqa: PLC0415 - loads numpy and the engine

    checked = read_right_pack(folder)
    if unit is not None:
        told = explained_trial(folder, checked, period, unit)
        if as_json:
            typer.echo(msgspec.json.encode(told).decode())
        else:
            for one in told:
                print_explanation(one)
        return
    made = tried(folder, checked, period)
    if as_json:
        typer.echo(msgspec.json.encode(made).decode())
        return
    typer.echo("\n\n".join(as_table(checked, one) for one in made))


def diff_as_text(found: PackDiff) -> str:
    """A paragraph a subject, then a line a block."""
    lines: list[str] = []
    for subject, changes in groupby(found.changes, key=lambda change: change.subject):
        lines += [subject, *(f"  {change.where}: {change.text}" for change in changes)]
    lines = lines or ["nothing changed"]
    return "\n".join(
        [
            *lines,
            *(
                f"changes scores of block {block}: {'yes' if may else 'no'}"
                for block, may in found.scores.items()
            ),
        ]
    )


def _published(one: CheckedPack) -> dict[str, object]:
    return {"campaign": one.pack.campaign.id, "pack": one.compiled.hash, "blocks": list(one.pack.block_by_id)}


def _summary(folder: Path, checked: CheckedPack) -> str:
    pack = checked.pack
    return (
        f"{folder}: {counted(len(pack.blocks), 'block')}, {counted(len(pack.rows_by_unit), 'unit')}, "
        f"{counted(len(pack.indicators), 'indicator')}, {counted(len(checked.principals), 'principal')}; pack {checked.compiled.hash[:12]}"
    )
