"""What the door answers: one result for each event, in the order in which the events came."""

from typing import Literal

import msgspec

from services.contracts.ids import BlockId
from services.contracts.problems import ProblemDetail

Status = Literal["accepted", "rejected", "duplicate"]


class EventResult(msgspec.Struct, omit_defaults=True, gc=False):
    """What became of one event. `id` is null when the event had none that could be read; `block` stands unless it was rejected."""

    index: int
    id: str | None
    status: Status
    block: BlockId | None = None
    problem: ProblemDetail | None = None


class BatchAnswer(msgspec.Struct, kw_only=True):
    """The answer to a batch."""

    results: list[EventResult]
    accepted: int
    rejected: int
    duplicate: int


class RejectedBatch(ProblemDetail, kw_only=True):
    """The answer to a batch of which every event was rejected: a problem with the results as a member of its own (RFC 9457, 3.2)."""

    results: list[EventResult]
    accepted: int
    rejected: int
    duplicate: int


class KeyHolder(msgspec.Struct, kw_only=True):
    """Who the key belongs to and what it may do. `units` is null when it may report for every unit of the campaign."""

    id: str
    name: str
    campaign: str
    role: str
    origin: str
    source_prefix: str
    types: list[str]
    units: int | None


class Limits(msgspec.Struct, kw_only=True):
    """What one request may hold, and what the key may send."""

    principal: KeyHolder
    max_event_bytes: int
    max_batch_events: int
    max_batch_bytes: int
    max_clock_ahead_s: int
    body_timeout_s: float
    recent_events: int
    events_per_s: int
    burst_events: int
    requests_at_once: int
