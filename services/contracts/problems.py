"""The one error tree: each problem knows its type URI, its HTTP status, its title and what the caller should do next (RFC 9457)."""

from typing import Any, ClassVar

import msgspec

PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemDetail(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of a problem response. `pointer` is a JSON pointer to the field at fault, inside the event where one event is meant."""

    type: str
    title: str
    status: int
    detail: str
    next: str
    pointer: str | None = None
    instance: str | None = None


class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """Base of everything that a caller can be told. Subclasses set the class variables; `detail` speaks of this case."""

    slug: ClassVar[str] = "problem"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something is wrong"
    next: ClassVar[str] = "Read the detail."
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, *, pointer: str | None = None, next: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.what_next = next or type(self).next

    @property
    def type_uri(self) -> str:
        return f"urn:thidua:problem:{self.slug}"

    def as_detail(self, instance: str | None = None) -> ProblemDetail:
        """The problem as the body of a response."""
        return ProblemDetail(
            type=self.type_uri,
            title=self.title,
            status=self.status,
            detail=self.detail,
            next=self.what_next,
            pointer=self.pointer,
            instance=instance,
        )

    def as_dict(self) -> dict[str, Any]:
        """`as_detail` as plain types, absent members left out."""
        return dict(msgspec.to_builtins(self.as_detail()))


# --- the request as a whole -------------------------------------------------------------------------------------------------


class UnsupportedMediaType(Problem):
    slug, status, title = "unsupported-media-type", 415, "The content type is not one of the accepted ones"
    next = "Use application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers."


class BatchTooLarge(Problem):
    slug, status, title = "batch-too-large", 413, "Too many events, or too many bytes, in one request"
    next = "Split the batch; GET /v1/limits gives the limits."


class SlowBody(Problem):
    slug, status, title = "slow-body", 408, "The body did not arrive in time"
    next = "Send the same events again, in a smaller batch when the line is slow; nothing was stored."


class BatchRejected(Problem):
    slug, status, title = "batch-rejected", 422, "Every event of the batch was rejected"
    next = "Read the problem of each event in results[]; nothing was stored."


class Unauthenticated(Problem):
    slug, status, title = "unauthenticated", 401, "The API key is missing, unknown or revoked"
    next = "Send the key as 'Authorization: Bearer <key>'; ask the campaign office for a new one if it was revoked."
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class LogUnavailable(Problem):
    slug, status, title = (
        "log-unavailable",
        503,
        "The log did not acknowledge the events; whether they were stored is not known",
    )
    next = "Send the same events again, with the same ids, after the seconds in Retry-After; an event that was stored counts once."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class TooMuchAtOnce(Problem):
    """Of one key; the others are served meanwhile."""

    slug, status, title = "too-much-at-once", 429, "This key sends more than its share"
    next = "Send the same events again, with the same ids, after the seconds in Retry-After; nothing of this request was stored."

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(retry_after_s)}  # type: ignore[misc]  # differs by how far the key is over


class NotReady(Problem):
    slug, status, title = "not-ready", 503, "The service is starting, or has lost what it depends on"
    next = "Try again after the seconds in Retry-After; nothing was stored."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class InternalFault(Problem):
    slug, status, title = "internal-fault", 500, "The service failed in a way that nobody foresaw"
    next = "Send the same events again, with the same ids; give the instance to the operator, whose log has the cause."


class NotFound(Problem):
    slug, status, title = "not-found", 404, "There is no such thing"
    next = "Check the address; GET /v1/blocks lists the blocks."


class MethodNotAllowed(Problem):
    slug, status, title = "method-not-allowed", 405, "The address does not know this method"
    next = "Use one of the methods in the Allow header."


class BadParameter(Problem):
    slug, status, title = "bad-parameter", 400, "A parameter has a wrong form"
    next = "Correct the parameter that the detail names."


# --- one event --------------------------------------------------------------------------------------------------------------


class EventProblem(Problem):
    """Something wrong with one event; the others of its batch are not touched."""

    slug, status, title = "bad-event", 422, "The event has not the form of its type"
    next = "Correct the field that the pointer names and send the event again."


class MalformedJson(EventProblem):
    """Of one event, or of a request as a whole."""

    slug, status, title = "malformed-json", 400, "The body is not JSON"
    next = "Send one CloudEvent as a JSON object, or a batch as a JSON array, in UTF-8."


class EventTooLarge(EventProblem):
    slug, status, title = "event-too-large", 413, "The event is larger than 64 KB"
    next = "Leave large evidence out; give its address in evidence[] instead."


class UnknownEventType(EventProblem):
    slug, title = "unknown-event-type", "The event's type is not known"
    next = "Use one of the types that GET /v1/limits lists."


class TypeNotAllowed(EventProblem):
    slug, status, title = "type-not-allowed", 403, "This key may not send events of this type"
    next = "Use a key whose role may send it; the campaign office issues them."


class SourceOutsidePrefix(EventProblem):
    slug, status, title = "source-outside-prefix", 403, "The source does not begin with this key's prefix"
    next = (
        "Let source be the prefix that GET /v1/limits shows for this key, or that prefix, a slash and more."
    )


class UnitNotYours(EventProblem):
    slug, status, title = "unit-not-yours", 403, "This key may not report for this unit"
    next = "Use the unit's own key, or a department's key that holds the unit."


class OriginNotAllowed(EventProblem):
    slug, status, title = "origin-not-allowed", 403, "The indicator is not reported by holders of such a key"
    next = "Leave the figure to the origins that the published pack names for the indicator."


class UnknownUnit(EventProblem):
    slug, title = "unknown-unit", "The campaign has no such unit at that time"
    next = "Check the subject against the published pack; a dissolved unit's reports go to its successor."


class DissolvedUnit(UnknownUnit):
    slug, title = "dissolved-unit", "The unit has gone over into others"
    next = "Report for its successors; for periods before the change the unit itself still reports."


class NotCarriedHere(EventProblem):
    slug, status, title = "carried-report", 403, "Reports are carried over by lineage alone"
    next = "Leave data.carried out and report for the unit itself; what is to be carried over is carried by itself."


class UnknownIndicator(EventProblem):
    slug, title = "unknown-indicator", "The campaign has no such indicator"
    next = "Check data.indicator against the published pack."


class BadReportPeriod(EventProblem):
    slug, title = "bad-period", "The period has a wrong form, or is not one that this event can be about"
    next = "Use the indicator's cadence, such as 2025-06 for a monthly one."


class BadMeasure(EventProblem):
    slug, title = "bad-measure", "The figure is not of the indicator's kind"
    next = "Send exactly one of value, numerator with denominator, or passed, as the indicator measures."


class ClockAhead(EventProblem):
    slug, title = "clock-ahead", "The event's time lies more than 10 minutes in the future"
    next = "Set the clock of the sending system (NTP), and send the event again with the right time."


class UnknownCampaign(EventProblem):
    slug, title = "unknown-campaign", "The key's campaign has no published pack"
    next = "Publish the campaign's pack: thidua pack publish campaigns/<name>."


class UnknownBlock(EventProblem):
    slug, title = "unknown-block", "The campaign has no such block"
    next = "Check the subject against the published pack's blocks."


class UnknownCriterion(EventProblem):
    slug, title = "unknown-criterion", "The unit's scheme has no such extra or group"
    next = "Name an extra, or a group that is adjustable, of the scheme of the unit's block; the published pack has them."


class AdjustmentNotAllowed(EventProblem):
    slug, title = "adjustment-not-allowed", "The pack does not allow such an adjustment"
    next = "Stay within the extra's weight or the group's adjustable points; more is a change of the pack."


class PeriodNotEnded(EventProblem):
    slug, title = "period-not-ended", "The period has not ended yet"
    next = "Close a period after its last day; until then everything that comes for it is in time."


# --- what only the log can tell: slugs and advice of events that the fold refuses ----------------------------------------------


class UnknownFlag(EventProblem):
    slug, title = "unknown-flag", "No such flag stands in the block"
    next = "It may have ended before this came; name a flag that the api lists."


class UnitHeld(EventProblem):
    slug, title = "unit-held", "The unit is under inspection or discipline"
    next = "Release the unit first, or dismiss the flag."


class UnknownEvaluation(EventProblem):
    slug, title = "unknown-evaluation", "The block has no such evaluation"
    next = "Publish an evaluation that the api lists for this block."


class EditionFrozen(EventProblem):
    slug, title = "edition-frozen", "The period has a published edition, which stands"
    next = "Ask for the edition after the published one, as the office and with the reason of the correction."


class CorrectionUnsigned(EventProblem):
    slug, title = "correction-unsigned", "A correction of a published evaluation is not signed"
    next = "Ask for it through the door with the office's key, and say the reason."
