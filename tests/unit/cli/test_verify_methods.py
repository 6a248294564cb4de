"""`thidua verify` of what is no campaign: an uncertainty run of COINr, and published tables of rank statistics."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.coinr_uncertainty import compare_coinr
from services.cli.failures import FoundWrong
from services.cli.main import app
from services.cli.rank_statistics import compare_rank_statistics, is_folder_of_tables

TABLES = Path("tests/reference/rank-statistics")


def test_every_draw_of_coinrs_run_comes_out_as_it_was_published() -> None:
    scores, ranks, statistics = compare_coinr()
    assert (scores.equal, ranks.equal, statistics.equal) == (25_500, 25_500, 204)
    assert scores.worst_error < 1e-11


def test_every_published_table_comes_out() -> None:
    stages = {stage.stage: stage for stage in compare_rank_statistics("rank-statistics")}
    assert {name: stage.compared for name, stage in stages.items()} == {
        "wilson_newcombe1998": 16,
        "funnel_poisson_limits": 12,
        "goldstein_healy": 6,
        "efron_morris": 90,
        "klein2020_joint_ranks": 102,
        "csranks_pisa2018_math": 190,
    }
    assert all(stage.equal == stage.compared for stage in stages.values())


def test_the_command_says_what_was_compared_and_how_far_it_was_off() -> None:
    result = CliRunner().invoke(app, ["verify", "rank-statistics", "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == 0 and said["agrees"] is True
    assert {"stage", "compared", "equal", "worst_error"} <= said["stages"][0].keys()


def test_a_table_that_does_not_come_out_is_named_and_fails(tmp_path: Path) -> None:
    shutil.copy(TABLES / "wilson_newcombe1998.csv", tmp_path)
    file = tmp_path / "wilson_newcombe1998.csv"
    rows = list(csv.DictReader(file.open()))
    rows[1]["wilson_lo_published"] = "0.0700"
    with file.open("w", newline="") as output:
        writer = csv.DictWriter(output, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert is_folder_of_tables(str(tmp_path))
    result = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert isinstance(result.exception, FoundWrong) or result.exit_code == 1
    assert "15/16 equal" in result.stdout and "15 of 148 lo" in result.stdout


@pytest.mark.parametrize("name", ["hdi", "asem"])
def test_a_campaign_is_no_folder_of_tables(name: str) -> None:
    assert not is_folder_of_tables(name)
