"""Acts of the office, the council and units: their envelopes, and how one is sent through the door and told of."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.doors import open_door
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.sending import Door
from services.contracts.act_rules import Act
from services.contracts.events import type_of
from services.contracts.ids import CampaignId, FlagParts, UnitId, flag_parts

Reason = Annotated[str, typer.Option(help="Why; it is published, so it names no person.")]
DoorUrl = Annotated[
    str | None,
    typer.Option("--door", help="Address of the door (THIDUA_INGEST_URL; else the running stack's)."),
]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="File with the sender's key; else the demonstration key.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object an event.")]
OfCouncil = Annotated[
    str, typer.Option("--principal", help="The council's principal, whose prefix the source has.")
]
OfOffice = Annotated[
    str, typer.Option("--principal", help="The office's principal, whose prefix the source has.")
]


def envelope(kind: str, campaign: str, principal: str, subject: str, at: datetime) -> dict[str, Any]:
    """The attributes of an act. Its id has the instant: the same act later is another act."""
    return {
        "specversion": "1.0",
        "id": f"{kind}/{subject}/{at.isoformat()}",
        "source": f"/{campaign}/{principal}/cli",
        "subject": subject,
        "time": at,
    }


def now() -> datetime:
    return datetime.now(UTC)


def unit_named(text: str) -> tuple[CampaignId, UnitId]:
    """The parts of CAMPAIGN/UNIT. Raises `CalledWrongly`."""
    campaign, slash, unit = text.partition("/")
    if not (campaign and slash and unit) or "/" in unit:
        raise CalledWrongly(
            f"{text!r} is no unit of a campaign.", "Give CAMPAIGN/UNIT, such as sample/xa-mau-2."
        )
    return CampaignId(campaign), UnitId(unit)


def flag_named(text: str) -> FlagParts:
    """Raises `CalledWrongly`."""
    parts = flag_parts(text)
    if parts is None:
        raise CalledWrongly(f"{text!r} is no id of a flag.", "Copy one from GET /v1/flags of the api.")
    return parts


def send_acts(
    url: str | None,
    campaign: CampaignId,
    principal: str,
    key_file: Path | None,
    acts: Sequence[Act],
    as_json: bool,
) -> None:
    """Sends them with the principal's key and prints what became of each. Raises `FoundWrong` when one was rejected."""
    tell_sent(open_door(url, campaign, principal, key_file), acts, as_json)


def tell_sent(door: Door, acts: Sequence[Act], as_json: bool) -> None:
    """As `send_acts`, with an open door."""
    results = door.push(acts)
    for act, result in zip(acts, results, strict=True):
        typer.echo(json.dumps(_row(act, result), ensure_ascii=False) if as_json else _line(act, result))
    wrong = next((result for result in results if result.status == "rejected"), None)
    if wrong is not None:
        raise FoundWrong(f"The door rejected it: {wrong.problem.detail}", wrong.problem.next)


def _line(act: Act, result: Any) -> str:
    kind = type_of(type(act)).removeprefix("vn.thidua.").removesuffix(".v1")
    return f"{kind} of {act.subject}: {result.status}."


def _row(act: Act, result: Any) -> dict[str, Any]:
    problem = result.problem
    return {
        "id": act.id,
        "source": act.source,
        "subject": act.subject,
        "status": result.status,
        "problem": None if problem is None else {"type": problem.type, "detail": problem.detail},
    }
