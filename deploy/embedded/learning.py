"""Learns from a first broker what every later one needs again: its classes, loaded and linked, and the first records of an empty log.

A new broker answers after 1.5 s instead of 5 s with them, on an idle machine of two cores. They are a cache: without them it starts all the same.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from filelock import FileLock

from deploy.embedded import kafka
from deploy.embedded.errors import ProgramFailedError, StackError
from deploy.embedded.health import kafka_answers
from deploy.embedded.java import classes_in, learned_folder, with_learned_classes, writing_classes
from deploy.embedded.layout import Layout
from deploy.embedded.ports import Ports

_CHILD: Final = Path(__file__).with_name("child.py")
_ANSWERS_WITHIN_S: Final = 180.0  # 4 s as a rule
_ENDS_WITHIN_S: Final = 300.0  # 6 s as a rule: another JVM puts the classes together
_AGAIN_AFTER_S: Final = 3600.0
_CLIENT_S: Final = 60
_POLL_S: Final = 0.05


def is_learned(cache_dir: Path) -> bool:
    """Or was tried in vain within the last hour: a machine on which it fails is not held up at each start."""
    folder = learned_folder(cache_dir)
    if not folder.exists():
        return False
    return bool(with_learned_classes(cache_dir)) or time.time() - folder.stat().st_mtime < _AGAIN_AFTER_S


def learn(cache_dir: Path) -> None:
    """Runs a broker on folders of its own and ends it. What comes of it is there whole or not at all; its log beside it."""
    with (
        FileLock(cache_dir / "broker.lock"),
        TemporaryDirectory(dir=cache_dir, prefix="learning-") as scratch,
    ):
        if is_learned(cache_dir):  # another start was first
            return
        learned = Path(scratch) / "learned"
        learned.mkdir()
        with suppress(StackError, OSError, subprocess.SubprocessError):
            _learn_into(learned, Layout(Path(scratch) / "stack", cache_dir, Ports.free()))
        shutil.rmtree(learned_folder(cache_dir), ignore_errors=True)
        learned.rename(learned_folder(cache_dir))


def _learn_into(learned: Path, layout: Layout) -> None:
    layout.create_folders()
    kafka.prepare(layout)
    with _broker(layout, learned / "broker.log"):
        _use(layout)
    for made in (classes_in(layout.run_dir), kafka.log_folder(layout) / kafka.FIRST_RECORDS):
        shutil.move(made, learned)


@contextmanager
def _broker(layout: Layout, log: Path) -> Iterator[None]:
    """A broker that answers, which has written down its classes when the block ends. It ends with this process, too."""
    argv = kafka.broker_argv_with(layout, *writing_classes(layout.run_dir))
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_CHILD), *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + _ANSWERS_WITHIN_S
        while not kafka_answers(layout):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ProgramFailedError("The first broker did not start", log)
            time.sleep(_POLL_S)
        yield
        process.terminate()
        process.wait(_ENDS_WITHIN_S)
    finally:
        process.kill()
        process.wait()


def _use(layout: Layout) -> None:
    """Lets the broker load what topics, records, and groups of readers need of its classes."""
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer  # noqa: PLC0415  slow to load, and needed once
    from kafka.admin import NewTopic  # noqa: PLC0415
    from kafka.errors import KafkaError  # noqa: PLC0415

    server = {"bootstrap_servers": layout.urls["kafka"]}
    with suppress(KafkaError):
        admin = KafkaAdminClient(**server)
        admin.create_topics([NewTopic("learned", num_partitions=2, replication_factor=1)])
        admin.close()
        producer = KafkaProducer(**server)
        producer.send("learned", b"value", key=b"key").get(timeout=_CLIENT_S)
        producer.close()
        consumer = KafkaConsumer("learned", group_id="learned", auto_offset_reset="earliest", **server)
        consumer.poll(timeout_ms=_CLIENT_S * 1000)
        consumer.commit()
        consumer.close()
