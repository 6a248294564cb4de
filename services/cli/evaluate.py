"""`thidua evaluate`: asks, as the campaign's office, for an official evaluation of a block."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.apps import sub_command
from services.cli.doors import open_door
from services.cli.failures import CalledWrongly, FoundWrong
from services.contracts.event_data import EvaluationDueData
from services.contracts.events import EvaluationDue, evaluation_id
from services.contracts.ids import BlockId
from services.contracts.periods import BadPeriod, parse_period
from services.contracts.routing import campaign_of

app = sub_command()


@app.command()
def evaluate(
    block: Annotated[str, typer.Argument(help="Block id, as hdi/world.", show_default=False)],
    period: Annotated[str, typer.Option(help="The period to evaluate, as 2022 or 2026-06.")],
    edition: Annotated[int, typer.Option(min=1, help="Editions after the first correct it.")] = 1,
    reason: Annotated[
        str | None,
        typer.Option(help="Why a published edition is corrected; it is published with the new one."),
    ] = None,
    as_of: Annotated[datetime | None, typer.Option(help="As seen at this instant, UTC; else now.")] = None,
    principal: Annotated[
        str, typer.Option(help="The office's principal, whose prefix the source has.")
    ] = "office",
    door: Annotated[
        str | None, typer.Option(help="Address of the door (THIDUA_INGEST_URL; else the running stack's).")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File with the office's key; else the demonstration key.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask for an official evaluation: it happens at the place of the log that this request gets. Asking twice is one evaluation.

    Example: thidua evaluate hdi/world --period 2022 --edition 2
    """
    seen = datetime.now(UTC).replace(microsecond=0) if as_of is None else as_of.replace(tzinfo=UTC)
    event = evaluation_request(BlockId(block), period, seen, edition, principal, reason)
    result = open_door(door, campaign_of(BlockId(block)), principal, key_file).push([event])[0]
    if result.status == "rejected":
        raise FoundWrong(f"The door rejected it: {result.problem.detail}", result.problem.next)
    identity = evaluation_id(BlockId(block), period, seen, edition)
    if as_json:
        typer.echo(json.dumps({"evaluation": identity, "status": result.status, "as_of": seen.isoformat()}))
    else:
        typer.echo(f"Evaluation {identity} of {block}, {period}, edition {edition}: {result.status}.")


def evaluation_request(
    block: BlockId, period: str, as_of: datetime, edition: int, principal: str, reason: str | None = None
) -> EvaluationDue:
    """Raises `CalledWrongly` when the block or the period has not the form of one."""
    if len(block.split("/")) != 2 or not all(block.split("/")):
        raise CalledWrongly(f"{block!r} is no block id.", "Give campaign/block, such as hdi/world.")
    try:
        parse_period(period)
    except BadPeriod as bad:
        raise CalledWrongly(f"{bad}.", "Give --period one of these forms.") from bad
    return EvaluationDue(
        specversion="1.0",
        id=f"{block}/{period}/{as_of.isoformat()}/{edition}",
        source=f"/{campaign_of(block)}/{principal}/evaluate",
        subject=block,
        time=as_of,
        data=EvaluationDueData(period=period, as_of=as_of, edition=edition, reason=reason),
    )
