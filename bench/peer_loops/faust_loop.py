"""A bare Faust agent around the fold. `python -m bench.peer_loops.faust_loop BOOTSTRAP TOPIC PARTITION SHAPE EVENTS MARK`"""

from typing import Any

from bench.faust_app import raw_app, run
from bench.peer_loops.folding import Folding, Job


def main(job: Job) -> None:
    folding = Folding(job)
    app = raw_app(f"peer-{job.topic}-{job.shape}", job.bootstrap)

    @app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))
    async def fold(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            folding.take(message.offset, message.key or b"", message.value, int(message.timestamp * 1000))

    run(app)


if __name__ == "__main__":
    main(Job.from_arguments())
