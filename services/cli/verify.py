"""`thidua verify`: reproduces a pack's published table, from the store or by computing it here."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Final

import typer

from services.cli.apps import sub_command
from services.cli.comparison import Comparison, Score, compare, read_published
from services.cli.doors import planned_sender
from services.cli.failures import FoundWrong
from services.cli.pack_folder import named_folder, read_right_pack
from services.contracts.periods import parse_period

app = sub_command()

_POLL_S: Final = 1.0
_SHOWN_DIFFERENCES: Final = 20


@app.command()
def verify(
    pack: Annotated[
        str,
        typer.Argument(
            help="A campaign that comes with the program (hdi), or a pack's folder.", show_default=False
        ),
    ],
    stored: Annotated[
        bool,
        typer.Option(
            "--stored", help="Compare the official evaluations in ClickHouse; else compute them here."
        ),
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds that the store may take to catch up.")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Compare with what was published: every value to its decimals, every rank. Exit code 0 only when all agree.

    Example: thidua verify hdi --stored
    """
    folder = named_folder(pack)
    checked = read_right_pack(folder)
    published = read_published(folder)
    campaign = checked.pack.campaign
    periods = [period.text for period in parse_period(campaign.span).each(campaign.live_cadence)]
    if stored:
        from services.cli.stored_scores import open_store, stored_scores  # noqa: PLC0415 - loads ClickHouse's client

        store = open_store()
        outcome = when_caught_up(
            lambda: compare(published, stored_scores(store, checked.pack.block_by_id), periods), wait
        )
    else:
        from services.cli.computed_scores import computed_scores  # noqa: PLC0415 - loads numpy and the engine

        scores: list[Score] = computed_scores(folder, checked, planned_sender(checked, "department"))
        outcome = compare(published, scores, periods)
    typer.echo(as_json_text(campaign.id, outcome) if as_json else as_text(campaign.id, outcome))
    if not outcome.agrees:
        raise FoundWrong(
            f"{campaign.id} does not agree with what was published.", _what_next(outcome, stored)
        )


def when_caught_up(
    look: Callable[[], Comparison],
    wait_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Comparison:
    """The first comparison that agrees, or the last one when the time is over."""
    deadline = clock() + wait_s
    while True:
        outcome = look()
        if outcome.agrees or clock() >= deadline:
            return outcome
        sleep(_POLL_S)


def as_json_text(campaign: str, outcome: Comparison) -> str:
    said = outcome._asdict()
    said["differences"] = [difference._asdict() for difference in outcome.differences[:_SHOWN_DIFFERENCES]]
    return json.dumps({"campaign": campaign, "agrees": outcome.agrees, **said}, ensure_ascii=False)


def as_text(campaign: str, outcome: Comparison) -> str:
    evaluated = outcome.periods - len(outcome.missing_periods)
    lines = [
        f"{campaign}: {evaluated}/{outcome.periods} periods evaluated",
        f"  values  {outcome.values_equal:,}/{outcome.values:,} equal to the published ones",
        f"  ranks   {outcome.ranks_equal:,}/{outcome.ranks:,} equal",
        *(
            f"  differs: {d.unit} {d.period}: published {d.published}, found {d.computed}"
            for d in outcome.differences[:_SHOWN_DIFFERENCES]
        ),
        *(f"  has inputs but no published value: {unit} {period}" for period, unit in outcome.unpublished),
        *(f"  not ranked, as published: {unit} {period}" for period, unit in outcome.unranked),
        *(
            f"  not in the published table: {unit} {period}"
            for period, unit in outcome.unexpected[:_SHOWN_DIFFERENCES]
        ),
    ]
    if outcome.missing_periods:
        lines.append(f"  no evaluation of {', '.join(outcome.missing_periods)}")
    return "\n".join(lines)


def _what_next(outcome: Comparison, stored: bool) -> str:
    if stored and outcome.missing_periods:
        return "Send the reports with thidua replay; if they were sent, thidua status shows how far scoring and storage are behind."
    return "Without --stored it is computed here, from the recorded reports alone: compare the two to see which part is at fault."
