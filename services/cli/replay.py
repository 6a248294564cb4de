"""`thidua replay`: sends a pack's recorded reports through the real HTTP door, each period followed by its official evaluations."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.cli.apps import sub_command
from services.cli.doors import open_door, planned_sender
from services.cli.failures import FoundWrong
from services.cli.pack_folder import named_folder, read_right_pack
from services.cli.recorded import RecordedPeriod, recorded_periods
from services.cli.sending import Door, Pace, Tally, send
from services.contracts.ids import CampaignId

app = sub_command()

_BATCH: Final = 200
"""Enough that the door works at its full speed (ENGINEERING 2), small enough that a progress bar moves."""


@app.command()
def replay(
    pack: Annotated[
        str,
        typer.Argument(
            help="A campaign that comes with the program (hdi), or a pack's folder.", show_default=False
        ),
    ],
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="Events a second; else as fast as they are acknowledged.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Events in one request.")] = _BATCH,
    edition: Annotated[
        int, typer.Option(min=1, help="Edition of the evaluations; 2 evaluates again what is there.")
    ] = 1,
    door: Annotated[
        str | None, typer.Option(help="Address of the door (THIDUA_INGEST_URL; else the running stack's).")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="File with the reporting principal's key.")] = None,
    office_key: Annotated[Path | None, typer.Option(help="File with the office's key.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Send recorded reports in the order of their periods, and ask for each period's evaluation once its reports are in the log.

    A service that is down only delays it. Sent again it changes nothing: the log counts each event once.

    Example: thidua replay hdi --rate 200
    """
    folder = named_folder(pack)
    checked = read_right_pack(folder)
    campaign = CampaignId(checked.pack.campaign.id)
    reporter, office = planned_sender(checked, "department"), planned_sender(checked, "office")
    periods = list(
        recorded_periods(
            folder,
            checked.pack,
            f"{reporter.source_prefix(campaign)}/replay",
            f"{office.source_prefix(campaign)}/replay",
            edition,
        )
    )
    report_door = open_door(door, campaign, reporter.id, key)
    office_door = open_door(door, campaign, office.id, office_key)
    began = time.monotonic()
    tally, evaluations = replay_periods(periods, report_door, office_door, batch, Pace(rate))
    _conclude(campaign, periods, tally, evaluations, time.monotonic() - began, as_json)


def replay_periods(
    periods: Sequence[RecordedPeriod], reports: Door, office: Door, batch: int, pace: Pace
) -> tuple[Tally, Tally]:
    """What became of the reports, and of the requests for evaluation."""
    tally, evaluations = Tally(), Tally()
    with _progress() as progress:
        bar = progress.add_task("", total=sum(len(p.reports) + len(p.evaluations) for p in periods))
        for period in periods:
            progress.update(bar, description=f"{period.period}")
            send(reports, period.reports, batch, pace, tally, lambda count: progress.advance(bar, count))
            send(
                office,
                period.evaluations,
                batch,
                pace,
                evaluations,
                lambda count: progress.advance(bar, count),
            )
    return tally, evaluations


def _progress() -> Any:
    """A bar on standard error; nothing where that is no terminal."""
    from rich.console import Console  # noqa: PLC0415 - 0.2 s that other commands need not pay
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeRemainingColumn(),
    ]
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _conclude(
    campaign: str,
    periods: Sequence[RecordedPeriod],
    tally: Tally,
    evaluations: Tally,
    seconds: float,
    as_json: bool,
) -> None:
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "campaign": campaign,
                    "periods": len(periods),
                    "reports": _counts(tally),
                    "evaluations": _counts(evaluations),
                    "seconds": round(seconds, 1),
                }
            )
        )
    else:
        typer.echo(
            f"{campaign}: {tally.sent:,} reports of {len(periods)} periods in {seconds:.1f} s ({tally.accepted:,} accepted, "
            f"{tally.duplicate:,} known already), {evaluations.sent} evaluations asked for."
        )
    if rejections := tally.rejections + evaluations.rejections:
        count, first = tally.rejected + evaluations.rejected, rejections[0]
        raise FoundWrong(
            f"The door rejected {count} events, first {first.event.source} {first.event.id}: {first.problem.detail}",
            first.problem.next,
        )


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "sent": tally.sent,
        "accepted": tally.accepted,
        "duplicate": tally.duplicate,
        "rejected": tally.rejected,
    }
