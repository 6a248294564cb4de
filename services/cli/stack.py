"""`thidua up | down | status | doctor`: the embedded stack, for a person and for scripts."""

import json
import signal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deploy.embedded.errors import StackError
from deploy.embedded.ports import Ports
from deploy.embedded.settings import EmbeddedSettings
from deploy.embedded.stack import Stack
from services.cli.apps import sub_command
from services.cli.doctor import Doctor
from services.cli.stack_report import ConsoleProgress, say_failure, say_findings, say_status, say_what_next
from services.contracts.settings import read_settings

app = sub_command("The embedded stack.")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of all data (THIDUA_DATA_DIR; else var/).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_UNHEALTHY, _NOT_RUNNING = 1, 3


@app.command()
def up(
    port_base: Annotated[
        int | None,
        typer.Option("--port-base", help="The board's port; the others follow from it (THIDUA_PORT_BASE)."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Start everything, and say where the board is. Run again, it shows what runs.

    Example: thidua up --port-base 28000 --data-dir /tmp/thidua
    """
    signal.signal(signal.SIGTERM, _interrupt)  # so that a start that is ended stops what it had started
    stack = _to_start(_settings(data_dir, port_base))
    if stack.is_complete():
        typer.echo(f"The stack on {stack.layout.data_dir} runs already.")
        say_status(stack.status())
        return
    try:
        with ConsoleProgress() as progress:
            stack.start(progress)
    except StackError as error:
        say_failure(error)
        raise typer.Exit(1) from None
    say_what_next(stack)


@app.command()
def down(data_dir: DataDir = None) -> None:
    """Stop everything that `thidua up` started, and nothing else. The data stays.

    Example: thidua down
    """
    settings = _settings(data_dir, None)
    stack = Stack.recorded(settings.data_dir)
    try:
        with ConsoleProgress() as progress:
            stopped = stack is not None and stack.stop(progress)
    except StackError as error:
        say_failure(error)
        raise typer.Exit(1) from None
    typer.echo("Stopped; the data stays." if stopped else f"Nothing runs on {settings.data_dir}.")


@app.command()
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show each process, its health, lag and memory. Exit code 0 healthy, 1 something is not, 3 not running.

    Example: thidua status --json
    """
    settings = _settings(data_dir, None)
    stack = Stack.recorded(settings.data_dir) or _to_start(settings)
    found = stack.status(lag=True)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        say_status(found)
    if not found.healthy:
        raise typer.Exit(_UNHEALTHY if found.running else _NOT_RUNNING)


@app.command()
def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Find what is wrong, running or not, and say what to do about it. Exit code 1 when something is.

    Example: thidua doctor
    """
    settings = _settings(data_dir, None)
    findings = Doctor(Stack.recorded(settings.data_dir) or _to_start(settings)).examine()
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False))
    else:
        say_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _settings(data_dir: Path | None, port_base: int | None) -> EmbeddedSettings:
    given: dict[str, Any] = {"data_dir": data_dir, "port_base": port_base}
    settings = read_settings(
        EmbeddedSettings, **{name: value for name, value in given.items() if value is not None}
    )
    return settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})


def _to_start(settings: EmbeddedSettings) -> Stack:
    """The stack that runs on the folder, or the one that these settings describe."""
    running = Stack.recorded(settings.data_dir)
    if running is not None and running.is_running():
        return running
    try:
        ports = Ports.from_settings(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--port-base") from None
    return Stack(settings.data_dir, ports=ports, cache_dir=settings.cache_dir.expanduser())


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
