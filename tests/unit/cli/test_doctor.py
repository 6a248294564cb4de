"""What the doctor makes of what the api tells."""

from typing import Any

import pytest

from services.cli.doctor import freshness_finding


def report(p95_ms: float | None) -> dict[str, Any]:
    times = None if p95_ms is None else {"p50_ms": 90.0, "p95_ms": p95_ms, "p99_ms": 2000.0}
    return {"last_5_minutes": {"events": 1200, "steps": {"door_to_board": times}}}


@pytest.mark.parametrize(("p95_ms", "well"), [(None, True), (226.2, True), (1000.0, False)])
def test_the_board_is_well_within_a_second_and_when_nothing_came(p95_ms: float | None, well: bool) -> None:
    assert freshness_finding(report(p95_ms)).ok is well


def test_it_says_how_long_and_over_how_many_events() -> None:
    assert freshness_finding(report(226.2)).what == "door to board: p95 226 ms over 1,200 events of 5 minutes"
