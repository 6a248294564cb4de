"""The CloudEvents that travel on `campaign.events`, and how a record packs them.

A record's value is a JSON array of the events of one request and one block, so an event's place is
(partition, offset, index). The event's `type` is the tag by which msgspec picks the class.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, TypeVar, get_args

import msgspec

from services.contracts.event_data import (
    AdjustmentData,
    AwareTime,
    DecisionData,
    EvaluationDueData,
    EvaluationPublishedData,
    FactData,
    HoldData,
    Name,
    Origin,
    PackActivatedData,
    PeriodClosedData,
    PeriodReopenedData,
    ReleaseData,
    ReplyData,
    ReportData,
    RetractionData,
    TickData,
)
from services.contracts.ids import BlockId, EvaluationId

EVENT_SCHEMA: Final = b"events/1"
"""Value of the `schema` header of a record of `campaign.events`."""

MAX_EVENT_BYTES: Final = 64 * 1024
MAX_RECORD_BYTES: Final = 512 * 1024
"""A request's events for one block are split into records below this size (ENGINEERING: one record per request and block)."""


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """CloudEvents 1.0 attributes that every event carries. `receivedtime`, `principal` and `origin` are the door's."""

    specversion: Literal["1.0"]
    id: Name
    source: Name
    time: AwareTime
    subject: Name | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Name | None = None
    traceparent: Name | None = None
    receivedtime: AwareTime | None = None
    principal: Name | None = None
    origin: Origin | None = None


class Report(Event, tag="vn.thidua.report.v1"):
    data: ReportData


class Fact(Event, tag="vn.thidua.fact.v1"):
    data: FactData


class Retraction(Event, tag="vn.thidua.retraction.v1"):
    data: RetractionData


class EvaluationDue(Event, tag="vn.thidua.evaluation.due.v1"):
    data: EvaluationDueData


class PackActivated(Event, tag="vn.thidua.pack.activated.v1"):
    data: PackActivatedData


class Tick(Event, tag="vn.thidua.tick.v1"):
    data: TickData


class Decision(Event, tag="vn.thidua.decision.v1"):
    """Its subject is the flag's unit."""

    data: DecisionData


class Reply(Event, tag="vn.thidua.reply.v1"):
    """Its subject is the flag's unit."""

    data: ReplyData


class Adjustment(Event, tag="vn.thidua.adjustment.v1"):
    """Its subject is the unit."""

    data: AdjustmentData


class Hold(Event, tag="vn.thidua.hold.v1"):
    """Its subject is the unit."""

    data: HoldData


class Release(Event, tag="vn.thidua.release.v1"):
    """Its subject is the unit."""

    data: ReleaseData


class PeriodClosed(Event, tag="vn.thidua.period.closed.v1"):
    """Its subject is the block."""

    data: PeriodClosedData


class PeriodReopened(Event, tag="vn.thidua.period.reopened.v1"):
    """Its subject is the block."""

    data: PeriodReopenedData


class EvaluationPublished(Event, tag="vn.thidua.evaluation.published.v1"):
    """Its subject is the block."""

    data: EvaluationPublishedData


AnyEvent = (
    Report
    | Fact
    | Retraction
    | EvaluationDue
    | EvaluationPublished
    | PeriodClosed
    | PeriodReopened
    | PackActivated
    | Tick
    | Decision
    | Reply
    | Adjustment
    | Hold
    | Release
)
EVENT_TYPES: Final[tuple[type[Event], ...]] = get_args(AnyEvent)

_event_decoder: Final[msgspec.json.Decoder[AnyEvent]] = msgspec.json.Decoder(AnyEvent)
_record_decoder: Final = msgspec.json.Decoder(list[AnyEvent])
_raw_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
T = TypeVar("T")

_encoder: Final = msgspec.json.Encoder()


def decode_event(body: bytes | msgspec.Raw) -> AnyEvent:
    """One event in JSON (structured mode). Raises `msgspec.ValidationError` (its message names the place) or `msgspec.DecodeError`."""
    return _decoded(_event_decoder, body)


def decode_record(value: bytes) -> list[AnyEvent]:
    """All events of a record, in order. Raises `msgspec.DecodeError` when any of them is bad; see `split_record`."""
    return _decoded(_record_decoder, value)


def split_record(value: bytes) -> list[msgspec.Raw]:
    """The events of a JSON array as bytes, undecoded, so that one bad event leaves the others usable. Raises `msgspec.DecodeError`."""
    return _decoded(_raw_decoder, value)


def _decoded(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw) -> T:
    """msgspec raises two more errors for bytes that are no JSON; here all are `msgspec.DecodeError`."""
    try:
        return decoder.decode(body)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"the bytes are not UTF-8: {error}") from error
    except RecursionError as error:
        raise msgspec.DecodeError("the JSON is nested too deeply") from error


def type_of(event_class: type[Event]) -> str:
    """The CloudEvents `type` of a class of event."""
    return str(event_class.__struct_config__.tag)


def encode_record(events: Sequence[AnyEvent]) -> bytes:
    """The value of a record of `campaign.events`."""
    return _encoder.encode(list(events))


def record_values(events: Sequence[AnyEvent]) -> Iterator[bytes]:
    """Values of records that hold the events in their order, each below `MAX_RECORD_BYTES`; one event always fits."""
    value = encode_record(events)
    if len(value) <= MAX_RECORD_BYTES or len(events) == 1:
        yield value
    else:
        middle = len(events) // 2
        yield from record_values(events[:middle])
        yield from record_values(events[middle:])


def encode_event(event: AnyEvent) -> bytes:
    """One event as JSON, in structured mode."""
    return _encoder.encode(event)


def evaluation_id(block: BlockId, period: str, as_of: datetime, edition: int) -> EvaluationId:
    """Identity of an official evaluation: the first 32 hexadecimal digits of SHA-256 over the four, so that asking twice is one evaluation."""
    parts = msgspec.json.encode([block, period, int(as_of.timestamp() * 1_000_000), edition])
    return EvaluationId(hashlib.sha256(parts).hexdigest()[:32])
