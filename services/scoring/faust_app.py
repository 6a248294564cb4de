"""The Faust application: one agent that hands what it is given to the worker, and the two signals of the group.

Faust is trusted with membership and with saying that there is something to read, and with nothing else (ENGINEERING 1): its events are
never acknowledged to it, it keeps no tables and creates no topics, and it starts at the end of the log, since the worker itself reads
whatever lies below. So its own commits, which may pass events that it skipped in a rebalance, decide nothing.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import faust

from services.contracts.kafka import Security, kafka_security
from services.contracts.topics import EVENTS
from services.scoring.settings import ScoringSettings
from services.scoring.worker.deliveries import Deliveries
from services.scoring.worker.ports import LogRecord
from services.scoring.worker.worker import ScoringWorker

MEMBERS_GROUP = "thidua-scoring-members"


def build_app(settings: ScoringSettings, instance_id: str) -> faust.App:
    """The application without its agent. `instance_id` is static membership: unique to a live process, the same after a restart."""
    return faust.App(
        MEMBERS_GROUP,
        broker=";".join(f"kafka://{server}" for server in settings.kafka_servers()),
        store="memory://",
        datadir=str(settings.data_dir / "faust"),
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="latest",
        consumer_group_instance_id=instance_id,
        broker_session_timeout=settings.scoring_session_s,
        broker_heartbeat_interval=settings.scoring_heartbeat_s,
        broker_max_poll_interval=300.0,
        broker_commit_interval=60.0,
        stream_wait_empty=False,  # it would wait for acknowledgements that never come
        stream_processing_timeout=365
        * 86_400.0,  # nothing is acknowledged to Faust, which would warn about it for ever
        web_enabled=False,
        **_credentials(kafka_security(settings)),
    )


def _credentials(security: Security) -> dict[str, Any]:
    """The same security as Faust takes it."""
    if not security:
        return {}
    tls = security["ssl_context"]
    if "sasl_mechanism" not in security:
        return {"broker_credentials": faust.SSLCredentials(tls)}
    return {
        "broker_credentials": faust.SASLCredentials(
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            mechanism=security["sasl_mechanism"],
            ssl_context=tls,
        )
    }


def attach(app: faust.App, settings: ScoringSettings, worker: Callable[[], ScoringWorker]) -> None:
    """Connects the one agent and the signals of membership to the worker."""
    topic = app.topic(
        EVENTS.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(topic, name="scoring")
    async def score(stream: Any) -> None:
        batches = stream.noack_take(settings.scoring_batch_records, within=settings.scoring_batch_within_s)
        deliveries = Deliveries(lambda partition, records: worker().deliver(partition, records))
        async for events in batches:
            for partition, of_partition in _by_partition(events):
                deliveries.put(partition, of_partition)

    @app.on_partitions_assigned.connect(weak=False)
    async def assigned(_: Any, assigned: set[Any], **__: Any) -> None:
        worker().assign([tp.partition for tp in assigned if tp.topic == EVENTS.name])

    @app.on_partitions_revoked.connect(weak=False)
    async def revoked(_: Any, revoked: set[Any], **__: Any) -> None:
        worker().revoke([tp.partition for tp in revoked if tp.topic == EVENTS.name])


def _by_partition(events: list[Any]) -> list[tuple[int, list[LogRecord]]]:
    """The messages of a batch by partition, in the order of their offsets."""
    messages = [event.message for event in events]
    messages.sort(key=lambda message: (message.partition, message.offset))
    return [
        (
            partition,
            [
                LogRecord(m.offset, m.key or b"", m.value or b"", _milliseconds(m), tuple(m.headers or ()))
                for m in of_partition
            ],
        )
        for partition, of_partition in groupby(messages, key=lambda message: message.partition)
    ]


def _milliseconds(message: Any) -> int:
    return int(message.timestamp * 1000 + 0.5)
