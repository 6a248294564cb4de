"""A Quix Streams application around the fold, in the peers' own environment (`make peers`).

python -m bench.peer_loops.quix_loop BOOTSTRAP TOPIC PARTITION SHAPE EVENTS MARK
"""

from itertools import count
from typing import Any
from uuid import uuid4

from quixstreams import Application  # type: ignore[import-not-found]  # not in this environment

from bench.peer_loops.folding import Folding, Job


def main(job: Job) -> None:
    folding, offsets = Folding(job), count()
    app = Application(
        broker_address=job.bootstrap,
        consumer_group=f"peer-{uuid4()}",
        auto_offset_reset="earliest",
        loglevel="WARNING",
        consumer_extra_config={"fetch.message.max.bytes": 4 * 1024 * 1024},
    )
    topic = app.topic(job.topic, key_deserializer="bytes", value_deserializer="bytes")

    def fold(value: bytes, key: bytes | None, timestamp: int, _headers: Any) -> None:
        folding.take(next(offsets), key or b"", value, timestamp)

    app.dataframe(topic).update(fold, metadata=True)
    app.run()


if __name__ == "__main__":
    main(Job.from_arguments())
