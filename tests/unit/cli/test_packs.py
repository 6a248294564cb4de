"""`thidua pack check`, `try`, `diff` and `schema`, on the guide's own example."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.packs import app
from services.contracts.pack.editor_schema import editor_schemas
from tests.unit.cli.test_packs_guide import fences


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pack = tmp_path / "song-xanh"
    pack.mkdir()
    for name, text in fences().items():
        if "." in name:
            (pack / name).write_text(text, encoding="utf-8")
    return pack


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the folder with one place replaced."""
    copy = folder.with_name("changed")
    shutil.copytree(folder, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_a_right_pack_is_summed_up_in_a_line(folder: Path) -> None:
    result = run("check", folder)
    assert (result.exit_code, result.output.count("\n")) == (0, 1)
    assert "song-xanh: 1 block, 4 units, 4 indicators, 3 principals; pack " in result.output


def test_a_hint_is_no_fault_and_a_fault_is_exit_code_1(folder: Path) -> None:
    slip = changed(folder, "schemes.yaml", "target: 0.8", "target: 80")
    result = run("check", slip)
    assert result.exit_code == 0
    assert "hint: " in result.output and "write 0.8, if 80 % is meant, instead" in result.output
    said = json.loads(run("check", "--json", slip).output)
    assert (said["problems"], len(said["hints"])) == ([], 1)
    (slip / "blocks.yaml").write_text("- id: communes\n", encoding="utf-8")
    assert run("check", slip).exit_code == 1


def test_a_trial_prints_the_ranking_or_explains_a_unit(folder: Path) -> None:
    assert run("try", folder).output == fences()["pack-try"]
    text = run("try", folder, "--unit", "xa-cat").output
    assert "Xã Cát (mẫu) (xa-cat) in song-xanh/communes, 2026-03: rank 3 of 3" in text
    assert "46.88" in text and "Against the unit above" in text
    (told,) = json.loads(run("try", folder, "--unit", "xa-cat", "--json").output)
    assert told["score"] == 72.88


def test_figures_that_the_door_would_refuse_are_told_by_their_lines(folder: Path) -> None:
    wrong = changed(folder, "reports.csv", "xa-an,waste,2026-03,,340,400,", "xa-an,waste,2026-03,85,,,")
    with (wrong / "reports.csv").open("a", encoding="utf-8") as file:
        file.write("xa-no,waste,2026-03,,1,2,\nxa-an,wast,2026-03,,1,2,\n")
    result = run("try", wrong)
    assert isinstance(result.exception, FoundWrong)
    told = str(result.exception)
    assert "reports.csv:2: 'waste' takes numerator and denominator; the report has value." in told
    assert "reports.csv:17: " in told and "reports.csv:18: " in told


def test_a_trial_of_what_is_not_there_says_what_is(folder: Path) -> None:
    result = run("try", folder, "--period", "2026-07")
    assert isinstance(result.exception, CalledWrongly)
    assert "2026-03" in str(result.exception)
    assert isinstance(run("try", folder, "--unit", "xa-no").exception, CalledWrongly)


def test_a_difference_is_told_in_words_and_says_whether_scores_change(folder: Path) -> None:
    new = changed(folder, "schemes.yaml", "target: 0.8", "target: 0.85")
    assert run("diff", folder, new).output == (
        "targets\n  scheme points, criterion waste: scoring.target: 0.8 -> 0.85\n"
        "changes scores of block song-xanh/communes: yes\n"
    )
    assert run("diff", folder, folder).output == (
        "nothing changed\nchanges scores of block song-xanh/communes: no\n"
    )
    said = json.loads(run("diff", folder, new, "--json").output)
    assert said["changes_scores"] == {"song-xanh/communes": True}


def test_the_schemas_are_written_to_a_folder(tmp_path: Path) -> None:
    assert run("schema", tmp_path / "schemas").exit_code == 0
    written = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "schemas").iterdir()}
    assert written == editor_schemas()
