"""All that the fold of one block remembers. Plain data: it can be written as a checkpoint and read back (msgspec).

What has to stay bounded does: a figure for each report that could still count, evaluations as their ids, and of the last evaluated
periods only where each unit stood.
"""

from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from sys import intern
from typing import Literal, Self

import msgspec

from services.contracts.event_data import Origin, Place
from services.contracts.events import Fact, Report, Retraction
from services.contracts.flags import Flag, FlagHold, FlagKind
from services.contracts.ids import BlockId, EvaluationId, EventKey, PackHash, UnitId
from services.contracts.periods import Cadence, Period
from services.scoring.engine.log.effect import Effect
from services.scoring.engine.log.facts import Facts

Measure = Literal["value", "ratio", "passed", "facts"]
LateEvent = Report | Fact | Retraction

Part = tuple[str, float]
"""A unit that was merged, split or moved, and the share of it that its successor has."""


class Figure(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """What one report says. Ordered as reports of one cell outrank one another: (revision, time, source, id), then by what they say.

    A value stands as `amount`; a ratio as `amount` / `of`; passed as 1 or 0.
    """

    revision: int
    time: datetime
    source: str
    id: str
    measure: Measure
    amount: float
    of: float
    simulated: bool

    @property
    def event(self) -> EventKey:
        return (self.source, self.id)


class Series(msgspec.Struct, array_like=True):
    """Every figure of one unit on one indicator in one cadence. The outcome does not depend on the order of arrival."""

    periods: list[Period] = []
    """Periods that some origin has a figure for, ascending."""
    counting: dict[Origin, dict[str, Figure]] = {}
    """By origin and period, the figure that outranks the others."""
    superseded: dict[tuple[Origin, str], list[Figure]] = {}
    """The others, ascending: the next best counts again when the one above it is taken back."""
    retracted: dict[str, set[EventKey]] = {}
    """By period, what was taken back, whether it has come or not."""
    facts: Facts | None = None
    """Those of the unit and indicator stand in the series of the cadence `day`."""
    carried: "dict[Part, Series]" = {}
    """What lineage has carried over from earlier units, each apart: how they make up a figure of this one, the pack decides."""

    def put(self, period: Period, origin: Origin, figure: Figure) -> Effect | None:
        """Adds a figure. The same one again, or one that was taken back, changes nothing. No effect: the first of its period, or taken back."""
        text = period.text
        if self.retracted and figure.event in self.retracted.get(text, ()):
            return None
        figures = self.counting.get(origin)
        if figures is None:
            figures = self.counting[origin] = {}
        held = figures.get(text)
        if held is None:
            figures[text] = figure
            self._note(period)
            return None
        if figure > held:
            # as reports that come in their order do; what counted outranks all that it had superseded
            figures[text] = figure
            others = self.superseded.get(key := (origin, text))
            if others is None:
                self.superseded[key] = [held]
            else:
                others.append(held)
            return "correction"
        if figure == held or not self._keep_superseded(origin, text, figure):
            return "repeat"
        return "correction"

    def has(self, period: Period, origin: Origin, figure: Figure) -> bool:
        """Whether `put` would change nothing."""
        if figure.event in self.retracted.get(period.text, ()):
            return True
        others = self.superseded.get((origin, period.text), ())
        return self.counting.get(origin, {}).get(period.text) == figure or figure in others

    def facts_to_write(self) -> Facts:
        """The facts, begun when there are none."""
        if self.facts is None:
            self.facts = Facts()
        return self.facts

    def retract(self, period: Period, event: EventKey) -> Effect:
        """Takes a report back, and remembers that, in case it comes later."""
        retracted = self.retracted.setdefault(period.text, set())
        if event in retracted:
            return "repeat"
        retracted.add(event)
        for origin, figures in self.counting.items():
            self._remove(origin, figures, period.text, event)
        self._forget_if_empty(period)
        return "correction"

    def put_carried(self, part: Part, period: Period, origin: Origin, figure: Figure) -> Effect | None:
        """Adds a figure of the part, which is a series of its own."""
        own = self.carried.setdefault(part, Series())
        effect = own.put(period, origin, figure)
        if period in own.periods:
            self._note(period)
        return effect

    def retract_carried(self, part: Part, period: Period, event: EventKey) -> Effect:
        """Takes a carried report back, and remembers that."""
        effect = self.carried.setdefault(part, Series()).retract(period, event)
        self._forget_if_empty(period)
        return effect

    def _forget_if_empty(self, period: Period) -> None:
        own = any(period.text in figures for figures in self.counting.values())
        if not own and not any(period in part.periods for part in self.carried.values()):
            with suppress(ValueError):
                self.periods.remove(period)

    def _note(self, period: Period) -> None:
        if not self.periods or period > self.periods[-1]:
            self.periods.append(period)
            return
        at = bisect_left(self.periods, period)
        if self.periods[at] != period:
            self.periods.insert(at, period)

    def _keep_superseded(self, origin: Origin, period: str, figure: Figure) -> bool:
        """Whether it was not there before."""
        others = self.superseded.setdefault((origin, period), [])
        at = bisect_left(others, figure)
        if at < len(others) and others[at] == figure:
            return False
        others.insert(at, figure)
        return True

    def _remove(self, origin: Origin, figures: dict[str, Figure], period: str, event: EventKey) -> None:
        others = [f for f in self.superseded.pop((origin, period), ()) if f.event != event]
        held = figures.get(period)
        if held is not None and held.event == event:
            if others:
                figures[period] = others.pop()
            else:
                del figures[period]
        if others:
            self.superseded[(origin, period)] = others


class Activation(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """From `place` on, `pack` decides about periods that end on or after `valid_from`."""

    pack: PackHash
    valid_from: date
    place: Place
    event: EventKey


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where a unit stood. Nulls: not ranked. `level_or_above` and `level_or_below` count ranked units, itself among them."""

    rank: int | None = None
    ticks: int | None = None
    """The score in units of the scheme's last decimal."""
    level_or_above: int = 0
    level_or_below: int = 0
    coverage: float = 1.0


class Evaluated(msgspec.Struct, array_like=True, frozen=True):
    """What movement and flags need of the newest edition of an evaluated period."""

    period: Period
    edition: int
    evaluation: EvaluationId
    pack: PackHash
    ranked: int
    standings: dict[UnitId, Standing]
    rules: str = ""
    """Hash of what decides the block's scores (`contracts.pack.rules`)."""
    levels: dict[FlagKind, dict[UnitId, float]] = {}
    """What flag rules that are not about rank shares count; a unit that has no level in this evaluation is left out."""


class Edition(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Of an official evaluation: its period, its number, and the published evaluation that it corrects."""

    period: str
    number: int
    corrects: EvaluationId | None = None


class Adjusted(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """What one adjustment says: points of the scale for an extra or a group."""

    criterion: str
    points: float
    event: EventKey


SeriesKey = tuple[str, Cadence]
"""An indicator and the cadence of reported periods. Facts stand in the cadence `day`."""

SeriesMap = Mapping[SeriesKey, Mapping[str, Series]]
"""The series of each unit, by what they are of."""


def series_in(series: SeriesMap, unit: str, indicator: str, cadence: Cadence) -> Series | None:
    """The unit's; null where it has reported nothing."""
    return series.get((indicator, cadence), {}).get(unit)


@dataclass(slots=True)
class BlockState:
    """The fold of one block's log up to `last`."""

    block: BlockId
    clock: datetime | None = None
    """"Now": the greatest `receivedtime` so far."""
    chain: bytes = bytes(32)
    """Head of the hash chain over the block's records."""
    events: int = 0
    last: Place | None = None
    series: dict[SeriesKey, dict[str, Series]] = field(default_factory=dict)
    """By indicator and cadence, then by unit: an evaluation asks for one indicator of all units at a time."""
    activations: list[Activation] = field(default_factory=list)
    known_units: set[str] = field(default_factory=set)
    """Units that some activated pack has in this block."""
    known_indicators: set[str] = field(default_factory=set)
    evaluated: dict[EvaluationId, Edition] = field(default_factory=dict)
    history: list[Evaluated] = field(default_factory=list)
    """The newest evaluated periods, ascending."""
    flags: dict[tuple[FlagKind, UnitId], Flag] = field(default_factory=dict)
    """Flags whose streak lasts, each with its newest figures: proposed, replied, confirmed and dismissed ones."""
    acts: set[EventKey] = field(default_factory=set)
    """What the office, the council and units did: a copy of one changes nothing, whatever came after it."""
    closed: list[Period] = field(default_factory=list)
    """Closed periods, ascending."""
    late: dict[EventKey, list[LateEvent]] = field(default_factory=dict)
    """What came for a closed period, until it is opened again; more than one where a sender used an id twice."""
    published: dict[str, EvaluationId] = field(default_factory=dict)
    """By period, the evaluation whose edition was published last."""
    holds: dict[UnitId, FlagHold] = field(default_factory=dict)
    """Units under inspection, complaint or discipline."""
    adjustments: dict[tuple[UnitId, str], list[Adjusted]] = field(default_factory=dict)
    """By unit and period, ascending."""
    silence_seen: datetime | None = None
    """As of when overdue reports were looked for last."""

    @classmethod
    def new(cls, block: BlockId) -> Self:
        """The state before the first record."""
        return cls(block)

    def series_of(self, unit: str, indicator: str, cadence: Cadence) -> Series:
        """The series to write to, begun when there is none."""
        key = (indicator, cadence)
        by_unit = self.series.get(key)
        if by_unit is None:
            by_unit = self.series[key] = {}
        held = by_unit.get(unit)
        if held is None:
            # one text for all of a unit's series is found by its place in memory alone
            held = by_unit[intern(unit)] = Series()
        return held
