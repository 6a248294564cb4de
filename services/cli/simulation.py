"""Invented figures: a pure function of the plan, the unit, the indicator and the time, so that nothing needs to be remembered."""

import math
from datetime import datetime
from typing import Final

from services.cli.feed_plan import FeedPlan, Movement
from services.cli.strengths import Lots, Strengths
from services.contracts.event_data import ReportData
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Pack, Unit
from services.contracts.periods import Cadence, Period, parse_period

_MONTHLY_NOISE: Final = 0.06
"""Month to month; the middle of a block lies within 0.2, so that places change there and not at its ends."""

_LIVE_SWING: Final = 0.10
_LIVE_PERIODS_S: Final = (420.0, 1_130.0)
"""A room that watches for a few minutes sees places change."""

_FIRST_ERROR: Final = 0.15
"""How far off a figure is, in strength, that is corrected later."""

_DAYS_A_YEAR: Final = 365.25


class Simulation:
    """The figures of one simulated campaign."""

    def __init__(self, pack: Pack, plan: FeedPlan) -> None:
        self._pack = pack
        self._plan = plan
        self._lots = Lots(plan.seed)
        self._strengths = Strengths(pack, plan, self._lots)
        self._last = parse_period(pack.campaign.span).last

    def cells(self, period: Period) -> list[tuple[Unit, Indicator]]:
        """All that is reported for the period: every unit that is there at its end and not silent, on each indicator of its block."""
        asked = {block.id: self._asked_of(block.id, period) for block in self._pack.blocks}
        return [
            (unit, indicator)
            for unit in self._pack.units
            if unit.holds(period.last) and not self._is_silent(unit, period)
            for indicator in asked[unit.block]
        ]

    def _asked_of(self, block: str, period: Period) -> list[Indicator]:
        """The indicators of the block that are reported for a period of that cadence, by their definition at its end."""
        of_block = [name for name, movement in self._plan.indicators.items() if movement.is_of(block)]
        found = [self._pack.indicator_on(name, period.last) for name in of_block]
        return [one for one in found if one is not None and one.cadence == period.cadence]

    def spanning(self, cadence: Cadence) -> list[str]:
        """Indicators of that cadence that are reported for the whole span."""
        return [
            name
            for name, movement in self._plan.indicators.items()
            if movement.whole_span and self._pack.indicator_by_id[name].cadence == cadence
        ]

    def is_late(self, unit: Unit, indicator: Indicator, period: Period) -> bool:
        """Whether the report comes a month after the others."""
        return self._lots.happens(self._plan.late, unit.id, indicator.id, period.text, "late")

    def is_corrected(self, unit: Unit, indicator: Indicator, period: Period) -> bool:
        """Whether the first figure was wrong, and another comes a month later."""
        return self._lots.happens(self._plan.corrected, unit.id, indicator.id, period.text, "corrected")

    def final(self, unit: Unit, indicator: Indicator, period: Period) -> ReportData:
        """The right figure of a finished period; a correction, where the first was wrong."""
        revision = int(self.is_corrected(unit, indicator, period))
        return self._report(unit, indicator, period, self._strength(unit, indicator, period), revision)

    def first(self, unit: Unit, indicator: Indicator, period: Period) -> ReportData:
        """What comes first for a finished period."""
        strength = self._strength(unit, indicator, period)
        if self.is_corrected(unit, indicator, period):
            strength += _FIRST_ERROR * self._lots.draw(unit.id, indicator.id, period.text, "error")
        return self._report(unit, indicator, period, strength, 0)

    def live(
        self, unit: Unit, indicator: Indicator, period: Period, begin: datetime, now: datetime
    ) -> ReportData:
        """The figure so far of a period that began at `begin`. Its revision is the seconds since, so that a later one counts."""
        seconds = (now - begin).total_seconds()
        strength = self._strength(unit, indicator, period) + self._swing(unit, indicator, seconds)
        return self._report(unit, indicator, period, strength, int(seconds))

    def _is_silent(self, unit: Unit, period: Period) -> bool:
        months = (self._last.year - period.last.year) * 12 + self._last.month - period.last.month
        return unit.id in self._strengths.silent and months < self._plan.silent_months

    def _strength(self, unit: Unit, indicator: Indicator, period: Period) -> float:
        movement = self._plan.indicators[indicator.id]
        noise = _MONTHLY_NOISE * self._lots.draw(unit.id, indicator.id, period.text)
        years_to_go = (self._last - period.last).days / _DAYS_A_YEAR
        wave = math.sin(
            2 * math.pi * period.last.month / 12 + math.pi * self._lots.draw(indicator.id, "season")
        )
        return self._strengths.of(unit) + noise - movement.trend * years_to_go + movement.season * wave

    def _swing(self, unit: Unit, indicator: Indicator, seconds: float) -> float:
        phases = (self._lots.draw(unit.id, indicator.id, f"phase {i}") for i in range(len(_LIVE_PERIODS_S)))
        waves = [
            math.sin(2 * math.pi * seconds / length + math.pi * phase)
            for length, phase in zip(_LIVE_PERIODS_S, phases, strict=True)
        ]
        return _LIVE_SWING * sum(waves) / len(waves)

    def _report(
        self, unit: Unit, indicator: Indicator, period: Period, strength: float, revision: int
    ) -> ReportData:
        movement = self._plan.indicators[indicator.id]
        report = ReportData(indicator=indicator.id, period=period.text, revision=revision, simulated=True)
        figure = movement.worst + (movement.best - movement.worst) * min(1.0, max(0.0, strength))
        match indicator.measure:
            case "passed":
                report.passed = strength >= (movement.passes_from or 0.0)
            case "ratio":
                report.denominator = self._denominator(unit, movement)
                report.numerator = float(round(report.denominator * figure))
            case _:
                size = self._strengths.size(unit) if indicator.carried == "sum" else 1.0
                report.value = round(figure * size, movement.decimals)
        return report

    def _denominator(self, unit: Unit, movement: Movement) -> float:
        """Within 30 % of the usual one for a unit of that size, and the unit's own for good."""
        usual = (movement.of or 100) * self._strengths.size(unit)
        return float(max(1, round(usual * (1 + 0.3 * self._lots.draw(unit.id, "size", str(movement.of))))))
