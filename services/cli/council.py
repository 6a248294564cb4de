"""`thidua decide`, `hold`, `release`, `adjust`: what the council does."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from services.cli.acts import (
    AsJson,
    DoorUrl,
    KeyFile,
    OfCouncil,
    Reason,
    envelope,
    flag_named,
    now,
    send_acts,
    unit_named,
)
from services.cli.apps import sub_command
from services.cli.periods import require_period
from services.contracts.event_data import AdjustmentData, DecisionData, HoldData, ReleaseData
from services.contracts.events import Adjustment, Decision, Hold, Release
from services.contracts.routing import campaign_of

app = sub_command()

UnitName = Annotated[str, typer.Argument(help="CAMPAIGN/UNIT, as sample/xa-mau-2.", show_default=False)]


class Verdict(StrEnum):
    """What the council says to a flag."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"


@app.command()
def decide(
    flag: Annotated[str, typer.Argument(help="The flag's id.", show_default=False)],
    verdict: Annotated[Verdict, typer.Argument(show_default=False)],
    reason: Reason,
    principal: OfCouncil = "council",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Confirm or dismiss a flag. The newest decision counts.

    Example: thidua decide sample/communes:leader:xa-mau-2:5f0c2a9d confirm --reason "Seen on the spot"
    """
    event = decision(flag, verdict, reason, principal, now())
    send_acts(door, campaign_of(flag_named(flag).block), principal, key_file, [event], as_json)


@app.command()
def hold(
    unit: UnitName,
    reason: Reason,
    principal: OfCouncil = "council",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Hold a unit under inspection, complaint or discipline: its leader flags are muted until it is released (Decree 152/2025, art. 4.4).

    Example: thidua hold sample/xa-mau-2 --reason "Inspection 12/2026"
    """
    campaign, id = unit_named(unit)
    event = Hold(**envelope("hold", campaign, principal, id, now()), data=HoldData(reason=reason))
    send_acts(door, campaign, principal, key_file, [event], as_json)


@app.command()
def release(
    unit: UnitName,
    reason: Reason,
    principal: OfCouncil = "council",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Release a unit that was held.

    Example: thidua release sample/xa-mau-2 --reason "Inspection 12/2026 found nothing"
    """
    campaign, id = unit_named(unit)
    event = Release(**envelope("release", campaign, principal, id, now()), data=ReleaseData(reason=reason))
    send_acts(door, campaign, principal, key_file, [event], as_json)


@app.command()
def adjust(
    unit: UnitName,
    criterion: Annotated[str, typer.Option(help="An extra of the scheme, or an adjustable group.")],
    points: Annotated[float, typer.Option(help="Points of the scale; below 0 they are taken.")],
    period: Annotated[str, typer.Option(help="The evaluated period that they count in, as 2026-06.")],
    reason: Reason,
    principal: OfCouncil = "council",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Give or take points in the evaluations of one period. The same call twice counts once; the opposite points take it back.

    Example: thidua adjust sample/xa-mau-2 --criterion models --points 2 --period 2026-06 --reason "A model replicated"
    """
    event = adjustment(
        unit,
        AdjustmentData(criterion=criterion, points=points, period=require_period(period), reason=reason),
        principal,
        now(),
    )
    send_acts(door, unit_named(unit)[0], principal, key_file, [event], as_json)


def decision(flag: str, verdict: Verdict, reason: str, principal: str, at: datetime) -> Decision:
    """Raises `CalledWrongly` for what is no flag."""
    about = flag_named(flag)
    kind = f"{verdict.value}/{about.kind}"
    data = DecisionData(flag=flag, decision=verdict.value, reason=reason)
    return Decision(**envelope(kind, campaign_of(about.block), principal, about.unit, at), data=data)


def adjustment(unit: str, data: AdjustmentData, principal: str, at: datetime) -> Adjustment:
    """Its id follows from what it says: a call that is made twice must not count twice. Raises `CalledWrongly` for what is no unit."""
    campaign, id = unit_named(unit)
    said = hashlib.sha256(msgspec.json.encode([id, data])).hexdigest()[:16]
    return Adjustment(
        **envelope("adjust", campaign, principal, id, at) | {"id": f"adjust/{id}/{said}"}, data=data
    )
