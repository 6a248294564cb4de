"""`thidua reply`: a unit answers a flag of its own."""

from datetime import datetime
from typing import Annotated

import typer

from services.cli.acts import AsJson, DoorUrl, KeyFile, envelope, flag_named, now, send_acts
from services.cli.apps import sub_command
from services.contracts.event_data import ReplyData
from services.contracts.events import Reply
from services.contracts.routing import campaign_of

app = sub_command()


@app.command()
def reply(
    flag: Annotated[str, typer.Argument(help="The flag's id.", show_default=False)],
    text: Annotated[str, typer.Option(help="The answer; it is published, so it names no person.")],
    evidence: Annotated[
        list[str] | None, typer.Option(help="Address or number of a document; may be given again.")
    ] = None,
    principal: Annotated[
        str | None,
        typer.Option(help="The unit's principal, whose prefix the source has; else the unit's id."),
    ] = None,
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a flag before the council decides (giải trình). The newest answer counts.

    Example: thidua reply sample/communes:underperformer:xa-mau-5:5f0c2a9d --text "Sổ liệu tháng 6 gửi muộn" --evidence CV-112
    """
    sender = principal or flag_named(flag).unit
    event = answer(flag, text, evidence or [], sender, now())
    send_acts(door, campaign_of(flag_named(flag).block), sender, key_file, [event], as_json)


def answer(flag: str, text: str, evidence: list[str], principal: str, at: datetime) -> Reply:
    """Raises `CalledWrongly` for what is no flag."""
    about = flag_named(flag)
    data = ReplyData(flag=flag, text=text, evidence=evidence)
    envelope_of = envelope(f"reply/{about.kind}", campaign_of(about.block), principal, about.unit, at)
    return Reply(**envelope_of, data=data)
