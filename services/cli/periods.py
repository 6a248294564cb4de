"""`thidua period`: the office closes a period of its blocks, and opens it again."""

from datetime import datetime
from typing import Annotated

import typer

from services.cli.acts import AsJson, DoorUrl, KeyFile, OfOffice, Reason, envelope, now, send_acts
from services.cli.apps import sub_command
from services.cli.failures import CalledWrongly
from services.contracts.event_data import PeriodClosedData, PeriodReopenedData
from services.contracts.events import PeriodClosed, PeriodReopened
from services.contracts.ids import BlockId, CampaignId
from services.contracts.periods import BadPeriod, parse_period
from services.contracts.routing import campaign_of

app = sub_command("Close a period, so that what comes late does not count, or open it again.")

Blocks = Annotated[list[str], typer.Argument(help="Block ids, as sample/communes.", show_default=False)]
OfPeriod = Annotated[
    str, typer.Option("--period", help="The period, as 2026-06; those inside it go with it.")
]


@app.command()
def close(
    blocks: Blocks,
    period: OfPeriod,
    reason: Reason,
    principal: OfOffice = "office",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Close a period that has ended: what comes for it from now on is kept, shown as pending, and does not count.

    Example: thidua period close sample/communes --period 2026-06 --reason "Figures are final"
    """
    campaign, at = campaign_of_all(blocks), now()
    events = [closing(block, require_period(period), reason, principal, at) for block in blocks]
    send_acts(door, campaign, principal, key_file, events, as_json)


@app.command()
def reopen(
    blocks: Blocks,
    period: OfPeriod,
    reason: Reason,
    principal: OfOffice = "office",
    door: DoorUrl = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a closed period again: what came late counts from now on.

    Example: thidua period reopen sample/communes --period 2026-06 --reason "A department's file was lost"
    """
    campaign, at = campaign_of_all(blocks), now()
    events = [reopening(block, require_period(period), reason, principal, at) for block in blocks]
    send_acts(door, campaign, principal, key_file, events, as_json)


def closing(block: str, period: str, reason: str, principal: str, at: datetime) -> PeriodClosed:
    about = envelope(f"close/{period}", campaign_of(BlockId(block)), principal, block, at)
    return PeriodClosed(**about, data=PeriodClosedData(period=period, reason=reason))


def reopening(block: str, period: str, reason: str, principal: str, at: datetime) -> PeriodReopened:
    about = envelope(f"reopen/{period}", campaign_of(BlockId(block)), principal, block, at)
    return PeriodReopened(**about, data=PeriodReopenedData(period=period, reason=reason))


def campaign_of_all(blocks: list[str]) -> CampaignId:
    """Raises `CalledWrongly` for blocks of several campaigns: a key belongs to one."""
    campaigns = sorted({campaign_of(BlockId(block)) for block in blocks})
    if len(campaigns) > 1:
        raise CalledWrongly(
            f"The blocks are of {' and '.join(campaigns)}.", "Call it once for each campaign."
        )
    return campaigns[0]


def require_period(text: str) -> str:
    """Raises `CalledWrongly`."""
    try:
        return parse_period(text).text
    except BadPeriod as bad:
        raise CalledWrongly(f"{bad}.", "Give --period one of these forms.") from bad
