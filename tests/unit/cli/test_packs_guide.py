"""The guide's example: its files, taken from the page, make a pack without a fault, and the result that the page states."""

import re
from pathlib import Path

import pytest

from services.cli.pack_folder import CheckedPack, read_pack
from services.cli.trial import as_table, explained_trial, tried

GUIDE = Path(__file__).parents[3] / "docs" / "packs.md"

_FENCE = re.compile(r"^```(?:yaml|csv|text) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fences() -> dict[str, str]:
    """The page's named blocks, in its order."""
    found = _FENCE.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(found) == len(dict(found)), "a file stands on the page twice"
    return dict(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in fences().items():
        if "." in name:
            (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def checked(folder: Path) -> CheckedPack:
    return read_pack(folder)


def test_the_files_on_the_page_are_a_pack_without_a_fault(checked: CheckedPack) -> None:
    assert [principal.id for principal in checked.principals] == ["dept", "an", "office"]
    assert checked.pack.campaign.simulated


def test_the_example_gives_the_table_that_the_page_states(folder: Path, checked: CheckedPack) -> None:
    (made,) = tried(folder, checked, None)
    assert as_table(checked, made) + "\n" == fences()["pack-try"]


def test_the_score_worked_out_on_the_page_is_the_one_that_is_explained(
    folder: Path, checked: CheckedPack
) -> None:
    (told,) = explained_trial(folder, checked, None, "xa-cat")
    points = {line.id: line.points for line in told.lines if line.kind == "criterion"}
    assert (points["new-enterprises"], points["poverty"], points["security"]) == (8.0, 8.0, 10.0)
    assert told.score == 72.88
