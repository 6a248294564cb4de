"""`thidua publish`: the office publishes an evaluation, which freezes its edition."""

from datetime import datetime
from typing import Annotated

import typer

from services.cli.acts import AsJson, DoorUrl, KeyFile, OfOffice, envelope, now, send_acts
from services.cli.apps import sub_command
from services.contracts.event_data import EvaluationPublishedData
from services.contracts.events import EvaluationPublished
from services.contracts.ids import BlockId
from services.contracts.routing import campaign_of

app = sub_command()


@app.command()
def publish(
    block: Annotated[str, typer.Argument(help="Block id, as sample/communes.", show_default=False)],
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id, 32 digits.", show_default=False)],
    actor: Annotated[str, typer.Option(help="The role that publishes; never a person's name.")] = "office",
    principal: OfOffice = "office",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Publish an evaluation. Its edition stands from now on; a correction is the next edition: thidua evaluate --edition N --reason ...

    Example: thidua publish sample/communes 0f6c2a9d7b310f6c2a9d7b310f6c2a9d --actor office
    """
    event = publication(BlockId(block), evaluation, actor, principal, now())
    send_acts(door, campaign_of(BlockId(block)), principal, key_file, [event], as_json)


def publication(
    block: BlockId, evaluation: str, actor: str, principal: str, at: datetime
) -> EvaluationPublished:
    about = envelope(f"publish/{evaluation}", campaign_of(block), principal, block, at)
    return EvaluationPublished(**about, data=EvaluationPublishedData(evaluation=evaluation, actor=actor))
