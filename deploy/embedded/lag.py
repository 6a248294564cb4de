"""How far each consumer group stands behind the end of its topics."""

import logging
from collections.abc import Sequence
from typing import Any

_TIMEOUT_MS = 4000  # a broker that hangs must not hold up `status`


def consumer_lag(bootstrap: str, groups: Sequence[str]) -> dict[str, int | None]:
    """Records behind, for each group; None when the broker does not answer or the group never committed."""
    if not groups:
        return {}
    from kafka import KafkaAdminClient, KafkaConsumer  # noqa: PLC0415  a third of a second, only when asked

    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # a broker that is down is an answer here
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS, bootstrap_timeout_ms=_TIMEOUT_MS
        )
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    except Exception:
        return dict.fromkeys(groups)
    try:
        return {group: _lag(admin, consumer, group) for group in groups}
    finally:
        consumer.close()
        admin.close()


def _lag(admin: Any, consumer: Any, group: str) -> int | None:
    try:
        committed = {place: found.offset for place, found in admin.list_group_offsets(group)[group].items()}
        ends = consumer.end_offsets(list(committed))
    except Exception:
        return None
    if not committed:
        return None
    behind: int = sum(max(0, int(ends[place]) - max(0, offset)) for place, offset in committed.items())
    return behind
