"""Published indices through the door, the broker, the worker and the store: what was published comes out of ClickHouse."""

from decimal import Decimal

import httpx
import pytest

from deploy.embedded.stack import Stack
from tests.system.commands import run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def test_the_totals_ranks_metrics_and_groups_of_decision_766_are_reproduced_from_clickhouse(services: Stack):
    replayed = run_json(services, "replay", "index-766")
    assert replayed["reports"]["accepted"] + replayed["reports"]["duplicate"] == 1_185
    found = run_json(services, "verify", "index-766", "--stored", "--wait", "240")
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
    found = run_json(services, "verify", "asem", "--stored", "--wait", "240")
    assert found["agrees"]
    assert (found["values_equal"], found["ranks_equal"]) == (51, 51)
    is_explained_alike(services, "asem/countries", "AUT")


def is_explained_alike(services: Stack, block: str, unit: str) -> None:
    """The command (from Kafka) and the api (from ClickHouse) explain the unit's score in the same words, and the page shows it."""
    told = run_json(services, "explain", block, unit)
    parts = (line["points"] for line in told["lines"] if line["kind"] != "group" and "points" in line)
    assert sum(Decimal(str(points)) for points in parts if points is not None) == Decimal(str(told["score"]))
    api, campaign = services.urls["api"], block.partition("/")[0]
    assert (
        httpx.get(f"{api}/v1/evaluations/{told['evaluation']}/units/{unit}/explanation", timeout=60).json()
        == told
    )
    page = httpx.get(f"{api}/units/{campaign}/{unit}", params={"evaluation": told["evaluation"]}, timeout=60)
    assert (page.status_code, told["name"] in page.text) == (200, True)
