"""What each type of event says, apart from its envelope: the `data` of the CloudEvents on `campaign.events`."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec

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


WHOLE_RECORD: Final = -1
"""The index of a place that is a whole record and not an event in it."""


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
