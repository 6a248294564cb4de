"""Traces are those of the W3C's recommendation, go on from the caller's, and give equal outputs equal headers."""

import pytest

from services.contracts.event_data import Place
from services.contracts.tracing import TRACEPARENT, Trace, TraceSource, parse_trace, trace_at, trace_of

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_callers_trace_goes_on_with_a_step_of_our_own() -> None:
    trace = TraceSource().follow(GIVEN)
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.parent_id != "00f067aa0ba902b7"
    assert trace.flags == "01"


def test_what_is_written_is_read_again() -> None:
    trace = TraceSource().begin()
    assert parse_trace(trace.encode().decode()) == trace
    assert trace_of([("schema", b"event/1"), (TRACEPARENT, trace.encode())]) == trace


def test_two_requests_have_two_traces() -> None:
    source = TraceSource()
    assert len({source.begin().trace_id for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        GIVEN + "\nforged",
        GIVEN + "-more",
    ],
)
def test_a_header_that_is_none_begins_a_new_trace(odd: str) -> None:
    assert parse_trace(odd) is None
    assert TraceSource().follow(odd).trace_id not in odd


def test_a_later_version_is_read_by_its_first_four_parts() -> None:
    assert parse_trace("01" + GIVEN[2:] + "-more") == parse_trace(GIVEN)


def test_a_record_without_a_trace_has_none() -> None:
    assert trace_of([("schema", b"event/1")]) is None
    assert trace_of([(TRACEPARENT, b"\xff\xfe")]) is None


def test_an_output_written_again_carries_the_same_header_and_another_place_another() -> None:
    trace = Trace("a" * 32, "b" * 16)
    again = trace_at(trace, Place(1, 2, 3))
    assert trace_at(trace, Place(1, 2, 3)) == again
    assert trace_at(trace, Place(1, 2, 4)) != again
    assert again.trace_id == trace.trace_id
    assert parse_trace(again.encode().decode()) == again
