"""A minute of `make chaos`, with a seed that kills, stops and ends every service and restarts both engines."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import table
from tests.chaos.run import run

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SEED = 22
SECONDS = 60.0
DISTURBANCES = 10


def test_no_promise_is_broken_while_the_parts_die(tmp_path: Path) -> None:
    outcome = run(tmp_path, SECONDS, SEED, print, at_least=DISTURBANCES)
    assert outcome.holds, table(outcome)
    assert sum(outcome.disturbances.values()) >= DISTURBANCES, table(outcome)
