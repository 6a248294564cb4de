"""What lineage carries over: the events of a unit that was merged, split or moved, as reports of what came of it (DESIGN 5.5).

One event of the old unit gives one event for each successor, a function of that event and the edges alone: it does not matter when, how
often or by whom it is carried. Figures of several old units are added up when the successor is evaluated (`carried_figures`).
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from services.contracts.event_data import Carried, ReportData, RetractionData
from services.contracts.events import Fact, Report, Retraction
from services.contracts.ids import BlockId
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import Descent
from services.contracts.pack.model import Pack
from services.contracts.periods import BadPeriod, parse_period

LINEAGE_SOURCE: Final = "/thidua/lineage"
_MAX_ID: Final = 256


Carriable = Report | Fact | Retraction


class Carry(NamedTuple):
    """An event for the block that holds the successor."""

    block: BlockId
    event: Carriable


def carried_over(event: Carriable, pack: Pack, until: datetime | None) -> Iterator[Carry]:
    """The event for every unit that came of its subject by `until` (aware; null: nothing has yet), at any remove.

    Nothing for an event that was itself carried, of a unit or indicator that the pack does not have, or of a level that it does not carry.
    """
    if not pack.lineage or until is None or event.data.carried is not None or event.subject is None:
        return
    if not pack.descent.ever_changes(event.subject):
        return
    day = _day(event)
    indicator = None if day is None else _indicator(event, day, pack)
    if day is None or indicator is None:
        return
    for descent in pack.descent.descents(event.subject, day):
        block = pack.block_of(descent.unit, descent.since)
        if block is not None and _begin(descent, pack) <= until:
            yield Carry(block, _carried(event, descent, indicator))


def _day(event: Carriable) -> date | None:
    """The day whose unit the event is about; null for what is no period, which the fold refuses."""
    if isinstance(event, Fact):
        return event.data.occurred
    try:
        return parse_period(event.data.period).last
    except BadPeriod:
        return None


def _indicator(event: Carriable, day: date, pack: Pack) -> Indicator | None:
    """The definition of that day; null where it is not carried."""
    if event.data.indicator not in pack.definitions:
        return None
    found = pack.indicator_on(event.data.indicator, day)
    is_carried = found is not None and (found.measure != "value" or found.carried is not None)
    return found if is_carried else None


def _begin(descent: Descent, pack: Pack) -> datetime:
    return datetime.combine(descent.since, time(), ZoneInfo(pack.campaign.zone))


def _carried(event: Carriable, descent: Descent, indicator: Indicator) -> Carriable:
    carried = Carried(unit=str(event.subject), share=descent.share, source=event.source, id=event.id)
    fields = {
        "id": _id(event.source, event.id, descent),
        "source": LINEAGE_SOURCE,
        "subject": descent.unit,
        "traceparent": None,
    }
    if isinstance(event, Report):
        is_level = indicator.carried == "weighted"
        return msgspec.structs.replace(event, data=_figure(event.data, carried, is_level), **fields)
    if isinstance(event, Fact):
        amount = event.data.amount * descent.share
        fact = msgspec.structs.replace(event.data, amount=amount, evidence=[], note=None, carried=carried)
        return msgspec.structs.replace(event, data=fact, **fields)
    data = event.data
    original = _id(data.source, data.id, descent)
    taken_back = RetractionData(
        source=LINEAGE_SOURCE,
        id=original,
        indicator=data.indicator,
        period=data.period,
        reason=data.reason,
        carried=carried,
    )
    return msgspec.structs.replace(event, data=taken_back, **fields)


def _figure(data: ReportData, carried: Carried, is_level: bool) -> ReportData:
    """The share of what adds up; a level and a pass as they are."""
    share = 1.0 if is_level else carried.share
    return ReportData(
        indicator=data.indicator,
        period=data.period,
        value=_times(data.value, share),
        numerator=_times(data.numerator, share),
        denominator=_times(data.denominator, share),
        passed=data.passed,
        revision=data.revision,
        simulated=data.simulated,
        carried=carried,
    )


def _times(figure: float | None, share: float) -> float | None:
    return None if figure is None else figure * share


def _id(source: str, id: str, descent: Descent) -> str:
    """Names the original first, so that carried reports of one time and revision outrank one another as the originals do."""
    text = f"{source} {id} > {descent.unit} x {descent.share:.12g}"
    return text if len(text) <= _MAX_ID else hashlib.sha256(text.encode()).hexdigest()
