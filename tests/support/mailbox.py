"""A real SMTP server and a real webhook on loopback, that keep what they are given."""

import email
import json
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

from aiosmtpd.controller import Controller

Act = Callable[[], None]


def nothing() -> None:
    """What the servers do with a message by default, beside keeping it."""


class _OnAFreePort(Controller):
    """aiosmtpd connects to itself to see whether it runs: to the port that it got, not to 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = int(self.server.sockets[0].getsockname()[1])
        super()._trigger_server()


class Mailbox:
    """`act` is called when a message is kept and not yet acknowledged, `act_before` when a sender has just announced one: either may kill
    the sender. `answer` is what the sender is told of the message, `recipient_answer` of whom it is for."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.act: Act = nothing
        self.act_before: Act = nothing
        self.answer = "250 OK"
        self.recipient_answer = "250 OK"
        self._controller = _OnAFreePort(self, hostname="127.0.0.1", port=0)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's own name
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        self.act_before()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if self.recipient_answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's own name
        message = email.message_from_bytes(envelope.original_content, policy=default)
        self.messages.append(cast(EmailMessage, message))
        self.act()
        return self.answer

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class Hook:
    """The same for a webhook; `status` is what it answers."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.act: Act = nothing
        self.status = 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/thidua?token=s3cret"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler_of(hook: Hook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            hook.headers.append(dict(self.headers))
            hook.paths.append(self.path)
            hook.act()
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Tests look at what came, not at log lines."""

    return Handler
