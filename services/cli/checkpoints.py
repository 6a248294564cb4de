"""`thidua checkpoints`: where the scoring worker's checkpoints stand, and away with them. They are a cache: the log has everything."""

import json
from typing import Annotated

import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker
from services.cli.settings import settings
from services.contracts.checkpoints import CONFIRMED_GROUP, read_note
from services.contracts.topics import CHECKPOINTS, EVENTS

app = sub_command("List or delete the scoring worker's checkpoints.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_checkpoints(as_json: AsJson = False) -> None:
    """Show, by partition, where the log ends, what is confirmed of it, and whether a checkpoint stands ready for the next start.

    Example: thidua checkpoints list
    """
    rows = checkpoints(KafkaBroker.of(settings()))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    typer.echo("partition    log ends   confirmed  checkpoint at")
    for row in rows:
        at = "none" if row["checkpoint"] is None else str(row["checkpoint"])
        typer.echo(f"{row['partition']:>9}  {row['end']:>10}  {row['confirmed']:>10}  {at:>13}")


@app.command()
def delete(as_json: AsJson = False) -> None:
    """Delete all checkpoints. The next start of a worker reads the log from its beginning, and gives the same results.

    Example: thidua checkpoints delete
    """
    broker = KafkaBroker.of(settings())
    spans = broker.spans(CHECKPOINTS)
    broker.cut(CHECKPOINTS)
    records = sum(span.end - span.begin for span in spans.values())
    if as_json:
        typer.echo(json.dumps({"partitions": len(spans), "offsets": records}))
    else:
        typer.echo(
            f"The checkpoints of {len(spans)} partitions are deleted. A worker that runs writes new ones; one that starts before "
            f"reads the log from its beginning."
        )


def checkpoints(broker: Broker) -> list[dict[str, int | None]]:
    """A row for each partition of the log. `checkpoint` is null where none is named, or what was named is no longer there."""
    committed = broker.committed(CONFIRMED_GROUP, EVENTS)
    held = broker.spans(CHECKPOINTS)
    rows: list[dict[str, int | None]] = []
    for partition, span in sorted(broker.spans(EVENTS).items()):
        own = committed.get(partition)
        at = None if own is None else read_note(own.metadata).checkpoint
        is_there = at is not None and held[partition].begin <= at < held[partition].end
        rows.append(
            {
                "partition": partition,
                "end": span.end,
                "confirmed": 0 if own is None else own.offset,
                "checkpoint": at if is_there else None,
            }
        )
    return rows
