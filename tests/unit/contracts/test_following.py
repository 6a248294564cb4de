"""A follower waits for a broker that is not there yet, and can be stopped while it waits."""

import socket
import time
from types import SimpleNamespace

from kafka import TopicPartition

from services.contracts.following import TopicFollower, as_record, in_order
from services.contracts.topics import PACKS, PRINCIPALS


def test_a_follower_without_a_broker_waits_and_is_no_failure():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{free.getsockname()[1]}"
    follower = TopicFollower([server], [PACKS], lambda record: None, name="waiting")
    follower.start()
    deadline = time.monotonic() + 3.5  # longer than one attempt to connect
    while time.monotonic() < deadline:
        assert follower.healthy, follower.failure
        time.sleep(0.1)
    assert not follower.caught_up.is_set()
    assert follower.lost_since is not None
    follower.stop()
    assert not follower.healthy
    assert follower.failure is None


def test_a_key_that_is_no_text_ends_no_follower():
    held = SimpleNamespace(
        topic=PACKS.name, partition=0, offset=7, key=b"\xff", value=None, headers=[], timestamp=0
    )
    assert as_record(held).key == "\N{REPLACEMENT CHARACTER}"


def test_what_comes_with_the_packs_is_known_after_them():
    packs, keys = TopicPartition(PACKS.name, 0), TopicPartition(PRINCIPALS.name, 0)
    fetched = {keys: ["a key", "another"], packs: ["its pack"]}
    assert list(in_order(fetched, [PACKS.name, PRINCIPALS.name])) == ["its pack", "a key", "another"]
