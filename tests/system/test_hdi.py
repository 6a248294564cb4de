"""The main job on real data: HDI 1990-2022 through the door, the broker, the worker and the store, undisturbed and while services die."""

import hashlib
import json
import time

import msgspec
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.contracts.results import decode_evaluation
from services.contracts.topics import EVALUATIONS
from tests.system.commands import run_json, start
from tests.system.conftest import SERVICES

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PUBLISHED_VALUES = 5808
RANKED_IN_2022 = 193
PERIODS = 33
REPORTS = 24_809
RATE_PER_S = 1_200
"""About twenty seconds of replay: long enough for each service to die and come back in the middle of it."""

KILLS = (("scoring", 0.15), ("storage", 0.3), ("ingest", 0.45), ("api", 0.6), ("scoring", 0.8))
"""Program, and the share of the reports that were sent when it is killed."""


@pytest.fixture(scope="module")
def undisturbed(services: Stack) -> Stack:
    """The stack after a replay as fast as the door acknowledges."""
    counts = run_json(services, "replay", "hdi")
    assert counts["reports"]["accepted"] + counts["reports"]["duplicate"] == REPORTS
    return services


def test_every_published_value_and_rank_is_reproduced_from_clickhouse(undisturbed: Stack):
    counts = run_json(undisturbed, "verify", "hdi", "--stored", "--wait", "180")
    assert (counts["periods"], counts["missing_periods"]) == (PERIODS, [])
    assert counts["values_equal"] == counts["values"] == PUBLISHED_VALUES
    assert counts["ranks_equal"] == counts["ranks"] == RANKED_IN_2022
    assert counts["unpublished"] == [[str(year), "RWA"] for year in range(1990, 1995)]
    assert counts["unranked"] == [["2022", "MCO"], ["2022", "PRK"]]


def test_every_copy_of_every_evaluation_is_what_the_log_gives(undisturbed: Stack):
    run_json(undisturbed, "verify", "hdi", "--stored", "--wait", "180")
    found = run_json(undisturbed, "audit", "hdi/world")
    assert found["evaluations"] == PERIODS
    assert found["faults"] == []


def test_services_killed_during_a_replay_change_no_byte_of_the_result(undisturbed: Stack, tmp_path_factory):
    run_json(undisturbed, "verify", "hdi", "--stored", "--wait", "180")
    with Stack(tmp_path_factory.mktemp("disturbed"), programs=SERVICES) as stack:
        killed = _replay_while_killing(stack)
        assert killed == len(KILLS)
        counts = run_json(stack, "verify", "hdi", "--stored", "--wait", "240")
        assert (counts["values_equal"], counts["ranks_equal"]) == (PUBLISHED_VALUES, RANKED_IN_2022)
        found = run_json(stack, "audit", "hdi/world")
        assert (found["evaluations"], found["faults"]) == (PERIODS, [])
        results = _results(stack)
        assert len(results) == PERIODS
        assert results == _results(undisturbed)


def _replay_while_killing(stack: Stack) -> int:
    """Kills each program at its share of the replay's time; gives how many kills happened while it ran."""
    replay = start(stack, "replay", "hdi", "--rate", str(RATE_PER_S), "--json")
    started, lasts_s, killed = time.monotonic(), REPORTS / RATE_PER_S, 0
    for program, share in KILLS:
        _until(started + share * lasts_s)
        if replay.poll() is None:
            stack.kill(program)
            killed += 1
    out, err = replay.communicate(timeout=400)
    assert replay.returncode == 0, out + err
    reports = json.loads(out)["reports"]
    assert reports["accepted"] + reports["duplicate"] == REPORTS
    return killed


def _until(moment: float) -> None:
    """Lets the replay go on to that point: the only wait here that is for time itself."""
    while time.monotonic() < moment:
        time.sleep(0.05)


def _results(stack: Stack) -> dict[str, str]:
    """By period, a digest of the units' results: all of an evaluation but its place in the log."""
    records = KafkaBroker([stack.urls["kafka"]]).read(EVALUATIONS)
    mine = [decode_evaluation(r.value) for r in records if r.value is not None and r.key == "hdi/world"]
    return {
        e.period: hashlib.sha256(msgspec.json.encode([e.id, e.seed, e.units, e.baseline])).hexdigest()
        for e in mine
    }
