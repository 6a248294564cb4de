"""The command as a whole: quick help, named exit codes, one sentence and what to do next."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from services.cli.commands import ENTRIES
from services.cli.main import app


def test_help_lists_every_command() -> None:
    said = CliRunner().invoke(app, ["--help"]).output
    assert all(name in said for name in ENTRIES)


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from services.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'kafka', 'httpx', 'pydantic', 'numpy', 'clickhouse_connect', 'yaml'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("[]")


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_shows_an_example(name: str) -> None:
    said = CliRunner().invoke(app, [name, "--help"])
    assert said.exit_code == 0
    if "COMMAND" not in said.output:
        assert "Example: thidua" in said.output


def test_an_unknown_command_is_a_wrong_call() -> None:
    assert CliRunner().invoke(app, ["replai"]).exit_code == 2


def test_a_wrong_call_says_what_to_do_next() -> None:
    said = CliRunner().invoke(app, ["pack", "check", "campaigns/none"])
    assert said.exit_code == 2
    assert said.stderr == "There is no folder campaigns/none.\nGive a pack's folder, such as campaigns/hdi.\n"
