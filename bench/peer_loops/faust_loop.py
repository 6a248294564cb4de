"""A bare Faust agent around the fold. `python -m bench.peer_loops.faust_loop BOOTSTRAP TOPIC PARTITION SHAPE EVENTS MARK`"""

import sys
from typing import Any

import faust

from bench.peer_loops.folding import Folding, Job


def main(job: Job) -> None:
    folding = Folding(job)
    app = faust.App(
        f"peer-{job.topic}-{job.shape}",
        broker=f"kafka://{job.bootstrap}",
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )

    @app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))
    async def fold(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            folding.take(message.offset, message.key or b"", message.value, int(message.timestamp * 1000))

    worker = faust.Worker(app, loglevel="warn", override_logging=False, redirect_stdouts=False, quiet=True)
    sys.argv[1:] = []
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(Job.from_arguments())
