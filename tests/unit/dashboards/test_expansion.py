"""The stand-in for Grafana's macros and variables does what its documentation says, and refuses what it does not know."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.grafana import Asked, expand

ASKED = Asked(
    since=datetime(2026, 1, 1, tzinfo=UTC),
    until=datetime(2026, 1, 2, tzinfo=UTC),
    interval=timedelta(minutes=5),
    variables={"block": "hdi/world", "blocks": ["a", "b"], "all": ["$__all"], "name": "O'Brien"},
)


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("$__timeFilter(at)", "at >= toDateTime(1767225600) AND at <= toDateTime(1767312000)"),
        ("$__timeInterval(at)", "toStartOfInterval(toDateTime(at), INTERVAL 300 second)"),
        ("$__fromTime, $__toTime", "toDateTime(1767225600), toDateTime(1767312000)"),
        ("${__from:date:seconds}/$__interval_s", "1767225600/300"),
        ("${block:sqlstring} $block", "'hdi/world' hdi/world"),
        ("IN (${blocks:sqlstring})", "IN ('a','b')"),
        ("${name:sqlstring}", "'O''Brien'"),
        ("$__conditionalAll(b IN (${blocks:sqlstring}), $blocks)", "b IN ('a','b')"),
        ("x AND $__conditionalAll(b IN (${all:sqlstring}), $all)", "x AND 1=1"),
    ],
)
def test_each_is_expanded(sql: str, expanded: str) -> None:
    assert expand(sql, ASKED) == expanded


@pytest.mark.parametrize("sql", ["$__unixEpochFilter(at)", "${block:regex}", "$nobody", "a $ b"])
def test_what_is_not_known_is_an_error(sql: str) -> None:
    with pytest.raises(LookupError):
        expand(sql, ASKED)
