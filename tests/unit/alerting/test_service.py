"""Who hears of which flag, how often, and what is written down; whatever dies in between."""

from datetime import timedelta

import msgspec
import pytest

from services.alerting.kafka_logs import NotedLog
from services.alerting.main import policy_of
from services.alerting.settings import AlertingSettings
from services.contracts.alerts import asked_again, is_given_up
from services.contracts.event_data import Place
from tests.unit.alerting.fakes import CHAIR, NOW, FakeAlertLog, World, confirmed, flag, muted, replied


@pytest.fixture
def world() -> World:
    world = World()
    world.person()
    return world


def subjects(world: World) -> list[str]:
    return [message.subject for _, message in world.mail.sent]


def test_a_new_flag_is_sent_and_each_step_is_recorded(world: World) -> None:
    world.flags.append(flag())
    world.turn()
    assert len(world.mail.sent) == 1
    assert world.alerts.steps() == ["sending", "sent"]
    assert world.flags.committed == 1


def test_flags_of_one_evaluation_are_one_message(world: World) -> None:
    world.flags.append(
        flag("a-u1"), flag("a-u2"), flag("a-u3", "ended", opened_by="e0", evaluation="e1", rank=None)
    )
    world.turn()
    assert len(world.mail.sent) == 1
    assert [one.unit for one in world.alerts.alerts[-1].flags] == ["a-u1", "a-u2", "a-u3"]


def test_what_asks_for_a_decision_stands_before_what_is_only_told(world: World) -> None:
    world.flags.append(
        flag("a-u1", "ended", opened_by="e0", evaluation="e1"),
        flag("a-u2", kind="underperformer", rank=4),
        flag("a-u3", rank=None),
        flag("a-u4", rank=2),
    )
    world.turn()
    assert [one.unit for one in world.alerts.alerts[-1].flags] == ["a-u4", "a-u3", "a-u2", "a-u1"]


def test_flags_of_two_evaluations_are_two_messages(world: World) -> None:
    world.flags.append(flag("a-u1"), flag("a-u2", opened_by="e2", offset=2))
    world.turn()
    assert len(world.mail.sent) == 2


def test_each_channel_and_each_role_gets_one_message() -> None:
    world = World(CHAIR, CHAIR | {"role": "member", "channels": ["email"]})
    world.person("chair", email="ba@tinh.example", webhook="https://hooks.example")
    world.person("member", email="ong@tinh.example")
    world.flags.append(flag())
    world.turn()
    assert [to.address for to, _ in world.mail.sent] == ["ba@tinh.example", "ong@tinh.example"]
    assert len(world.hook.sent) == 1
    assert len({message.id for _, message in world.mail.sent + world.hook.sent}) == 3


def test_a_flag_that_its_owner_writes_again_is_no_news(world: World) -> None:
    world.flags.append(flag())
    world.turn()
    world.flags.append(flag(), flag())
    world.turn()
    assert len(world.mail.sent) == 1
    assert world.flags.committed == 3


def test_new_figures_of_an_open_flag_are_no_news(world: World) -> None:
    world.flags.append(flag())
    world.turn()
    world.flags.append(flag(evaluation="e2", offset=9, rank=2))
    world.turn()
    assert len(world.mail.sent) == 1


def test_confirmed_and_ended_are_told_and_dismissed_is_not(world: World) -> None:
    opened, other = flag("a-u1"), flag("a-u2")
    world.flags.append(opened, other)
    world.turn()
    world.flags.append(
        confirmed(opened, 5), msgspec.structs.replace(other, state="dismissed", cause=Place(0, 6, 0))
    )
    world.turn()
    world.flags.append(msgspec.structs.replace(opened, state="ended", evaluation="e9", cause=Place(0, 9, 0)))
    world.turn()
    said = [(one.step, [f.state for f in one.flags]) for one in world.alerts.alerts if one.step == "sent"]
    assert said == [("sent", ["proposed", "proposed"]), ("sent", ["confirmed"]), ("sent", ["ended"])]


def test_a_confirmed_flag_with_new_figures_is_no_news(world: World) -> None:
    world.flags.append(confirmed(flag(), 5))
    world.turn()
    world.flags.append(msgspec.structs.replace(confirmed(flag(), 8), evaluation="e2"))
    world.turn()
    assert len(world.mail.sent) == 1


def test_the_answer_of_a_unit_is_told_once_and_its_next_one_too(world: World) -> None:
    world.flags.append(flag())
    world.turn()
    answered = replied(flag(), 2)
    world.flags.append(answered, msgspec.structs.replace(answered, cause=Place(0, 3, 0), hits=3))
    world.turn()
    world.flags.append(replied(flag(), 4, id="r2"))
    world.turn()
    assert len(world.mail.sent) == 3


def test_nobody_is_told_of_a_muted_flag_until_the_unit_is_released(world: World) -> None:
    world.flags.append(muted(flag(), 1))
    world.turn()
    assert world.mail.sent == []
    world.flags.append(flag(offset=2))
    world.turn()
    assert len(world.mail.sent) == 1


def test_an_old_value_that_a_woken_worker_writes_late_is_not_told(world: World) -> None:
    ended = flag(state="ended", evaluation="e2", offset=9)
    world.flags.append(ended)
    world.turn()
    world.flags.append(flag(offset=1))
    world.turn()
    world.start()
    world.flags.append(flag(offset=1))
    world.turn()
    assert [[f.state for f in one.flags] for one in world.alerts.alerts if one.step == "sent"] == [["ended"]]


def test_a_flag_that_comes_after_its_evaluation_was_told_is_told_by_itself(world: World) -> None:
    world.flags.append(flag("a-u1"))
    world.turn()
    world.flags.append(flag("a-u1"), flag("a-u2"))
    world.turn()
    assert [(one.part, [f.unit for f in one.flags]) for one in world.alerts.alerts if one.step == "sent"] == [
        (0, ["a-u1"]),
        (1, ["a-u2"]),
    ]


def test_an_occasion_waits_until_no_flag_has_come_for_the_settle_time() -> None:
    world = World(settle_s=2.0)
    world.person()
    world.flags.append(flag("a-u1"))
    world.turn()
    world.wait(seconds=1.5)
    world.flags.append(flag("a-u2"), flag("a-u1"))
    world.turn()
    world.wait(seconds=1.5)
    world.turn()
    assert (world.mail.sent, world.flags.committed) == ([], 0)
    world.wait(seconds=1.0)
    world.turn()
    assert len(world.mail.sent) == 1
    assert world.flags.committed == 3


def test_old_flags_are_recorded_as_skipped_and_nobody_is_told(world: World) -> None:
    world.flags.append(flag(as_of=NOW - timedelta(days=8)))
    world.turn()
    world.start()
    world.flags.append(flag(as_of=NOW - timedelta(days=8)))
    world.turn()
    assert (world.mail.sent, world.alerts.steps()) == ([], ["skipped"])
    assert world.alerts.alerts[0].reason == "older than 168 h"


def test_a_decision_about_an_old_flag_is_news(world: World) -> None:
    world.flags.append(confirmed(flag(as_of=NOW - timedelta(days=30)), 5))
    world.turn()
    assert len(world.mail.sent) == 1


def test_a_role_that_nobody_holds_is_told_once_somebody_does() -> None:
    world = World()
    world.flags.append(flag())
    world.turn()
    assert world.alerts.alerts == []
    assert world.directory.vacant() == ["tiny/chair"]
    world.person()
    world.flags.append(flag())  # its owner writes it every 10 s
    world.turn()
    assert len(world.mail.sent) == 1


def test_a_role_hears_of_its_own_blocks_only() -> None:
    world = World(CHAIR | {"blocks": ["b"]})
    world.person()
    world.flags.append(flag())
    world.turn()
    assert world.alerts.alerts == []


def test_what_was_not_taken_is_tried_again_later_and_later_and_then_given_up(world: World) -> None:
    world.mail.outages = 99
    world.flags.append(flag())
    world.turn()
    assert world.alerts.steps() == ["sending", "failed"]
    world.wait(seconds=9)
    world.turn()
    assert world.alerts.steps() == ["sending", "failed"]
    world.wait(seconds=1)
    world.turn()
    assert [one.retry_at for one in world.alerts.alerts if one.step == "failed"] == [
        NOW + timedelta(seconds=10),
        NOW + timedelta(seconds=10 + 15),
    ]
    world.wait(days=1)
    world.turn(5)
    assert world.alerts.steps() == ["sending", "failed"] * 3
    assert world.alerts.alerts[-1].retry_at is None
    assert world.alerts.alerts[-1].reason == "email: it was not taken"


def test_what_is_refused_is_tried_seldom_and_given_up_early(world: World) -> None:
    """A wrong address: five sendings within a minute would tell the mail server the same five times."""
    world.mail.refuses = True
    world.flags.append(flag())
    world.turn()
    assert world.alerts.alerts[-1].retry_at == NOW + timedelta(seconds=15)
    world.wait(seconds=15)
    world.turn(5)
    assert world.alerts.steps() == ["sending", "failed"] * 2
    assert world.alerts.alerts[-1].retry_at is None
    assert world.alerts.alerts[-1].reason == "email: the other side answered 550"


def test_the_default_patience_outlasts_a_mail_server_that_is_down_over_a_long_weekend() -> None:
    own = AlertingSettings()
    policy = policy_of(own)
    pauses = [policy.pause_after(n, refused=False) for n in range(1, own.alerting_attempts)]
    assert sum((pause for pause in pauses if pause), timedelta()) > timedelta(days=3, hours=12)
    assert policy.pause_after(own.alerting_attempts, refused=False) is None
    assert max(pause for pause in pauses if pause) <= timedelta(
        minutes=30
    )  # how long after the server came back


def test_many_messages_that_wait_do_not_hold_up_a_new_flag(world: World) -> None:
    world.mail.outages = 25
    for number in range(25):
        world.flags.append(flag(opened_by=f"e{number}"))
    world.turn(1)
    world.wait(seconds=10)
    world.turn(1)
    assert len(world.mail.sent) == 10
    world.turn(2)
    assert len(world.mail.sent) == 25


def test_each_recorded_step_is_noted_so_that_a_long_turn_is_not_taken_for_a_hanging_one() -> None:
    alerts, noted = FakeAlertLog(), list[int]()
    log = NotedLog(alerts, lambda: noted.append(len(alerts.alerts)))
    world = World()
    world.person()
    world.flags.append(flag())
    world.turn()
    for alert in world.alerts.alerts:
        log.record(alert)
    assert noted == [1, 2]


def test_a_given_up_message_that_a_person_asks_for_again_is_sent(world: World) -> None:
    world.mail.outages = 3
    world.flags.append(flag())
    for _ in range(4):
        world.turn()
        world.wait(days=1)
    given_up = world.alerts.alerts[-1]
    assert is_given_up(given_up)
    asked = asked_again(given_up, world.now)
    world.alerts.record(asked)
    world.ledger.apply(asked)
    world.turn()
    assert len(world.mail.sent) == 1
    assert world.alerts.alerts[-1].step == "sent"
    assert world.alerts.alerts[-1].id == given_up.id


def test_a_mail_server_that_comes_back_gets_the_message_once_even_after_a_restart(world: World) -> None:
    world.mail.outages = 1
    world.flags.append(flag())
    world.turn()
    world.start()
    world.wait(seconds=10)
    world.turn(3)
    assert len(world.mail.sent) == 1
    assert world.alerts.steps() == ["sending", "failed", "sending", "sent"]


def test_a_failing_webhook_does_not_hold_up_the_mail() -> None:
    world = World()
    world.person("chair", email="ba@tinh.example", webhook="https://hooks.example")
    world.hook.outages = 99
    world.flags.append(flag())
    world.turn()
    assert len(world.mail.sent) == 1
    assert world.flags.committed == 1


def test_somebody_who_was_erased_is_not_told_any_more(world: World) -> None:
    world.mail.outages = 1
    world.flags.append(flag())
    world.turn()
    world.erase()
    world.wait(days=1)
    world.turn()
    assert world.mail.sent == []
    assert world.alerts.steps() == ["sending", "failed", "skipped"]


def test_no_name_and_no_address_is_recorded(world: World) -> None:
    world.mail.outages = 1
    world.flags.append(flag())
    world.turn()
    recorded = msgspec.json.encode(world.alerts.alerts).decode()
    assert "tinh.example" not in recorded
    assert "Thử" not in recorded


# --- a process that dies ------------------------------------------------------------------------------------------------------


def test_dying_before_anything_is_recorded_loses_nothing(world: World) -> None:
    world.alerts.crash_at = "sending"
    world.flags.append(flag())
    world.crash_and_restart()
    assert len(world.mail.sent) == 1


def test_dying_before_the_message_is_out_loses_nothing(world: World) -> None:
    world.mail.crash = "before"
    world.flags.append(flag())
    world.crash_and_restart()
    assert len(world.mail.sent) == 1


@pytest.mark.parametrize("death", ["in the sending", "before it is recorded"])
def test_dying_between_sending_and_recording_repeats_that_one_message(world: World, death: str) -> None:
    if death == "in the sending":
        world.mail.crash = "after"
    else:
        world.alerts.crash_at = "sent"
    world.flags.append(flag())
    world.crash_and_restart()
    assert len(world.mail.sent) == 2
    assert len({message.id for _, message in world.mail.sent}) == 1
    world.start()
    world.turn(3)
    assert len(world.mail.sent) == 2


def test_dying_on_the_way_to_the_second_recipient_does_not_repeat_the_first() -> None:
    world = World()
    world.person("chair", email="ba@tinh.example", webhook="https://hooks.example")
    world.hook.crash = "after"
    world.flags.append(flag())
    world.crash_and_restart()
    assert (len(world.mail.sent), len(world.hook.sent)) == (1, 2)


def test_a_restart_without_a_commit_repeats_nothing(world: World) -> None:
    world.flags.append(flag())
    world.turn()
    world.flags.committed = 0
    world.start()
    world.turn()
    assert len(world.mail.sent) == 1


def test_the_topic_read_from_its_start_by_a_new_group_repeats_nothing(world: World) -> None:
    world.flags.append(flag(), confirmed(flag(), 5), flag(state="ended", evaluation="e2", offset=9))
    world.turn()
    sent = len(world.mail.sent)
    world.flags.committed = 0
    world.start()
    world.turn()
    assert len(world.mail.sent) == sent
