"""The senders keep their contract over real Apprise: a real SMTP server and a real webhook get the message, or `NotSent` says so."""

import logging
import socket
from collections.abc import Iterator

import pytest

from services.alerting.apprise_sender import ID_HEADER, EmailSender, WebhookSender
from services.alerting.directory import Recipient
from services.alerting.ports import Message, NotSent, Refused
from services.alerting.settings import AlertingSettings
from services.contracts.pack.base import Text
from services.contracts.pack.council import CouncilRole
from services.contracts.people import Channel
from tests.support.mailbox import Hook, Mailbox

ROLE = CouncilRole(role="chair", title=Text(vi="Chủ tịch", en="Chair"))
MESSAGE = Message(
    id="a1b2",
    subject="[MÔ PHỎNG] Thi đua · Khối xã, phường: Xã Mẫu Hai – đề xuất dẫn đầu",
    text="1. Xã Mẫu Hai: đề xuất DẪN ĐẦU\n",
    html="<ol><li><b>Xã Mẫu Hai</b>: đề xuất DẪN ĐẦU</li></ol>",
    data={"id": "a1b2", "flags": [{"unit": "xa-mau-2", "rank": 1, "interval": [1, 2]}]},
)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        yield hook


def to(channel: Channel, address: str) -> Recipient:
    return Recipient(ROLE, channel, "Bà Thử", address)


def by_mail(mailbox: Mailbox) -> EmailSender:
    return EmailSender(
        AlertingSettings(alerting_smtp_port=mailbox.port, alerting_mail_from="thidua@tinh.example")
    )


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_email_arrives_with_its_subject_its_id_and_both_bodies(mailbox: Mailbox) -> None:
    by_mail(mailbox).send(to("email", "chair@tinh.example"), MESSAGE)
    (mail,) = mailbox.messages
    assert mail["Subject"] == MESSAGE.subject
    assert (mail["To"], mail[ID_HEADER]) == ("chair@tinh.example", "a1b2")
    assert "thidua@tinh.example" in mail["From"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert "Xã Mẫu Hai: đề xuất DẪN ĐẦU" in plain.get_content()
    assert "<b>Xã Mẫu Hai</b>" in html.get_content()


def test_each_call_is_one_email(mailbox: Mailbox) -> None:
    for _ in range(3):
        by_mail(mailbox).send(to("email", "chair@tinh.example"), MESSAGE)
    assert len(mailbox.messages) == 3


@pytest.mark.parametrize(("answer", "refused"), [("451 try later", False), ("550 no such mailbox", True)])
def test_an_email_that_is_not_taken_tells_the_answer_and_whether_it_is_final(
    mailbox: Mailbox, answer: str, refused: bool
) -> None:
    mailbox.answer = answer
    with pytest.raises(NotSent, match=f"^email: the other side answered {answer[:3]}$") as failure:
        by_mail(mailbox).send(to("email", "chair@tinh.example"), MESSAGE)
    assert isinstance(failure.value, Refused) is refused
    assert len(mailbox.messages) == 1


def test_an_address_that_the_server_does_not_know_is_refused(mailbox: Mailbox) -> None:
    mailbox.recipient_answer = "550 5.1.1 no such user"
    with pytest.raises(Refused, match="550"):
        by_mail(mailbox).send(to("email", "nobody@tinh.example"), MESSAGE)
    assert mailbox.messages == []


def test_without_a_mail_server_nothing_is_sent() -> None:
    sender = EmailSender(AlertingSettings(alerting_smtp_port=unused_port()))
    with pytest.raises(NotSent):
        sender.send(to("email", "chair@tinh.example"), MESSAGE)


@pytest.mark.parametrize("address", ["", "no address", "@", "a@b@c"])
def test_what_is_no_address_is_not_sent_to(mailbox: Mailbox, address: str) -> None:
    with pytest.raises(NotSent):
        by_mail(mailbox).send(to("email", address), MESSAGE)
    assert mailbox.messages == []


def test_a_webhook_gets_the_text_and_the_data_with_its_own_path_and_query(hook: Hook) -> None:
    WebhookSender(AlertingSettings()).send(to("webhook", hook.url), MESSAGE)
    (body,) = hook.bodies
    assert body["title"] == MESSAGE.subject
    assert "Xã Mẫu Hai: đề xuất DẪN ĐẦU" in body["message"]
    assert body["alert"] == MESSAGE.data
    assert set(body) == {"version", "title", "message", "alert"}
    assert hook.paths == ["/hooks/thidua?token=s3cret"]
    assert hook.headers[0][ID_HEADER] == "a1b2"


def test_a_webhook_that_answers_an_error_was_not_sent_to_and_the_status_is_told(hook: Hook) -> None:
    hook.status = 503
    with pytest.raises(NotSent, match="503"):
        WebhookSender(AlertingSettings()).send(to("webhook", hook.url), MESSAGE)


@pytest.mark.parametrize(("status", "refused"), [(404, True), (410, True), (429, False), (500, False)])
def test_a_webhook_that_is_not_there_any_more_refuses_and_one_that_is_busy_does_not(
    hook: Hook, status: int, refused: bool
) -> None:
    hook.status = status
    with pytest.raises(NotSent) as failure:
        WebhookSender(AlertingSettings()).send(to("webhook", hook.url), MESSAGE)
    assert isinstance(failure.value, Refused) is refused


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "hooks.example/x", "http://"])
def test_a_webhook_is_an_http_address(address: str) -> None:
    with pytest.raises(NotSent):
        WebhookSender(AlertingSettings()).send(to("webhook", address), MESSAGE)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What reaches the service's own handler, which stands at the root."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    lines: list[str] = []
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def test_no_address_stands_in_a_failure_or_in_the_log(
    mailbox: Mailbox, hook: Hook, logged: list[str]
) -> None:
    mailbox.answer, hook.status = "550 chair@tinh.example is unknown", 500
    with pytest.raises(NotSent) as mail:
        by_mail(mailbox).send(to("email", "chair@tinh.example"), MESSAGE)
    with pytest.raises(NotSent) as post:
        WebhookSender(AlertingSettings()).send(to("webhook", hook.url), MESSAGE)
    said = f"{mail.value} {post.value} {logged}"
    assert "chair@" not in said
    assert "s3cret" not in said
