"""The door as a process before a real broker: what it answers is in the log, and without a broker it says so."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from deploy.embedded.ports import free_port
from deploy.embedded.stack import Stack
from services.cli.door import DoorClient, DoorUnreachable, PushRefused
from services.contracts.events import AnyEvent, decode_record
from services.contracts.principals import encode_principal
from services.contracts.topics import EVENTS, PACKS, PRINCIPALS
from tests.door_samples import DEPARTMENT_KEY, UNIT_KEY, as_json, principal, report, small_pack
from tests.support import asking

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

STRUCTURED = {"Authorization": f"Bearer {UNIT_KEY}", "Content-Type": "application/cloudevents+json"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("door"), programs=("kafka",)) as running:
        prepare(running)
        yield running


def prepare(stack: Stack) -> None:
    """Topics, a pack and three keys."""
    create = [sys.executable, "-m", "services.cli.main", "topics", "create"]
    subprocess.run(create, env=os.environ | stack.environment, check=True, capture_output=True)
    producer = KafkaProducer(bootstrap_servers=[stack.urls["kafka"]])
    pack = small_pack()
    producer.send(PACKS.name, key=pack.hash.encode(), value=b"no pack at all").get(timeout=60)
    producer.send(PACKS.name, key=pack.hash.encode(), value=pack.body).get(timeout=60)
    for role in ("unit", "department", "office"):
        one = principal(role)
        producer.send(PRINCIPALS.name, key=one.id.encode(), value=encode_principal(one)).get(timeout=60)
    producer.close()


@contextmanager
def running_door(stack: Stack, log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m services.ingest`, ended with the test. Its output goes to a file."""
    environment = os.environ | stack.environment | more
    with log.open("ab") as output:
        process = subprocess.Popen([sys.executable, "-m", "services.ingest"], env=environment, stdout=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def url(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_door(stack, tmp_path_factory.mktemp("door-log") / "ingest.log"):
        wait_ready(stack.urls["ingest"])
        yield stack.urls["ingest"]


def until(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)


def status_of(url: str, path: str = "/readyz") -> int | None:
    with suppress(httpx.TransportError):
        return asking.get(url + path, timeout=15).status_code
    return None


def wait_ready(url: str) -> None:
    until(lambda: status_of(url) == 200, "the door is ready")


def logged(stack: Stack) -> list[AnyEvent]:
    """Every event in the log."""
    consumer = KafkaConsumer(bootstrap_servers=[stack.urls["kafka"]], group_id=None)
    places = [TopicPartition(EVENTS.name, number) for number in consumer.partitions_for_topic(EVENTS.name)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends, found = consumer.end_offsets(places), []
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=1_000).values():
            found += [event for record in records for event in decode_record(record.value)]
    consumer.close()
    return found


def pushed(url: str, event: dict[str, Any]) -> httpx.Response:
    """One event, tried once."""
    return httpx.post(
        f"{url}/v1/events",
        content=as_json(event),
        headers=STRUCTURED,
        timeout=30,
        trust_env=False,
        verify=False,
    )


def named(prefix: str, count: int, **changes: Any) -> list[dict[str, Any]]:
    return [report(id=f"{prefix}-{number}", **changes) for number in range(count)]


def count_in_log(stack: Stack, prefix: str) -> int:
    return sum(event.id.startswith(prefix) for event in logged(stack))


def test_what_the_door_accepts_is_in_the_log_once(stack: Stack, url: str) -> None:
    with DoorClient(url, DEPARTMENT_KEY) as client:
        events = [
            event
            for unit in ("n1", "n2", "s1")
            for event in named(f"once-{unit}", 50, subject=unit, source="/demo/department/1")
        ]
        results = client.push(events)
        again = client.push(events)
    assert {result.status for result in results} == {"accepted"}
    assert {result.status for result in again} == {"duplicate"}
    assert count_in_log(stack, "once-") == 150


def test_what_the_door_rejects_is_not_in_the_log_and_its_neighbours_are(stack: Stack, url: str) -> None:
    with DoorClient(url, UNIT_KEY) as client:
        results = client.push([*named("near", 1), *named("wrong", 1, subject="n2"), *named("next", 1)])
    assert [result.status for result in results] == ["accepted", "rejected", "accepted"]
    assert count_in_log(stack, "wrong") == 0
    assert count_in_log(stack, "near") == count_in_log(stack, "next") == 1


def test_a_batch_of_which_all_is_rejected_has_its_results(url: str) -> None:
    with DoorClient(url, UNIT_KEY) as client:
        results = client.push(named("none", 2, subject="nobody"))
    assert [result.problem.type for result in results if result.problem] == [
        "urn:thidua:problem:unknown-unit"
    ] * 2


def test_a_wrong_key_is_refused_at_once(url: str) -> None:
    with DoorClient(url, "td_k1_wrong") as client, pytest.raises(PushRefused, match="key"):
        client.push(named("wrong-key", 1))


def test_the_limits_are_those_of_the_key(url: str) -> None:
    with DoorClient(url, DEPARTMENT_KEY) as client:
        assert client.limits()["principal"]["units"] is None


def test_a_key_that_is_revoked_is_refused_within_seconds(stack: Stack, url: str) -> None:
    producer = KafkaProducer(bootstrap_servers=[stack.urls["kafka"]])
    guest = principal("unit", id="k7")
    producer.send(PRINCIPALS.name, key=b"k7", value=encode_principal(guest)).get(timeout=60)
    headers = {"Authorization": f"Bearer {UNIT_KEY.replace('k1', 'k7')}"}

    def limits_status() -> int:
        return asking.get(f"{url}/v1/limits", headers=headers).status_code

    until(lambda: limits_status() == 200, "the new key is known")
    producer.send(PRINCIPALS.name, key=b"k7", value=None).get(timeout=60)
    until(lambda: limits_status() == 401, "the removed key is refused")
    producer.close()


def test_sigterm_ends_the_door_cleanly_after_what_is_in_flight(stack: Stack, tmp_path: Path) -> None:
    port = free_port()
    with running_door(stack, tmp_path / "log", THIDUA_INGEST_PORT=str(port)) as process:
        url = f"http://127.0.0.1:{port}"
        wait_ready(url)
        with socket.create_connection(("127.0.0.1", port)) as half_sent:
            body = as_json(report(id="in-flight"))
            head = f"POST /v1/events HTTP/1.1\r\nHost: d\r\nContent-Length: {len(body)}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in STRUCTURED.items())
            half_sent.sendall(head.encode() + b"\r\n" + body[:10])
            until(lambda: status_of(url, "/livez") == 200, "the door has seen the request")
            process.send_signal(signal.SIGTERM)
            until(lambda: status_of(url, "/livez") is None, "nothing more is accepted")
            half_sent.sendall(body[10:])
            assert b" 200 " in half_sent.recv(4096).split(b"\r\n")[0]
        assert process.wait(timeout=60) == 0
    assert count_in_log(stack, "in-flight") == 1


def test_without_a_broker_the_door_waits_and_is_not_ready(stack: Stack, tmp_path: Path) -> None:
    port = free_port()
    nobody = {"THIDUA_KAFKA_BOOTSTRAP": f"127.0.0.1:{free_port()}", "THIDUA_INGEST_PORT": str(port)}
    with running_door(stack, tmp_path / "log", **nobody) as process:
        url = f"http://127.0.0.1:{port}"
        until(lambda: status_of(url, "/livez") == 200, "the door lives")
        assert status_of(url) == 503
        refused = pushed(url, report())
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:thidua:problem:not-ready")
        assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_a_broker_that_dies_is_answered_with_503_and_everything_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    stack = Stack(tmp_path / "dying", programs=("kafka",))
    with stack:
        prepare(stack)
        with running_door(stack, tmp_path / "log"):
            url = stack.urls["ingest"]
            wait_ready(url)
            with DoorClient(url, UNIT_KEY) as client:
                assert client.push(named("before", 10))[0].status == "accepted"
                stack.stop()
                assert_503_soon(url)
                with DoorClient(url, UNIT_KEY, deadline_s=1) as hurried, pytest.raises(DoorUnreachable):
                    hurried.push(named("after", 10))
                stack.start()
                assert {result.status for result in client.push(named("after", 10))} == {"accepted"}
            assert count_in_log(stack, "before") == 10
            assert {event.id for event in logged(stack)} >= {f"after-{number}" for number in range(10)}


def test_after_a_failed_append_the_door_can_append_again(stack: Stack, tmp_path: Path) -> None:
    """An idempotent producer that has given up a record is of no more use: the door must take a new one."""
    port = free_port()
    hasty = {
        "THIDUA_INGEST_PORT": str(port),
        "THIDUA_INGEST_REQUEST_TIMEOUT_MS": "500",
        "THIDUA_INGEST_DELIVERY_TIMEOUT_MS": "1000",
    }
    with running_door(stack, tmp_path / "log", **hasty):
        url = f"http://127.0.0.1:{port}"
        wait_ready(url)
        with DoorClient(url, UNIT_KEY) as client:
            client.push(named("kill-first", 1))
            stack.kill("kafka")
            refused = pushed(url, report(id="kill-lost"))
            assert refused.json()["type"] == "urn:thidua:problem:log-unavailable"
            stack.wait_healthy("kafka")
            assert client.push(named("kill-then", 1))[0].status == "accepted"
    assert count_in_log(stack, "kill-then") >= 1


def assert_503_soon(url: str) -> None:
    """At the next look at the broker, and then at once: how soon is measured where nothing else runs, in the test of outages. A busy machine
    makes one answer slow now and then, one that waits for the broker is so always."""
    until(lambda: status_of(url) == 503, "the door knows that the broker is gone")
    took_s = []
    for _ in range(5):
        began = time.monotonic()
        refused = pushed(url, report())
        took_s.append(time.monotonic() - began)
    assert min(took_s) < 1
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:thidua:problem:log-unavailable")
    assert "retry-after" in refused.headers
