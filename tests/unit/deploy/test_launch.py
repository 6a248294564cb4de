"""Programs and steps start in the order of their needs and stop in the reverse one."""

import threading

import pytest

from deploy.embedded.launch import SilentProgress, TimingProgress, launch, teardown_order
from deploy.embedded.programs import PROGRAMS, Program, programs_named
from deploy.embedded.steps import Step, steps_for

_SOON_S = 30


def _program(name: str, *after: str) -> Program:
    return Program(name, lambda _layout: ["true"], after=after)


def _step(name: str, *after: str) -> Step:
    return Step(name, lambda _layout: ["true"], after=after)


def test_nothing_starts_before_what_it_needs() -> None:
    started: list[str] = []
    programs = [_program("service", "engine", "migrate"), _program("engine")]
    launch(
        programs,
        [_step("migrate", "engine")],
        lambda program: started.append(program.name),
        lambda step: started.append(step.name),
        SilentProgress(),
    )
    assert started == ["engine", "migrate", "service"]


def test_what_does_not_need_each_other_starts_together() -> None:
    both = threading.Barrier(2, timeout=_SOON_S)
    launch(
        [_program("a"), _program("b")], [], lambda _program: both.wait(), lambda _step: None, SilentProgress()
    )
    assert not both.broken


def test_a_failure_is_raised_and_what_needs_it_is_not_started() -> None:
    started: list[str] = []

    def start(program: Program) -> None:
        if program.name == "engine":
            raise RuntimeError("no")
        started.append(program.name)

    with pytest.raises(RuntimeError, match="no"):
        launch(
            [_program("engine"), _program("service", "engine")],
            [],
            start,
            lambda _step: None,
            SilentProgress(),
        )
    assert started == []


def test_a_need_that_the_stack_leaves_out_does_not_hold_it_up() -> None:
    progress = TimingProgress()
    launch([_program("service", "absent")], [], lambda _program: None, lambda _step: None, progress)
    assert list(progress.seconds) == ["service"]


def test_programs_stop_before_what_they_stand_on() -> None:
    groups = teardown_order([_program("engine"), _program("service", "engine"), _program("feed", "service")])
    assert groups == [("feed",), ("service",), ("engine",)]


def test_the_engines_of_the_real_stack_stop_last() -> None:
    groups = teardown_order(PROGRAMS)
    assert set(groups[-1]) == {"kafka", "clickhouse"}
    assert groups[0] == ("feed",)


def test_an_unknown_program_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"no such program: kafak .*clickhouse"):
        programs_named(["kafak"])


def test_engines_alone_are_left_bare() -> None:
    assert steps_for(("kafka", "clickhouse")) == ()


def test_without_clickhouse_nothing_migrates_but_topics_are_there() -> None:
    names = [step.name for step in steps_for(("kafka", "ingest"))]
    assert "topics" in names
    assert "migrate" not in names
