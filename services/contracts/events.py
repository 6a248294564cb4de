"""The CloudEvents that travel on `campaign.events`, and how a record packs them.

A record's value is a JSON array of the events of one request and one block, so an event's place is
(partition, offset, index). The event's `type` is the tag by which msgspec picks the class.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal, TypeVar, get_args

import msgspec

from services.contracts.ids import BlockId, EvaluationId

EVENT_SCHEMA: Final = b"events/1"
"""Value of the `schema` header of a record of `campaign.events`."""

MAX_EVENT_BYTES: Final = 64 * 1024
MAX_RECORD_BYTES: Final = 512 * 1024
"""A request's events for one block are split into records below this size (ENGINEERING: one record per request and block)."""

Origin = Literal["self", "department", "automatic"]
ORIGINS: Final[tuple[Origin, ...]] = ("self", "department", "automatic")

AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its offset, RFC 3339."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
ShortText = Annotated[str, msgspec.Meta(max_length=4096)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Evidence = Annotated[list[Name], msgspec.Meta(max_length=32)]
RoleName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")]
"""The id of a role, never a person's name: nothing that names a person stands in an event."""


class Place(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """Where an event stands in the log. Places of one partition are totally ordered."""

    partition: int
    offset: int
    index: int


class Carried(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """Where a carried report comes from: the report (source, id) of `unit`, of which `share` is now a part of the subject.

    Amounts, numerators and denominators in the carried report are the share's; levels and passes are those of the old unit.
    """

    unit: Name
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    source: Name
    id: Name


class ReportData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A figure for a period, as a snapshot: exactly one of value, numerator with denominator, passed."""

    indicator: Name
    period: Name
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    passed: bool | None = None
    revision: Annotated[int, msgspec.Meta(ge=0)] = 0
    evidence: Evidence = []
    note: ShortText | None = None
    simulated: bool = False
    """Set on invented figures; shown as "MÔ PHỎNG / simulated" wherever they appear."""
    carried: Carried | None = None
    """Set where lineage carries a report of a unit that was merged, split or moved over to what came of it."""


class FactData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One occurrence that adds up, an enterprise founded: counted once, for every period that holds `occurred`, a local day.

    An amount of 0 says that nothing occurred in the period of that day (báo cáo không phát sinh): it adds nothing, and is a report.
    """

    indicator: Name
    occurred: date
    amount: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    evidence: Evidence = []
    note: ShortText | None = None
    simulated: bool = False
    carried: Carried | None = None
    """As of a report: the amount is the share's."""


class RetractionData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Takes the report or fact (source, id) back; it is remembered when it comes first. The period of a fact is its day."""

    source: Name
    id: Name
    indicator: Name
    period: Name
    reason: ShortText
    carried: Carried | None = None
    """Set where the report that is taken back had been carried over; (source, id) are then those of the carried report."""


class EvaluationDueData(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """An official evaluation of the block happens at this point of the log.

    Once an edition of the period is published, only the next edition may follow, and the office signs it with its `reason`.
    """

    period: Name
    as_of: AwareTime
    edition: Annotated[int, msgspec.Meta(ge=1)] = 1
    reason: Reason | None = None


class PackActivatedData(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """From here on the block is evaluated by this pack, for periods that end on or after `valid_from`."""

    pack: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    valid_from: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class DecisionData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What the council decided about a flag; the newest decision counts."""

    flag: Name
    decision: Literal["confirm", "dismiss"]
    reason: Reason


class ReplyData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What the unit says to a flag of its own (giải trình). It is published with the flag, so it names no person."""

    flag: Name
    text: Reason
    evidence: Evidence = []


class AdjustmentData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Points that the council gives or takes in the evaluation of `period` and of no other, for an extra or a group of the scheme."""

    criterion: Name
    period: Name
    points: float
    reason: Reason


class HoldData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The unit is under inspection, complaint or discipline: no leader flag of it counts (Decree 152/2025, art. 4.4)."""

    reason: Reason


class ReleaseData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What the unit was held for is over."""

    reason: Reason


class PeriodClosedData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """From here on, what comes for this period, or for one inside it, is late: kept, and not counted."""

    period: Name
    reason: Reason


class PeriodReopenedData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """From here on, what came late for this period counts."""

    period: Name
    reason: Reason


class EvaluationPublishedData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The evaluation is what the office has published for its period. `actor` is the role that did."""

    evaluation: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    actor: RoleName


class TickData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Time passes, so that what is overdue moves without reports."""

    as_of: AwareTime


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
