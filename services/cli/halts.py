"""`thidua halts`: the blocks that stand still, and the end of a halt whose fault lay in the machine."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from filelock import FileLock, Timeout

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker
from services.cli.counted import counted
from services.cli.dead_letters import place_text
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.settings import settings
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.records import is_newer
from services.contracts.results import Halt, Ranking, decode_ranking
from services.contracts.topics import RANKINGS
from services.scoring.engine import ENGINE_VERSION
from services.scoring.worker.crash_memory import CrashMemory

app = sub_command("List the blocks that stand still, and release one.")

_LOCK_WAIT_S: Final = 10.0
"""A worker that was told to end has let its lock go before its process is gone."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_halts(as_json: AsJson = False) -> None:
    """Show each block that stands still: since when, at which place, why, and what to do.

    Example: thidua halts list
    """
    found = halted(KafkaBroker.of(settings()))
    if as_json:
        rows = [
            {
                "block": ranking.block,
                "why": halt.why,
                "place": place_text(halt.place),
                "since": halt.since.isoformat(),
                "error": halt.error,
                "engine": ranking.engine,
                "shown": ranking.as_of.isoformat(),
            }
            for ranking, halt in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for ranking, halt in found:
        typer.echo(
            f"{ranking.block:24}  {halt.since:%Y-%m-%d %H:%M}  {place_text(halt.place):>14}  {halt.why}: {halt.error}"
        )
    typer.echo(f"{counted(len(found), 'block')} {'stands' if len(found) == 1 else 'stand'} still.")
    if found:
        typer.echo(
            "A version of the worker that mends the fault ends a halt by itself. Where the fault lay in the machine: thidua halts release BLOCK."
        )


@app.command()
def release(
    block: Annotated[str, typer.Argument(help="The block, as sample/communes.", show_default=False)],
) -> None:
    """End the halt of one block under the same engine, where the fault lay in the machine (memory, disk) and not in the engine: its worker reads the
    log again and publishes what it missed. Run it on the machine whose worker halted the block; the worker of an embedded stack is stopped for
    it and started again, any other must be stopped first. If the engine crashes there three times more, the block is halted again.

    Example: thidua halts release sample/communes
    """
    place = released_place(KafkaBroker.of(settings()), BlockId(block))
    folder = settings().data_dir
    with _resting(folder), _unused(folder / "run") as memories:
        for memory in memories:
            CrashMemory(memory, ENGINE_VERSION).release(BlockId(block), place)
    typer.echo(f"{block} goes on from {place_text(place)} as soon as a worker runs.")


def halted(broker: Broker) -> list[tuple[Ranking, Halt]]:
    """The blocks whose newest ranking says that they stand still, with why."""
    newest: dict[str, Ranking] = {}
    for record in broker.read(RANKINGS):
        if record.value is None:
            continue
        ranking = decode_ranking(record.value)
        held = newest.get(ranking.block)
        if is_newer(ranking.cause, held.cause if held else None):
            newest[ranking.block] = ranking
    return [(ranking, ranking.halt) for _, ranking in sorted(newest.items()) if ranking.halt]


def released_place(broker: Broker, block: BlockId) -> Place:
    """Where the block stands. Raises `CalledWrongly` when it does not stand still, or not because of a crash."""
    for ranking, halt in halted(broker):
        if ranking.block != block:
            continue
        if halt.why != "engine_crashed":
            raise CalledWrongly(
                f"{block} stands still because too many events are refused, which no release ends.",
                "Mend their cause or raise THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW or _SHARE, and start the worker again.",
            )
        return halt.place
    raise CalledWrongly(f"{block} does not stand still.", "thidua halts list shows the blocks that do.")


@contextmanager
def _resting(data_dir: Path) -> Iterator[None]:
    """The embedded stack's scoring workers are ended meanwhile, where one runs on the folder. The image of the services has no such stack."""
    if not (data_dir / "run" / "stack.json").exists():
        yield
        return
    from deploy.embedded.stack import Stack  # noqa: PLC0415 - it is there where a stack was started

    stack = Stack.recorded(data_dir)
    if stack is None or not stack.is_running():
        yield
        return
    workers = [program.name for program in stack.programs if program.name.startswith("scoring")]
    for name in workers:
        stack.halt(name)
    try:
        yield
    finally:
        for name in workers:
            stack.resume(name)


@contextmanager
def _unused(folder: Path) -> Iterator[Sequence[Path]]:
    """The crash memories of the folder, held so that no worker starts on them. Raises `FoundWrong` where one runs."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = sorted({0, *(int(lock.stem.rpartition("-")[2]) for lock in folder.glob("scoring-*.lock"))})
    with ExitStack() as held:
        for number in numbers:
            lock = FileLock(folder / f"scoring-{number}.lock", is_singleton=False)
            try:
                held.enter_context(lock.acquire(timeout=_LOCK_WAIT_S))
            except Timeout:
                raise FoundWrong(
                    f"Scoring worker {number} runs on {folder}.",
                    "Stop it, release the block, and start it again.",
                ) from None
        yield [folder / f"scoring-{number}-crashes.json" for number in numbers]
