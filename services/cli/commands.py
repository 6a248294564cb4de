"""The sub-commands of `thidua`: names and one-line helps here, so that help is quick; the modules load when called."""

from importlib import import_module
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from services.cli.failures import CommandFailure


class Entry(NamedTuple):
    """A module with a `typer.Typer` named `app`, and the line that `thidua --help` shows for it.

    The app is the command, or, when it holds several of the table's commands, has one of that name.
    """

    module: str
    help: str


ENTRIES: Final[dict[str, Entry]] = {
    "up": Entry("services.cli.stack", "Start the embedded stack."),
    "down": Entry("services.cli.stack", "Stop the embedded stack; its data stays."),
    "status": Entry("services.cli.stack", "Show each process, its health, lag and memory."),
    "doctor": Entry("services.cli.stack", "Find what is wrong with the embedded stack."),
    "topics": Entry("services.cli.topics", "Create the topics and check their settings."),
    "pack": Entry("services.cli.packs", "Check, try, compare and publish campaign packs."),
    "keys": Entry("services.cli.keys", "Issue, revoke and list API keys."),
    "people": Entry("services.cli.people", "Say who holds a role of a council, and list them."),
    "alerts": Entry(
        "services.cli.alerts", "List alerts to the council, and send again those that reached nobody."
    ),
    "push": Entry("services.cli.push", "Send a file of reports as a unit would."),
    "simulate": Entry("services.cli.simulate", "Play a simulated campaign through the HTTP door."),
    "replay": Entry("services.cli.replay", "Send a pack's recorded reports through the HTTP door."),
    "evaluate": Entry("services.cli.evaluate", "Ask for an official evaluation of a block."),
    "publish": Entry("services.cli.publication", "Publish an evaluation, which freezes its edition."),
    "period": Entry("services.cli.periods", "Close a period, or open it again."),
    "decide": Entry("services.cli.council", "Confirm or dismiss a flag, as the council."),
    "reply": Entry("services.cli.reply", "Answer a flag, as its unit."),
    "adjust": Entry("services.cli.council", "Give or take points within what the pack allows."),
    "hold": Entry("services.cli.council", "Mute a unit's leader flags while it is under inspection."),
    "release": Entry("services.cli.council", "Release a unit that was held."),
    "explain": Entry("services.cli.explain", "Say why a unit has its score: parts that add up to it."),
    "audit": Entry("services.cli.audit", "Recompute a block's evaluations from the log and compare bytes."),
    "verify": Entry("services.cli.verify", "Reproduce a published table and compare."),
    "dead-letters": Entry("services.cli.dead_letters", "List, show and replay what could not be applied."),
    "halts": Entry("services.cli.halts", "List the blocks that stand still, and release one."),
    "backup": Entry(
        "services.cli.backup", "Write the log, the packs, the keys and the people into a folder."
    ),
    "restore": Entry("services.cli.backup", "Write a backup into a broker whose log is empty."),
    "checkpoints": Entry("services.cli.checkpoints", "List or delete the scoring worker's checkpoints."),
    "lineage": Entry("services.cli.lineage", "Carry figures over mergers and splits of units."),
    "grafana": Entry("services.cli.grafana", "Push the dashboards into a running Grafana."),
}


class Commands(TyperGroup):
    """Lists every entry from the table, imports only the one that is called, and turns a `CommandFailure` into its exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(ENTRIES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the help line; `resolve_command` gives the command itself."""
        entry = ENTRIES.get(cmd_name)
        return None if entry is None else TyperCommand(cmd_name, help=entry.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, _load(str(name)), rest

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandFailure as failure:
            typer.echo(f"{failure}", err=True)
            raise typer.Exit(failure.exit_code) from failure


def _load(name: str) -> Any:
    app = import_module(ENTRIES[name].module).app
    command = typer.main.get_command(app)
    command = getattr(command, "commands", {}).get(name, command)
    command.name = name
    return command
