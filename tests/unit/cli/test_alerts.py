"""`thidua alerts`: the newest step of each alert, and sending again only what reached nobody."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import alerts as command
from services.cli.alerts import newest
from services.cli.broker import Outgoing
from services.cli.main import app
from services.contracts.alerts import ALERT_SCHEMA, Alert, AlertId, encode_alert
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.topics import ALERTS
from tests.unit.alerting.fakes import NOW, flag
from tests.unit.cli.fakes import FakeBroker


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> FakeBroker:
    broker = FakeBroker()
    monkeypatch.setattr(command, "_broker", lambda: broker)
    return broker


def record(broker: FakeBroker, id: str, step: Any, number: int = 1, **more: Any) -> Alert:
    fields: dict[str, Any] = {
        "id": AlertId(id),
        "block": BlockId("tiny/a"),
        "evaluation": EvaluationId("e1"),
        "occasion": "evaluation",
        "role": "chair",
        "channel": "email",
        "step": step,
        "number": number,
        "at": NOW,
        "flags": [flag()],
    }
    alert = Alert(**fields | more)
    broker.append(ALERTS, [Outgoing(alert.id, encode_alert(alert), ALERT_SCHEMA)])
    return alert


@pytest.fixture
def held(broker: FakeBroker) -> FakeBroker:
    record(broker, "aa1", "sending", 1)
    record(broker, "aa1", "sent", 2)
    record(broker, "ab2", "failed", 40, reason="email: the other side answered 550", attempts=20)
    record(broker, "ac3", "failed", 2, retry_at=NOW + timedelta(minutes=5), block="other/b")
    record(broker, "ad4", "skipped", 1, reason="nobody holds the role, or has that contact, any more")
    return broker


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["alerts", *arguments])


def test_what_reached_nobody_is_listed_with_its_reason(held: FakeBroker) -> None:
    said = run("list")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ab2", "ac3", "ad4"]
    assert "given up" in lines[0] and "answered 550" in lines[0] and "tiny/a -> chair by email" in lines[0]
    assert "waiting" in lines[1]


def test_all_of_a_campaign_are_listed_as_json(held: FakeBroker) -> None:
    rows = json.loads(run("list", "tiny", "--all", "--json").stdout)
    assert [(row["id"], row["state"]) for row in rows] == [
        ("aa1", "sent"),
        ("ab2", "given up"),
        ("ad4", "skipped"),
    ]


def test_nothing_to_list_is_said(broker: FakeBroker) -> None:
    assert run("list").stdout == "Every alert reached its role.\n"


def test_all_that_were_given_up_are_due_at_once_and_begin_anew(held: FakeBroker) -> None:
    assert run("retry", "--all").exit_code == 0
    (again,) = [one for one in newest(held) if one.reason == "asked for again"]
    assert (again.id, again.step, again.number, again.attempts) == ("ab2", "failed", 41, 0)
    assert again.retry_at == again.at > NOW
    assert again.flags == [flag()]


def test_one_is_chosen_by_the_first_characters_of_its_id(held: FakeBroker) -> None:
    assert run("retry", "ad").exit_code == 0
    assert newest(held)[-1].id == "ad4"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["aa1"], "That alert is sent"),
        (["ac3"], "That alert is failed"),
        (["a"], "4 alerts"),
        (["zz"], "0 alerts"),
        ([], "was not said"),
        (["ab2", "--all"], "was not said"),
    ],
)
def test_what_is_not_to_be_sent_again_is_not(held: FakeBroker, arguments: list[str], words: str) -> None:
    before = len(held.records[ALERTS.name])
    said = run("retry", *arguments)
    assert said.exit_code == 2 and words in said.stderr
    assert len(held.records[ALERTS.name]) == before


def test_an_older_step_that_stands_later_in_the_topic_does_not_count(broker: FakeBroker) -> None:
    sent = record(broker, "aa1", "sent", 2)
    record(broker, "aa1", "sending", 1)
    assert newest(broker) == [msgspec.structs.replace(sent)]
