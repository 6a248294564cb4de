"""`thidua simulate`: plays a simulated campaign through the real HTTP door, as the stack's own feed does."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.apps import sub_command
from services.cli.counted import counted
from services.cli.feed import build, run_together
from services.cli.feed_plan import load_feed_plan
from services.cli.pack_folder import named_folder, read_right_pack
from services.cli.sending import Pace
from services.cli.settings import settings
from services.contracts.logs import configure_logs

app = sub_command()


@app.command()
def simulate(
    packs: Annotated[
        list[str],
        typer.Argument(
            help="Campaigns that come with the program (ha-tinh-2021-2025), or packs' folders.",
            show_default=False,
        ),
    ],
    rate: Annotated[
        float | None,
        typer.Option(min=0.1, help="Live events a second, of all campaigns together (THIDUA_FEED_RATE)."),
    ] = None,
    months: Annotated[
        int | None, typer.Option(min=0, max=60, help="Months of history; else the plan's history_months.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another seed: other figures, and other units drawn.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Send the history and end; no live figures.")] = False,
) -> None:
    """Send a simulated history with its evaluations, then live figures for ever. Every figure is marked MÔ PHỎNG / simulated.

    Only a campaign that says 'simulated: true' and has a feed.yaml can be played. Sent again it changes nothing: the log counts each event
    once, and the figures follow from the seed.

    Example: thidua simulate ha-tinh-2021-2025 --once
    """
    configure_logs(settings().log_level)
    pace = Pace(rate or settings().feed_rate)
    given: dict[str, Any] = {"seed": seed, "history_months": months}
    changed = {name: value for name, value in given.items() if value is not None}
    feeds = []
    for folder in map(named_folder, packs):
        plan = load_feed_plan(folder, read_right_pack(folder).pack).model_copy(update=changed)
        feeds.append(build(Path(folder), pace, plan))
    if not once:
        run_together(feeds)
    for name, feed in zip(packs, feeds, strict=True):
        feed.finish_months()
        typer.echo(f"{name}: {counted(feed.months, 'month')} sent, MÔ PHỎNG / simulated.")
