"""Published indices through the door, the broker, the worker and the store: what was published comes out of ClickHouse."""

import pytest

from deploy.embedded.stack import Stack
from tests.system.commands import run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_totals_ranks_metrics_and_groups_of_decision_766_are_reproduced_from_clickhouse(services: Stack):
    replayed = run_json(services, "replay", "index-766")
    assert replayed["reports"]["accepted"] + replayed["reports"]["duplicate"] == 1_185
    found = run_json(services, "verify", "index-766", "--stored", "--wait", "60")
    assert found["agrees"]
    assert (found["values_equal"], found["ranks_equal"], len(found["unread"])) == (166, 166, 4)
    assert {stage["stage"]: stage["equal"] for stage in found["stages"]} == {
        "criteria": 126,
        "zero_over_zero": 9,
        "groups": 45,
        "totals": 9,
    }
    assert [(notice["period"], notice["kind"]) for notice in found["notices"]] == [
        ("2026-10-07", "frozen"),
        ("2026-10-08", "jump"),
    ]


def test_the_asem_index_and_its_ranks_are_reproduced_from_clickhouse(services: Stack):
    replayed = run_json(services, "replay", "asem")
    assert replayed["reports"]["accepted"] + replayed["reports"]["duplicate"] == 2_639
    found = run_json(services, "verify", "asem", "--stored", "--wait", "60")
    assert found["agrees"]
    assert (found["values_equal"], found["ranks_equal"]) == (51, 51)
