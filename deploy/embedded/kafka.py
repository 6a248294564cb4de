"""The broker: one KRaft node of Apache Kafka, run by the Java runtime of a wheel."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from deploy.embedded.errors import ProgramFailedError
from deploy.embedded.java import jvm_argv, learned_folder, with_learned_classes
from deploy.embedded.layout import Layout
from deploy.embedded.ports import HOST

_MESSAGE_MAX_BYTES = 8 * 1024 * 1024 + 65536  # packs and checkpoints may be 8 MB, and a record has overhead
_FORMAT_TIMEOUT_S = 60  # one second as a rule; bounds a disk that hangs
_META = "meta.properties"  # Kafka takes a folder that has it for formatted
FIRST_RECORDS = "bootstrap.checkpoint"


def broker_argv(layout: Layout) -> list[str]:
    return broker_argv_with(layout, *with_learned_classes(layout.cache_dir))


def broker_argv_with(layout: Layout, *options: str) -> list[str]:
    """With these options of the JVM besides those of every start."""
    return [*jvm_argv(layout.cache_dir, *options), "kafka.Kafka", str(properties_file(layout))]


def properties_file(layout: Layout) -> Path:
    return layout.kafka_dir / "server.properties"


def prepare(layout: Layout) -> None:
    """Write the settings (ports may differ from the last start) and format the log folder once."""
    properties_file(layout).write_text(properties(layout))
    if (log_folder(layout) / _META).exists():
        return
    if learned_records(layout.cache_dir).exists():
        _format_as_learned(layout)
    else:
        _format(layout)


def log_folder(layout: Layout) -> Path:
    return layout.kafka_dir / "log"


def learned_records(cache_dir: Path) -> Path:
    """What Kafka's own tool wrote as the first records of an empty log of metadata."""
    return learned_folder(cache_dir) / FIRST_RECORDS


def properties(layout: Layout) -> str:
    """The broker's settings. Whatever is 1 here is 3 on a cluster: one machine survives no lost disk."""
    ports = layout.ports
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{HOST}:{ports.kafka_controller}",
        "listeners": f"PLAINTEXT://{HOST}:{ports.kafka},CONTROLLER://{HOST}:{ports.kafka_controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.kafka}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": log_folder(layout),
        "auto.create.topics.enable": "false",
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,  # 50 is for clusters: each costs a folder and start-up time
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        # a killed broker is let in again when its old session ends: 9 s by default
        "broker.session.timeout.ms": 4000,
        "broker.heartbeat.interval.ms": 1000,
        "group.initial.rebalance.delay.ms": 0,
        "message.max.bytes": _MESSAGE_MAX_BYTES,
        "replica.fetch.max.bytes": _MESSAGE_MAX_BYTES,
        "socket.request.max.bytes": 4 * _MESSAGE_MAX_BYTES,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.retention.ms": -1,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,  # 128 MB by default, a third of the heap
        "metric.reporters": "",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def new_cluster_id() -> str:
    """22 characters of base64 that no command line takes for an option."""
    while True:
        identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not identity.startswith("-"):
            return identity


def _format_as_learned(layout: Layout) -> None:
    """As the tool does it, without a JVM: the same first records, and ids of its own."""
    folder = log_folder(layout)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(learned_records(layout.cache_dir), folder / FIRST_RECORDS)
    ids = f"cluster.id={new_cluster_id()}\ndirectory.id={new_cluster_id()}\n"
    unfinished = folder / f"{_META}.new"
    unfinished.write_text(f"version=1\nnode.id=1\n{ids}")
    unfinished.rename(folder / _META)


def _format(layout: Layout) -> None:
    argv = [*jvm_argv(layout.cache_dir), "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    argv += ["--cluster-id", new_cluster_id(), "--config", str(properties_file(layout))]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=_FORMAT_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
    )
    layout.log("kafka").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise ProgramFailedError(f"Kafka could not format {layout.kafka_dir}", layout.log("kafka"))
