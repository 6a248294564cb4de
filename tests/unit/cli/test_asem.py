"""The ASEM index comes out of its raw figures, and every stage on the way is the one that COINr has."""

import shutil
from pathlib import Path

import pytest

from services.cli.comparison import read_published, scores_in
from services.cli.computed_scores import computed_evaluations
from services.cli.doors import planned_sender
from services.cli.failures import CalledWrongly
from services.cli.figures import read_figures
from services.cli.pack_folder import named_folder, read_pack
from services.cli.parts import Stage
from services.cli.stages import compare_stages
from services.cli.verify import Answers, verified

FOLDER = named_folder("asem")


def stages(folder: Path) -> dict[str, Stage]:
    checked = read_pack(folder)
    return {one.stage: one for one in compare_stages(folder, checked, planned_sender(checked, "department"))}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "asem")
    return tmp_path / "asem"


def test_every_stage_agrees_to_1e_12() -> None:
    found = stages(FOLDER)
    assert {name: (one.equal, one.compared) for name, one in found.items()} == {
        "denominated": (2_434, 2_434),
        "imputed": (2_499, 2_499),
        "treated": (2_499, 2_499),
        "normalised": (2_499, 2_499),
        "aggregated": (561, 561),
    }
    assert max(one.worst_error for one in found.values()) < 1e-12


def test_index_and_rank_of_all_countries_are_the_published_ones() -> None:
    checked = read_pack(FOLDER)
    made = computed_evaluations(FOLDER, checked, planned_sender(checked, "department"))
    table = verified(Answers(read_published(FOLDER), [], checked.pack), scores_in(made), made).table
    assert (table.values_equal, table.values, table.ranks_equal, table.ranks) == (51, 51, 51, 51)


def test_no_answer_is_ever_sent() -> None:
    pack = read_pack(FOLDER).pack
    reported = {figure.data.indicator for figure in read_figures(FOLDER / "reports.csv")}
    assert reported == {indicator.id for indicator in pack.indicators}


@pytest.mark.parametrize(
    ("key", "stage"), [(", missing: peer_mean", "imputed"), (", treatment: {winsorise: 6}", "treated")]
)
def test_a_scheme_without_one_of_its_steps_differs_from_that_stage_on(
    copy: Path, key: str, stage: str
) -> None:
    scheme = copy / "schemes.yaml"
    scheme.write_text(scheme.read_text(encoding="utf-8").replace(key, ""), encoding="utf-8")
    found = stages(copy)
    names = list(found)
    wrong = [name for name, one in found.items() if one.equal < one.compared]
    assert wrong == names[names.index(stage) :]


def test_a_stage_that_cannot_be_read_is_told(copy: Path) -> None:
    (copy / "stages" / "treated.csv").write_text("unit,period,Goods\nAUT,2018,much\n")
    with pytest.raises(CalledWrongly, match="treated.csv"):
        stages(copy)


def test_a_pack_without_stages_has_none_to_compare() -> None:
    assert stages(named_folder("index-766")) == {}
