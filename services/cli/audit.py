"""`thidua audit`: recomputes official evaluations from both copies of the log and compares them, byte for byte, with every copy."""

import json
from typing import Annotated, Any, Final, Literal

import typer

from services.cli.apps import sub_command
from services.cli.auditing.findings import CLICKHOUSE, KAFKA
from services.cli.auditing.report import as_json as report_as_json
from services.cli.auditing.report import in_words
from services.cli.auditing.run import Audited
from services.cli.auditing.run import audit as run_audit
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import KafkaSide, LogSide, StoredSide
from services.cli.broker import KafkaBroker
from services.cli.counted import counted
from services.cli.failures import CalledWrongly, CannotCompare, FoundWrong
from services.cli.log_copy import LogCopier
from services.cli.settings import settings
from services.cli.stored_scores import open_store
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.kafka import kafka_security
from services.contracts.pack.catalog import PackCatalog
from services.contracts.topics import EVENTS

app = sub_command()

_NAMED_BLOCKS: Final = 10

Side = Literal["kafka", "clickhouse", "both"]


@app.command()
def audit(
    block: Annotated[
        str | None,
        typer.Argument(help="Block id, as hdi/world; or a campaign id, for its blocks.", show_default=False),
    ] = None,
    all_blocks: Annotated[bool, typer.Option("--all", help="Every block of every campaign.")] = False,
    evaluation: Annotated[
        str | None, typer.Option(help="Only this evaluation's id; else all of them.")
    ] = None,
    source: Annotated[
        Side,
        typer.Option(
            "--from", help="Recompute from the log in kafka, in clickhouse, or in both and compare the logs."
        ),
    ] = "both",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts and the findings as JSON.")
    ] = False,
) -> None:
    """Fold the log again, in Kafka and in ClickHouse, and compare every copy of every evaluation, and all rows derived from one.

    Exit codes: 0 all equal, 1 a difference, 3 Kafka or ClickHouse cannot be reached, 4 something could not be compared (another engine
    version, a pack that is missing) and nothing differs.

    Example: thidua audit hdi/world
    """
    scope = scope_of(block, all_blocks, evaluation)
    kafka = None if source == CLICKHOUSE else _kafka()
    store = None if source == KAFKA else StoredSide(open_store())
    found = _audited(kafka, store, scope)
    _require_something(found, scope, kafka)
    typer.echo(json.dumps(report_as_json(found), ensure_ascii=False) if as_json else in_words(found))
    conclude(found)


def require_block(block: BlockId, packs: PackCatalog) -> None:
    """Raises `CalledWrongly`, with some that there are, for a block of no published pack."""
    newest = [pack for campaign in packs.campaigns() if (pack := packs.newest(campaign)) is not None]
    known = sorted(known for compiled in newest for known in compiled.pack.block_by_id)
    if block not in known:
        some = ", ".join(known[:_NAMED_BLOCKS]) + (" and others" if len(known) > _NAMED_BLOCKS else "")
        raise CalledWrongly(
            f"There is no block {block!r}.",
            f"The published packs have {some}." if known else "Publish a pack first: thidua pack publish.",
        )


def scope_of(block: str | None, all_blocks: bool, evaluation: str | None) -> Scope:
    """Raises `CalledWrongly`."""
    if (block is None) is not all_blocks:
        raise CalledWrongly("Give a block or a campaign, or --all.", "Example: thidua audit hdi/world")
    if evaluation is not None and (block is None or "/" not in block):
        raise CalledWrongly(
            "--evaluation needs the evaluation's block.", "Example: thidua audit hdi/world --evaluation ID"
        )
    return Scope(block or "", None if evaluation is None else EvaluationId(evaluation))


def _kafka() -> KafkaSide:
    copier = LogCopier(settings().kafka_servers(), kafka_security(settings()))
    return KafkaSide(KafkaBroker.of(settings()), copier)


def _audited(kafka: LogSide | None, store: StoredSide | None, scope: Scope) -> Audited:
    with _progress() as progress:
        bar = progress.add_task(f"audit {scope.text or 'of all blocks'}", total=_offsets(kafka, scope))
        return run_audit(
            kafka,
            store,
            scope,
            partitions=settings().partitions,
            storage_group=settings().storage_group,
            advance=lambda offsets: progress.advance(bar, offsets),
        )


def _offsets(kafka: LogSide | None, scope: Scope) -> int | None:
    if kafka is None:
        return None
    spans = kafka.spans(EVENTS)
    return sum(spans[number].end - spans[number].begin for number in scope.partitions(len(spans)))


def _progress() -> Any:
    """A bar on standard error; nothing where that is no terminal."""
    from rich.console import Console  # noqa: PLC0415 - 0.2 s that other commands need not pay
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("records"),
        TimeRemainingColumn(),
    ]
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _require_something(found: Audited, scope: Scope, kafka: LogSide | None) -> None:
    """Raises `CalledWrongly` when there was nothing to compare and nothing was found."""
    if found.evaluations or found.findings or (scope.evaluation is None and found.blocks):
        return
    if scope.block is not None and kafka is not None:
        require_block(scope.block, kafka.packs())
    raise CalledWrongly(
        f"The log of {scope.text or 'no block'} asks for no such evaluation.", "thidua evaluate asks for one."
    )


def conclude(found: Audited) -> None:
    """Raises `FoundWrong` for a difference, else `CannotCompare` where something could not be compared, or nothing was there."""
    if found.faults:
        total = sum(found.counts.values()) - len(found.not_compared)
        raise FoundWrong(
            f"{counted(total, 'difference')} found.",
            'Each is named above with what to do; docs/operations.md, "Audit".',
        )
    if found.not_compared:
        raise CannotCompare(
            "Not everything could be compared.", "What could not is named above, with what to do."
        )
    if found.waiting["evaluations"] and not any(found.agreeing.values()):
        raise CannotCompare(
            "No evaluation is there yet that could be compared.",
            "Wait until scoring and storage have caught up: thidua status.",
        )
