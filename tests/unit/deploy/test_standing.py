"""Blocks that stand still, as `thidua status` and `thidua doctor` tell of them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from deploy.embedded.standing import standing_blocks


class _Api(BaseHTTPRequestHandler):
    body: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v1/halts" else 404)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Nothing is worth a line."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_block_that_stands_still_is_told_with_its_place_and_what_to_do(port: int) -> None:
    _Api.body = (
        b'[{"block":"mau/main","why":"engine_crashed","since":"2026-11-24T05:00:00Z","place":[3,101,2],'
        b'"error":"KeyError","next":"Mend it."}]'
    )
    (told,) = standing_blocks(port)
    assert (told.block, told.advice) == ("mau/main", "Mend it.")
    assert told.what == "stands still since 2026-11-24T05:00:00Z at 3:101:2: KeyError"


@pytest.mark.parametrize("body", [b"[]", b"no json", b""])
def test_without_a_halt_or_an_answer_there_are_none(port: int, body: bytes) -> None:
    _Api.body = body
    assert standing_blocks(port) == ()


def test_without_an_api_there_are_none() -> None:
    assert standing_blocks(1) == ()
