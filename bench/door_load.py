"""The two loads of the door's benchmark, each run in a process of its own so that it shares no lock with what it measures.

    python -m bench.door_load door HOST PORT RUN EVENTS
    python -m bench.door_load producer BOOTSTRAP RUN EVENTS

Everything is built before the clock starts. Prints the events a second, every acknowledgement awaited.
"""

import asyncio
import sys
import time
from typing import Final

import uvloop
from kafka import KafkaProducer

from bench.door_campaign import KEY, reports
from services.contracts.events import EVENT_SCHEMA
from services.contracts.records import SCHEMA
from services.contracts.topics import EVENTS

BATCH: Final = 200
CONNECTIONS: Final = 8


def through_the_door(host: str, port: int, run: str, count: int) -> float:
    """Batches of 200 over 8 connections, each sending its next batch when the last is answered."""
    events = [event for _, event in reports(run, count)]
    requests = [_request(events[start : start + BATCH]) for start in range(0, count, BATCH)]
    began = time.perf_counter()
    uvloop.run(_send_all(host, port, requests))
    return count / (time.perf_counter() - began)


def by_producer(bootstrap: str, run: str, count: int) -> float:
    """One record an event, as a plain kafka-python program would."""
    records = [(block.encode(), event) for block, event in reports(run, count)]
    producer = KafkaProducer(bootstrap_servers=[bootstrap], acks="all", linger_ms=5)
    producer.partitions_for(EVENTS.name)
    began = time.perf_counter()
    headers = [(SCHEMA, EVENT_SCHEMA)]
    futures = [
        producer.send(EVENTS.name, key=key, value=b"[" + event + b"]", headers=headers)
        for key, event in records
    ]
    for future in futures:
        future.get(timeout=60)
    rate = count / (time.perf_counter() - began)
    producer.close()
    return rate


def _request(events: list[bytes]) -> bytes:
    body = b"[" + b",".join(events) + b"]"
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: door\r\n"
        f"Authorization: Bearer {KEY}\r\n"
        "Content-Type: application/cloudevents-batch+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _send_all(host: str, port: int, requests: list[bytes]) -> None:
    waiting = iter(requests)
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(_send_some(host, port, waiting))


async def _send_some(host: str, port: int, waiting: "object") -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in waiting:  # type: ignore[attr-defined]
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        body = await reader.readexactly(length)
        if " 200 " not in head.split("\r\n")[0] or b'"duplicate":0}' not in body[-40:]:
            raise RuntimeError(f"the door did not accept a whole batch: {head} {body[:500]!r}")
    writer.close()


def main(arguments: list[str]) -> None:
    match arguments:
        case ["door", host, port, run, count]:
            print(through_the_door(host, int(port), run, int(count)))
        case ["producer", bootstrap, run, count]:
            print(by_producer(bootstrap, run, int(count)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
