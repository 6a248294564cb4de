"""The peer of `bench.scoring`: a bare Faust loop over one event a record, with decode and a fold into a dict. Prints events a second.

python -m bench.bare_faust BOOTSTRAP TOPIC EVENTS
"""

import os
import sys
import time
from typing import Any

import msgspec

from bench.faust_app import raw_app, run
from services.contracts.events import Report


def main(bootstrap: str, topic_name: str, events: int) -> None:
    """Runs until it has seen `events` events, then prints the rate between the first and the last."""
    app = raw_app(f"bare-{topic_name}", bootstrap)
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

    run(app)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
