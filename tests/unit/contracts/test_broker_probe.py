"""Whether a broker answers: only the right answer counts, and one that hangs is none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from services.contracts.broker_probe import ASK, BrokerLook, address_of, broker_answers

GOOD = bytes.fromhex("0000000a000000010000")
"""Size, correlation 1, no error; what follows is not read."""


@contextmanager
def server(answer: bytes, times: int = 1) -> Iterator[str]:
    """Accepts so many connections, one after the other; reads the question, sends the answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(times):
                connection, _ = listening.accept()
                with connection:
                    assert connection.recv(100) == ASK
                    connection.sendall(answer)
                    connection.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [(GOOD, True), (GOOD[:9], False), (bytes.fromhex("0000000a000000010023"), False), (b"HTTP/1.1 4", False)],
    ids=["right", "cut off", "an error", "something else"],
)
def test_only_the_right_answer_counts(answer: bytes, is_one: bool) -> None:
    with server(answer) as address:
        assert broker_answers(address, 10.0 if is_one else 0.5) is is_one


def test_a_port_that_nobody_serves_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        assert not broker_answers(address, 0.05)  # connected by the kernel, never answered
    assert not broker_answers(address, 0.05)


def test_addresses_may_hold_ipv6() -> None:
    assert address_of("[::1]:9092") == ("::1", 9092)
    assert address_of("kafka-1:9092") == ("kafka-1", 9092)


def test_silence_begins_when_the_broker_was_heard_last_and_ends_when_it_answers() -> None:
    with server(GOOD) as address:
        look = BrokerLook([address])
        look.heard()
        assert look.silent_since is None
        look.look()
        assert look.silent_since is None
    gone = BrokerLook([address])
    began = datetime.now(UTC)
    gone.look()
    assert gone.silent_since is not None
    assert gone.silent_since <= began
    gone.heard()
    assert gone.silent_since is None


def test_the_broker_that_answered_last_is_asked_first_so_that_one_that_is_gone_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server(GOOD, times=2) as address, socket.create_server(("127.0.0.1", 0)) as hanging:
        monkeypatch.setattr(BrokerLook, "TIMEOUT_S", 0.5)
        monkeypatch.setattr(BrokerLook, "EVERY_S", 0.0)
        look = BrokerLook([f"127.0.0.1:{hanging.getsockname()[1]}", address])
        look.look()
        assert look.silent_since is None
        hanging.accept()[0].close()
        hanging.settimeout(0)
        look.look()
        with pytest.raises(BlockingIOError):
            hanging.accept()
