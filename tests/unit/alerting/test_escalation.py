"""A proposal that nobody decides about goes to the next role, once; a decision is the answer."""

import msgspec
import pytest

from services.contracts.event_data import Place
from tests.unit.alerting.fakes import CHAIR, World, confirmed, flag, muted, replied

MEMBER = CHAIR | {"role": "member", "escalate_after_hours": 48, "escalate_to": "chair"}
LAST = CHAIR | {"blocks": []}


@pytest.fixture
def world() -> World:
    world = World(MEMBER, LAST)
    world.person("member", email="ong@tinh.example", webhook="https://hooks.example")
    world.person("chair", email="ba@tinh.example")
    world.flags.append(flag("a-u1"), flag("a-u2"))
    world.turn()
    return world


def told_to_chair(world: World) -> list[list[str]]:
    alerts = [one for one in world.alerts.alerts if (one.role, one.step) == ("chair", "sent")]
    return [[one.unit for one in alert.flags] for alert in alerts]


def test_within_the_hours_nobody_else_hears_of_it(world: World) -> None:
    world.wait(hours=48)
    world.turn()
    assert told_to_chair(world) == []


def test_after_the_hours_the_next_role_hears_of_it_once(world: World) -> None:
    world.wait(hours=49)
    world.turn()
    world.start()
    world.flags.append(flag("a-u1"), flag("a-u2"))
    world.turn(3)
    assert told_to_chair(world) == [["a-u1", "a-u2"]]
    assert world.alerts.steps("member") == ["sending", "sent", "escalated"]
    assert world.alerts.steps("member", "webhook") == ["sending", "sent", "escalated"]
    assert world.mail.sent[-1][1].subject.startswith("[Chưa ai quyết định]")


def test_a_role_that_could_not_be_reached_is_escalated_too_by_the_hours_of_the_evaluation() -> None:
    world = World(MEMBER | {"channels": ["email"]}, LAST)
    world.person("member", email="ong@tinh.example")
    world.person("chair", email="ba@tinh.example")
    world.mail.outages = 3
    world.flags.append(flag("a-u1"))
    for _ in range(4):
        world.turn()
        world.wait(hours=13)
    assert world.alerts.steps("member") == ["sending", "failed"] * 3
    assert told_to_chair(world) == []
    world.turn()
    assert told_to_chair(world) == [["a-u1"]]
    assert world.alerts.steps("member")[-1] == "escalated"
    assert world.alerts.alerts[-1].reason == "email: it was not taken"


def test_only_what_is_undecided_is_escalated(world: World) -> None:
    world.flags.append(confirmed(flag("a-u1"), 5))
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == [["a-u2"]]


@pytest.mark.parametrize("state", ["dismissed", "ended"])
def test_a_decision_or_an_end_acknowledges(world: World, state: str) -> None:
    for unit in ("a-u1", "a-u2"):
        answered = msgspec.structs.replace(flag(unit), state=state, cause=Place(0, 5, 0))  # type: ignore[arg-type]
        world.flags.append(answered)
    world.turn()
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == []
    assert "acknowledged" in world.alerts.steps("member")
    assert "escalated" not in world.alerts.steps("member")


def test_what_the_unit_replies_is_no_decision(world: World) -> None:
    for unit in ("a-u1", "a-u2"):
        world.flags.append(msgspec.structs.replace(flag(unit), state="replied", cause=Place(0, 5, 0)))
    world.turn()
    assert "acknowledged" not in world.alerts.steps("member")
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == [["a-u1", "a-u2"]]


def test_after_a_start_it_waits_until_the_state_of_a_flag_is_known(world: World) -> None:
    world.start()
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == []
    world.flags.append(flag("a-u1"), flag("a-u2"))
    world.turn()
    assert told_to_chair(world) == [["a-u1", "a-u2"]]


def test_a_reply_of_the_unit_is_no_decision(world: World) -> None:
    world.flags.append(replied(flag("a-u1"), 2), confirmed(flag("a-u2"), 2))
    world.turn()
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == [["a-u1"]]


def test_what_a_hold_mutes_waits_until_the_unit_is_released(world: World) -> None:
    world.flags.append(muted(flag("a-u1"), 2), confirmed(flag("a-u2"), 2))
    world.turn()
    world.wait(hours=49)
    world.turn()
    assert told_to_chair(world) == []
    world.flags.append(flag("a-u1", offset=3))
    world.turn()
    assert told_to_chair(world) == [["a-u1"]]
