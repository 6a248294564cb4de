"""`thidua explain`: why a unit has the score that it has, from the published evaluation and its pack."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.apps import sub_command
from services.cli.audit import require_block
from services.cli.broker import Broker, KafkaBroker
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.publishing import published_packs
from services.cli.settings import settings
from services.contracts.explanation import Comparison, Explanation, Line, NotExplained, explain
from services.contracts.explanation.previous import previous_of
from services.contracts.ids import BlockId, UnitId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.model import Pack
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation, decode_evaluation
from services.contracts.topics import EVALUATIONS

app = sub_command()

STATES = {
    "not_reported": "not reported",
    "inherited": "inherited, to confirm",
    "not_due": "not due yet",
    "not_applicable": "not applicable",
}


@app.command("explain")
def explain_command(
    block: Annotated[str, typer.Argument(help="Block id, as hdi/world.", show_default=False)],
    unit: Annotated[str, typer.Argument(help="Unit id, as VNM.", show_default=False)],
    period: Annotated[
        str | None, typer.Option(help="The evaluated period, as 2022; else the newest.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a unit's score in the newest edition of a period: parts that add up to it, to the gaps around it, and to its change.

    Example: thidua explain hdi/world VNM --period 2022
    """
    told = explanation_of(KafkaBroker.of(settings()), BlockId(block), UnitId(unit), period)
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
        return
    print_explanation(told)


def print_explanation(told: Explanation) -> None:
    """On the terminal's width; 120 columns where there is no terminal."""
    console = Console(width=None if Console().is_terminal else 120, highlight=False)
    for part in written(told):
        console.print(part)


def explanation_of(broker: Broker, block: BlockId, unit: UnitId, period: str | None) -> Explanation:
    """Raises `CalledWrongly` for what is not there, `FoundWrong` for a result that its pack does not explain, `CannotReach`."""
    packs = published_packs(broker)
    require_block(block, packs)
    evaluations = _evaluations(broker, block)
    chosen = _newest(evaluations, period)
    if chosen is None:
        raise CalledWrongly(
            f"{block} has no official evaluation{f' of {period}' if period else ''}.",
            f"It has those of {_periods(evaluations)}." if evaluations else "thidua evaluate asks for one.",
        )
    if all(row.unit != unit for row in chosen.units):
        raise CalledWrongly(
            f"{unit} is not in {block} in {chosen.period}.", "Give the id of a unit, as units.csv has it."
        )
    previous = previous_of(chosen, evaluations)
    try:
        return explain(
            chosen,
            unit,
            _pack(packs, chosen),
            previous,
            None if previous is None else _pack(packs, previous),
        )
    except NotExplained as error:
        raise FoundWrong(f"{error}.", f"thidua audit {block} compares it with the log.") from error


def written(told: Explanation) -> list[Text | Table | str]:
    """The explanation as a terminal shows it."""
    parts: list[Text | Table | str] = [_head(told), _lines(told), *_said_otherwise(told)]
    for title, comparison in (
        ("Against the unit above", told.above),
        ("Against the unit below", told.below),
        ("Since the evaluation before", told.change),
    ):
        if comparison is not None:
            parts += ["", _gap_head(title, comparison, told), _gap(comparison, told.decimals)]
    if told.change is None:
        parts += ["", f"No change is told: {(told.no_change or '').replace('_', ' ')}."]
    return parts


def _head(told: Explanation) -> str:
    place = (
        f"not ranked, coverage {told.coverage:.0%}"
        if told.rank is None
        else f"rank {told.rank} of {told.of}"
        + (f" (90 % interval {told.interval[0]} to {told.interval[1]})" if told.interval else "")
        + f", score {told.score:.{told.decimals}f} of {told.scale:g}"
    )
    marks = " MÔ PHỎNG / simulated" if told.simulated else ""
    delta = (
        f"\nagainst the block's median change {told.delta:+.{told.decimals}f}: {told.quadrant}".replace(
            "_", " "
        )
        if told.delta is not None
        else ""
    )
    return f"{told.name} ({told.unit}) in {told.block}, {told.period}: {place}{marks}{delta}"


def _lines(told: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "figure", "target", "score", "worth", "points"):
        table.add_column(name, justify="left" if not name else "right", overflow="fold")
    for line in told.lines:
        table.add_row(*_cells(line, told.decimals), style="bold" if line.kind == "group" else None)
    table.add_section()
    table.add_row("final score", "", "", "", "", _points(told.total, told.decimals), style="bold")
    return table


def _said_otherwise(told: Explanation) -> Iterator[str]:
    """Figures that origins do not agree on: the one that counts first."""
    for line in told.lines:
        for other in line.others:
            counts = f"{_figure(line.actual, line)} by {line.origin} counts"
            yield f"{line.title.en}: {counts}, {other.origin} reports {_figure(other.actual, line)}"


def _cells(line: Line, decimals: int) -> Sequence[str]:
    figure = _figure(line.actual, line) if line.actual is not None else STATES.get(line.state or "", "")
    return (
        "  " * line.depth + line.title.en,
        figure,
        _figure(line.target if line.path is None else line.path, line),
        "" if line.score is None else f"{line.score:.3f}",
        "" if line.worth is None else f"{line.worth:.{decimals}f}",
        _points(line.points, decimals),
    )


def _figure(value: float | None, line: Line) -> str:
    if value is None:
        return ""
    return f"{value * 100:.6g} %" if line.is_share else f"{value:.6g}"


def _points(points: float | None, decimals: int) -> str:
    return "not counted" if points is None else f"{points:.{decimals}f}"


def _gap_head(title: str, other: Comparison, told: Explanation) -> str:
    who = f" ({other.period})" if other.period else f", {other.name}"
    rank = f"rank {other.rank}, score {other.score:.{told.decimals}f}"
    return f"{title}{who}: {rank}; difference {other.gap:+.{told.decimals}f}"


def _gap(comparison: Comparison, decimals: int) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for part in sorted(comparison.parts, key=lambda part: -abs(part.points)):
        table.add_row("", f"{part.points:+.{decimals}f}", part.title.en)
    return table


def _evaluations(broker: Broker, block: BlockId) -> list[Evaluation]:
    bodies = (r.value for r in broker.read(EVALUATIONS) if r.key == block and r.value is not None)
    by_id = {made.id: made for made in map(decode_evaluation, bodies)}
    return list(by_id.values())


def _newest(evaluations: Sequence[Evaluation], period: str | None) -> Evaluation | None:
    """Of the period the highest edition; without a period, of the one that ends last."""
    wanted = [made for made in evaluations if period in (None, made.period)]
    return max(
        wanted, key=lambda made: (parse_period(made.period).last, made.edition, made.cause), default=None
    )


def _periods(evaluations: Sequence[Evaluation]) -> str:
    names = sorted({made.period for made in evaluations})
    return ", ".join(names[-12:]) + (" and others" if len(names) > 12 else "")


def _pack(packs: PackCatalog, made: Evaluation) -> Pack:
    compiled = packs.get(made.pack)
    if compiled is None:
        raise CalledWrongly(f"The pack {made.pack} of this evaluation is not published.", "Publish it.")
    return compiled.pack
