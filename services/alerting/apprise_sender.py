"""Sends through Apprise: e-mail by SMTP, webhooks as JSON. Apprise itself tries once; when to try again is the courier's to say."""

import logging
import re
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import apprise
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email import NotifyEmail

from services.alerting.directory import Recipient
from services.alerting.ports import Message, NotSent, Refused, Sender
from services.alerting.settings import AlertingSettings

ID_HEADER: Final = "X-Thidua-Alert"
"""The alert's id: the same on a repeated message, so that a reader can tell."""

_STATUS: Final = re.compile(r"error=(\d{3})|\((\d{3}), b['\"]")
"""A webhook's status, and a mail server's reply as smtplib writes it."""

_TRY_AGAIN: Final = (408, 425, 429)
"""HTTP statuses below 500 by which a webhook asks for patience."""


class EmailSender(Sender):
    """One e-mail a call, HTML with plain text beside it."""

    def __init__(self, settings: AlertingSettings) -> None:
        self._settings = settings

    def send(self, to: Recipient, message: Message) -> None:
        own = self._settings
        try:
            service = NotifyEmail(  # type: ignore[no-untyped-call]
                smtp_host=own.alerting_smtp_host,
                port=own.alerting_smtp_port,
                secure=own.alerting_smtp_mode != "insecure",
                secure_mode=own.alerting_smtp_mode,
                user=own.alerting_smtp_user or None,
                password=own.alerting_smtp_password.get_secret_value() or None,
                host=own.alerting_smtp_host,
                from_addr=own.alerting_mail_from,
                targets=[to.address],
                headers={ID_HEADER: message.id},
                cto=own.alerting_connect_timeout_s,
                rto=own.alerting_answer_timeout_s,
            )
        except (TypeError, ValueError, apprise.exception.AppriseException):
            raise Refused("email: the address, or the sender's, is none") from None
        _notify(service, message.subject, message.html, apprise.NotifyFormat.HTML, "email")


class WebhookSender(Sender):
    """One POST a call: `title`, `message` (plain text) and `alert` (the same as data)."""

    def __init__(self, settings: AlertingSettings) -> None:
        self._settings = settings

    def send(self, to: Recipient, message: Message) -> None:
        address = urlsplit(to.address)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise Refused("webhook: the address is none of http or https")
        _notify(
            self._service(address, message),
            message.subject,
            message.text,
            apprise.NotifyFormat.TEXT,
            "webhook",
        )

    def _service(self, address: SplitResult, message: Message) -> NotifyJSON:
        return NotifyJSON(  # type: ignore[no-untyped-call]
            host=address.hostname,
            port=address.port,
            secure=address.scheme == "https",
            fullpath=address.path,
            user=unquote(address.username) if address.username else None,
            password=unquote(address.password) if address.password else None,
            params=dict(parse_qsl(address.query)),
            headers={ID_HEADER: message.id},
            payload={"attachments": "", "type": "", "alert": message.data},  # empty: left out
            cto=self._settings.alerting_connect_timeout_s,
            rto=self._settings.alerting_answer_timeout_s,
        )


def _notify(service: Any, title: str, body: str, kind: Any, channel: str) -> None:
    """Raises `NotSent` or `Refused`, with what Apprise's log says that names nobody."""
    with _Heard() as heard:
        one = apprise.Apprise(asset=apprise.AppriseAsset(app_id="thidua"))
        one.add(service)
        if one.notify(body=body, title=title, body_format=kind):
            return
    status = heard.status()
    if status is None:
        raise NotSent(f"{channel}: it was not taken")
    kind = Refused if _is_refusal(channel, status) else NotSent
    raise kind(f"{channel}: the other side answered {status}")


def _is_refusal(channel: str, status: int) -> bool:
    """5xx is final in SMTP (RFC 5321, 4.2.1), and a fault of the server in HTTP, where 4xx is the caller's."""
    if channel == "email":
        return status >= 500
    return 400 <= status < 500 and status not in _TRY_AGAIN


class _Heard(logging.Handler):
    """Keeps Apprise's words to itself while it sends: they hold addresses, which belong in no log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)  # a mail server's reply stands in a line of this level
        self._lines: list[str] = []
        self._logger = logging.getLogger("apprise")
        self._level = self._logger.level

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def status(self) -> int | None:
        """The status of an answer that was none of the good ones."""
        found = next((found for line in self._lines if (found := _STATUS.search(line))), None)
        return None if found is None else int(found[1] or found[2])

    def __enter__(self) -> "_Heard":
        self._logger.addHandler(self)
        self._logger.propagate = False
        self._level = self._logger.level
        self._logger.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = True
        self._logger.setLevel(self._level)
