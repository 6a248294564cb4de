"""From a report over HTTP to a council member's mailbox and webhook, through every real part, whatever dies on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.stack import Stack
from services.alerting.apprise_sender import ID_HEADER
from services.cli.broker import KafkaBroker
from services.cli.door import DoorClient
from services.cli.publishing import publish_packs
from services.contracts import stored
from services.contracts.alerts import Alert, decode_alert
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.event_data import DecisionData, EvaluationDueData, ReportData
from services.contracts.events import AnyEvent, Decision, EvaluationDue, Report
from services.contracts.flags import Flag, decode_flag
from services.contracts.ids import CampaignId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack
from services.contracts.principals import Role
from services.contracts.stored import StoreReader
from services.contracts.topics import ALERTS, FLAGS
from tests.support import asking
from tests.support.keys import new_key, wait_known
from tests.support.mailbox import Act, Hook, Mailbox, nothing
from tests.support.packs import small_pack
from tests.system.commands import run

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

CAMPAIGN = CampaignId("told")
BLOCKS = (
    "once",
    "gathering",
    "announced",
    "taken",
    "posted",
    "after",
    "again",
    "decided",
    "refused",
    "stored",
)
PERIOD = f"{datetime.now(UTC):%Y-%m}"
CHAIR = {"role": "chair", "title": {"vi": "Chủ tịch", "en": "Chair"}, "channels": ["email", "webhook"]}
ADDRESS = "chair@tinh.example"
SETTLE_S = 1.0
DEADLINE_S = 180.0  # seconds as a rule: for machines that do much else
GATHERS_S = 3_600.0  # until it is killed


def pack() -> CompiledPack:
    """Blocks of four, of which the first is flagged by its first evaluation."""
    rule = {"enter": 0.25, "leave": 0.5, "k": 1, "n": 1}
    made = small_pack(CAMPAIGN, blocks=BLOCKS, flags={"leader": rule}).pack.model_dump(mode="json")
    made["campaign"]["simulated"] = True
    return compile_pack(Pack.model_validate(made | {"council": [CHAIR]}))


class Process:
    """Alerting as a process of its own, on this stack."""

    def __init__(self, stack: Stack, mailbox: Mailbox, folder: Path) -> None:
        self._log = (folder / "alerting.log").open("ab")
        self._url = f"http://127.0.0.1:{stack.layout.ports.alerting}"
        self._environment = {
            **os.environ,
            **stack.environment,
            "THIDUA_DATA_DIR": str(folder),
            "THIDUA_ALERTING_SMTP_PORT": str(mailbox.port),
            "THIDUA_ALERTING_REFUSED_ATTEMPTS": "1",
        }
        self._process = self._start(SETTLE_S)

    def _start(self, settle_s: float) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", "services.alerting"]
        environment = self._environment | {"THIDUA_ALERTING_SETTLE_S": str(settle_s)}
        return subprocess.Popen(argv, env=environment, stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        self._process.kill()

    def restart(self, settle_s: float = SETTLE_S) -> None:
        self._process.wait(timeout=DEADLINE_S)
        self._process = self._start(settle_s)
        until("alerting is ready", self.is_ready)

    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def is_ready(self) -> bool:
        return bool(self.state().get("ready"))

    def state(self) -> dict[str, Any]:
        try:
            return dict(asking.get(f"{self._url}/readyz").json())
        except (httpx.HTTPError, ValueError):
            return {}

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=DEADLINE_S)


class World:
    """The stack, a council of one, and hands on both ends."""

    def __init__(self, stack: Stack, mailbox: Mailbox, hook: Hook, folder: Path) -> None:
        self.stack, self.mailbox, self.hook = stack, mailbox, hook
        self._broker = KafkaBroker([stack.urls["kafka"]])
        publish_packs(self._broker, [pack()])
        self._doors = {role: self._door(role) for role in ("department", "office", "council")}
        contacts = ("--name", "Bà Thử", "--email", ADDRESS, "--webhook", hook.url)
        said = run(stack, "people", "set", f"{CAMPAIGN}/chair", *contacts)
        assert said.returncode == 0, said.stderr
        self.alerting = Process(stack, mailbox, folder)

    def _door(self, role: Role) -> DoorClient:
        url = self.stack.urls["ingest"]
        return DoorClient(url, wait_known(url, new_key(self._broker, CAMPAIGN, role)))

    def push(self, role: Role, *events: AnyEvent) -> None:
        assert {result.status for result in self._doors[role].push(list(events))} == {"accepted"}

    def raise_flag(self, block: str) -> None:
        """Four reports and an evaluation: the first unit leads."""
        self.push("department", *(report(f"{block}-u{n}", 100.0 - 10 * n) for n in range(1, 5)))
        self.push("office", evaluation(block))

    def mails(self, block: str) -> list[Any]:
        return [mail for mail in self.mailbox.messages if f"{block}1" in mail["Subject"]]

    def posts(self, block: str) -> list[dict[str, Any]]:
        return [body for body in self.hook.bodies if body["alert"]["block"] == f"{CAMPAIGN}/{block}"]

    def counts(self, block: str) -> tuple[int, int]:
        return len(self.mails(block)), len(self.posts(block))

    def steps(self, block: str) -> dict[str, list[str]]:
        """By channel, the steps of the block's alerts as they stand in the topic."""
        found: dict[str, list[str]] = {}
        for alert in self.alerts():
            if alert.block == f"{CAMPAIGN}/{block}":
                found.setdefault(alert.channel, []).append(alert.step)
        return found

    def alerts(self) -> list[Alert]:
        return [decode_alert(record.value) for record in self._broker.read(ALERTS) if record.value]

    def flags(self, block: str) -> list[Flag]:
        found = [decode_flag(record.value) for record in self._broker.read(FLAGS) if record.value]
        return [flag for flag in found if flag.block == f"{CAMPAIGN}/{block}"]

    def until_sent(self, block: str) -> None:
        until(
            f"both alerts of {block} are recorded as sent",
            lambda: [steps[-1] for steps in self.steps(block).values()] == ["sent", "sent"],
        )


@pytest.fixture(scope="module")
def world(services: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Mailbox() as mailbox, Hook() as hook:
        world = World(services, mailbox, hook, tmp_path_factory.mktemp("alerting"))
        until("alerting is ready", world.alerting.is_ready)
        yield world
        assert world.alerting.stop() == 0


def test_a_flag_arrives_once_in_the_mailbox_and_once_at_the_webhook(world: World) -> None:
    world.raise_flag("once")
    world.until_sent("once")
    assert world.counts("once") == (
        1,
        1,
    )  # and so it stays: see where further copies of the flag are waited for
    (mail,), (post,) = world.mails("once"), world.posts("once")
    assert mail["To"] == ADDRESS
    assert mail["Subject"].startswith("[MÔ PHỎNG] Thi đua · Thử: Đơn vị once1 – đề xuất dẫn đầu")
    assert "Hạng 1/4" in mail.get_body(("plain",)).get_content()
    assert (post["alert"]["id"], mail[ID_HEADER]) == tuple(
        next(a.id for a in world.alerts() if (a.block, a.channel) == (f"{CAMPAIGN}/once", channel))
        for channel in ("webhook", "email")
    )
    assert world.steps("once") == {"email": ["sending", "sent"], "webhook": ["sending", "sent"]}


def test_killed_while_it_gathers_it_sends_once(world: World) -> None:
    world.alerting.kill()
    world.alerting.restart(settle_s=GATHERS_S)
    world.raise_flag("gathering")
    until("the flag is gathered", lambda: bool(world.alerting.state().get("gathering")))
    world.alerting.kill()
    assert world.counts("gathering") == (0, 0)
    world.alerting.restart()
    world.until_sent("gathering")
    assert world.counts("gathering") == (1, 1)


def test_killed_when_sending_is_recorded_and_nothing_is_out_it_sends_once(world: World) -> None:
    world.mailbox.act_before = once(world.alerting.kill)
    world.raise_flag("announced")
    until("it was killed", world.alerting.is_dead)
    assert world.counts("announced") == (0, 0)
    assert world.steps("announced") == {"email": ["sending"]}
    world.alerting.restart()
    world.until_sent("announced")
    assert world.counts("announced") == (1, 1)


def test_killed_between_sending_and_recording_it_repeats_that_one_message(world: World) -> None:
    world.mailbox.act = once(world.alerting.kill)
    world.raise_flag("taken")
    until("it was killed", world.alerting.is_dead)
    world.alerting.restart()
    world.until_sent("taken")
    assert [
        one.attempts for one in world.alerts() if one.block == f"{CAMPAIGN}/taken" and one.channel == "email"
    ] == [1, 2, 2]
    assert world.counts("taken") == (2, 1)
    assert len({mail[ID_HEADER] for mail in world.mails("taken")}) == 1


def test_killed_at_the_webhook_it_does_not_repeat_the_mail(world: World) -> None:
    world.hook.act = once(world.alerting.kill)
    world.raise_flag("posted")
    until("it was killed", world.alerting.is_dead)
    world.alerting.restart()
    world.until_sent("posted")
    assert world.counts("posted") == (1, 2)
    assert len({post["alert"]["id"] for post in world.posts("posted")}) == 1


def test_a_flag_that_is_written_again_repeats_nothing_not_even_after_a_kill(world: World) -> None:
    world.raise_flag("after")
    world.until_sent("after")
    world.alerting.kill()
    world.alerting.restart()
    world.raise_flag("again")
    world.until_sent("again")
    further_copies_of_the_flags_were_written(world, "after", "again")
    assert world.counts("after") == world.counts("again") == (1, 1)


def test_a_decision_through_the_door_confirms_the_flag_and_is_told(world: World) -> None:
    world.raise_flag("decided")
    world.until_sent("decided")
    flag = world.flags("decided")[-1]
    world.push("council", decision(flag))
    until("the decision is told", lambda: world.counts("decided") == (2, 2))
    assert world.flags("decided")[-1].state == "confirmed"
    said = world.mails("decided")[-1]
    assert "đã xác nhận dẫn đầu" in said["Subject"]
    assert "seen on the spot" in said.get_body(("plain",)).get_content()


def test_what_the_mail_server_refuses_is_given_up_and_sent_once_it_is_asked_for_again(world: World) -> None:
    world.mailbox.recipient_answer = "550 5.1.1 no such user"
    world.raise_flag("refused")
    until("the mail is given up", lambda: world.steps("refused").get("email") == ["sending", "failed"])
    until("the webhook has it", lambda: world.counts("refused") == (0, 1))
    world.mailbox.recipient_answer = "250 OK"
    listed = run(world.stack, "alerts", "list", f"{CAMPAIGN}/refused")
    assert "given up" in listed.stdout and "answered 550" in listed.stdout
    said = run(world.stack, "alerts", "retry", "--all")
    assert said.returncode == 0, said.stderr
    world.until_sent("refused")
    assert world.counts("refused") == (1, 1)


def test_every_step_is_in_clickhouse_and_no_person_is(world: World) -> None:
    client = connect(ClickHouseSettings(clickhouse_url=world.stack.urls["clickhouse"]))
    reader = StoreReader(client)
    world.raise_flag("stored")
    world.until_sent("stored")
    told = {(one.id, one.step) for one in newest(world.alerts())}
    until(
        "the steps are stored",
        lambda: {(one.id, one.step) for one in reader.rows(stored.ALERTS, scope=CAMPAIGN)} >= told,
    )
    (once,) = [
        one for one in reader.rows(stored.ALERTS, scope=f"{CAMPAIGN}/stored") if one.channel == "email"
    ]
    history = reader.rows(stored.ALERT_STEPS, id=once.id)
    assert [(step.step, step.attempts) for step in history] == [("sending", 1), ("sent", 1)]
    assert (once.units, once.kinds, once.states) == (["stored-u1"], ["leader"], ["proposed"])
    bodies = client.query("SELECT body FROM alert_steps").result_rows
    assert not any(ADDRESS in str(body) or "Bà Thử" in str(body) for body in bodies)


def report(unit: str, value: float) -> Report:
    return Report(
        specversion="1.0",
        id=unit,
        source="/told/department/test",
        subject=unit,
        time=datetime.now(UTC),
        data=ReportData(indicator="x", period=PERIOD, value=value),
    )


def evaluation(block: str) -> EvaluationDue:
    now = datetime.now(UTC)
    return EvaluationDue(
        specversion="1.0",
        id=f"due-{block}",
        source="/told/office/test",
        subject=f"{CAMPAIGN}/{block}",
        time=now,
        data=EvaluationDueData(period=PERIOD, as_of=now),
    )


def decision(flag: Flag) -> Decision:
    return Decision(
        specversion="1.0",
        id=f"decided-{flag.unit}",
        source="/told/council/chair",
        subject=flag.unit,
        time=datetime.now(UTC),
        data=DecisionData(flag=flag.id, decision="confirm", reason="seen on the spot"),
    )


def further_copies_of_the_flags_were_written(world: World, *blocks: str) -> None:
    """The owner writes its flags again every 10 s; after the next copies and the time to settle, a repeat would be there."""
    copies = {block: len(world.flags(block)) for block in blocks}
    until(
        "the owner writes the flags again",
        lambda: all(len(world.flags(block)) > copies[block] for block in blocks),
    )
    gathered_until = time.monotonic() + 2 * SETTLE_S
    until("a repeat had time to come", lambda: time.monotonic() > gathered_until)


def newest(alerts: list[Alert]) -> list[Alert]:
    """Of each alert the last step of the topic: it has one partition, and one writer."""
    return list({alert.id: alert for alert in alerts}.values())


def once(act: Act) -> Act:
    """`act` the first time, nothing afterwards."""
    acts = iter([act])
    return lambda: next(acts, nothing)()


def until(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.15)  # most looks read a topic, which takes time from what is waited for
