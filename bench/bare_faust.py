"""The peer of `bench.scoring`: a bare Faust loop over one event a record, with decode and a fold into a dict. Prints events a second.

python -m bench.bare_faust BOOTSTRAP TOPIC EVENTS
"""

import asyncio
import os
import sys
import time
from typing import Any

import faust
import msgspec

from services.contracts.events import Report


def main(bootstrap: str, topic_name: str, events: int) -> None:
    """Runs until it has seen `events` events, then prints the rate between the first and the last."""
    app = faust.App(
        f"bare-{topic_name}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )
    decode = msgspec.json.Decoder(Report).decode
    cells: dict[tuple[str | None, str, str], float | None] = {}

    @app.agent(app.topic(topic_name, value_type=bytes, value_serializer="raw"))
    async def count(stream: Any) -> None:
        seen, started = 0, 0.0
        async for value in stream:
            if seen == 0:
                started = time.monotonic()
            event = decode(value)
            cells[(event.subject, event.data.indicator, event.data.period)] = event.data.value
            seen += 1
            if seen == events:
                print(f"{events / (time.monotonic() - started):.0f}", flush=True)
                os._exit(0)

    worker = faust.Worker(app, loglevel="warn", override_logging=False, redirect_stdouts=False, quiet=True)
    asyncio.get_event_loop_policy().get_event_loop()
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
