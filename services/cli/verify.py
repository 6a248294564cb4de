"""`thidua verify`: reproduces a pack's published table, from the store or by computing it here."""

import time
from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Final, NamedTuple, Protocol, TypeVar

import typer

from services.cli.apps import sub_command
from services.cli.comparison import Published, Score, compare, read_published, scores_in
from services.cli.doors import planned_sender
from services.cli.failures import FoundWrong
from services.cli.pack_folder import named_folder, read_right_pack
from services.cli.parts import PublishedPart, Stage, compare_parts, read_parts
from services.cli.verification import (
    Verification,
    agree,
    as_json_text,
    as_text,
    notices_in,
    stages_as_json,
    stages_as_text,
)
from services.contracts.pack.model import Pack
from services.contracts.results import Evaluation

app = sub_command()

_POLL_S: Final = 1.0


class _Finding(Protocol):
    @property
    def agrees(self) -> bool: ...


V = TypeVar("V", bound=_Finding)


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

    What a pack's folder says of the stages before the score is compared where it is computed here: results hold rounded figures.

    Two names are no campaigns: coinr-uncertainty (an uncertainty run of another program, draw by draw) and rank-statistics (published tables
    of intervals, limits and rank sets).

    Example: thidua verify hdi --stored
    """
    if (stages := _methods_verified(pack)) is not None:
        typer.echo(stages_as_json(pack, stages) if as_json else stages_as_text(pack, stages))
        if not agree(stages):
            raise FoundWrong(
                f"{pack} does not agree with what was published.", "The differences are listed above."
            )
        return
    folder = named_folder(pack)
    checked = read_right_pack(folder)
    answers = Answers(read_published(folder), read_parts(folder), checked.pack)
    campaign = checked.pack.campaign.id
    if stored:
        outcome = when_caught_up(_look_into_store(answers), wait)
    else:
        from services.cli.computed_scores import computed_evaluations  # noqa: PLC0415 - loads numpy and the engine
        from services.cli.stages import compare_stages  # noqa: PLC0415 - loads numpy and the engine

        reporter = planned_sender(checked, "department")
        made = computed_evaluations(folder, checked, reporter)
        outcome = verified(answers, scores_in(made), made)
        outcome = outcome._replace(stages=[*compare_stages(folder, checked, reporter), *outcome.stages])
    typer.echo(as_json_text(campaign, outcome) if as_json else as_text(campaign, outcome))
    if not outcome.agrees:
        raise FoundWrong(f"{campaign} does not agree with what was published.", _what_next(outcome, stored))


def _methods_verified(name: str) -> list[Stage] | None:
    """The stages of what is no campaign; null for a campaign."""
    if name == "coinr-uncertainty":
        from services.cli.coinr_uncertainty import compare_coinr  # noqa: PLC0415 - loads numpy and the engine

        return compare_coinr()
    if (named_folder(name) / "campaign.yaml").is_file():
        return None
    from services.cli.rank_statistics import (  # noqa: PLC0415 - loads scipy and the engine
        compare_rank_statistics,
        is_folder_of_tables,
    )

    return compare_rank_statistics(name) if is_folder_of_tables(name) else None


class Answers(NamedTuple):
    """What a pack's folder says was published."""

    table: list[Published]
    parts: list[PublishedPart]
    pack: Pack

    @property
    def periods(self) -> list[str]:
        """Those that must have an evaluation."""
        return sorted({row.period for row in self.table} | {part.period for part in self.parts})

    @property
    def need_evaluations(self) -> bool:
        """Whether scores and ranks are not enough to compare with."""
        return bool(self.parts) or any(block.feed_checks for block in self.pack.blocks)


def verified(answers: Answers, scores: Iterable[Score], evaluations: Collection[Evaluation]) -> Verification:
    """Everything published against everything found."""
    elsewhere = {(part.period, part.unit) for part in answers.parts}
    return Verification(
        compare(answers.table, scores, answers.periods, elsewhere),
        compare_parts(answers.parts, evaluations, answers.pack),
        notices_in(evaluations),
    )


def _look_into_store(answers: Answers) -> Callable[[], Verification]:
    from services.cli.stored_scores import (  # noqa: PLC0415 - loads ClickHouse's client
        open_store,
        stored_evaluations,
        stored_scores,
    )

    store, blocks = open_store(), answers.pack.block_by_id

    def look() -> Verification:
        evaluations = stored_evaluations(store, blocks) if answers.need_evaluations else []
        return verified(answers, stored_scores(store, blocks), evaluations)

    return look


def when_caught_up(
    look: Callable[[], V],
    wait_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> V:
    """The first comparison that agrees, or the last one when the time is over."""
    deadline = clock() + wait_s
    while True:
        outcome = look()
        if outcome.agrees or clock() >= deadline:
            return outcome
        sleep(_POLL_S)


def _what_next(outcome: Verification, stored: bool) -> str:
    if stored and outcome.table.missing_periods:
        return "Send the reports with thidua replay; if they were sent, thidua status shows how far scoring and storage are behind."
    return "Without --stored it is computed here, from the recorded reports alone: compare the two to see which part is at fault."
