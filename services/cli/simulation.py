"""Invented figures: a pure function of the plan, the unit, the indicator and the time, so that nothing needs to be remembered."""

import hashlib
import math
from datetime import datetime
from typing import Final

from services.cli.feed_plan import FeedPlan, Movement
from services.contracts.events import ReportData
from services.contracts.pack.model import Indicator, Pack, Unit
from services.contracts.periods import Period

_MONTHLY_NOISE: Final = 0.06
"""Month to month; the middle of a block lies within 0.2, so that places change there and not at its ends."""

_LIVE_SWING: Final = 0.10
_LIVE_PERIODS_S: Final = (420.0, 1_130.0)
"""A room that watches for a few minutes sees places change."""


class Simulation:
    """The figures of one simulated campaign."""

    def __init__(self, pack: Pack, plan: FeedPlan) -> None:
        self._pack = pack
        self._plan = plan

    def cells(self, cadence: str) -> list[tuple[Unit, Indicator]]:
        """All that is reported each period of the cadence: every unit on each indicator of its block."""
        return [
            (unit, self._pack.indicator_by_id[name])
            for unit in self._pack.units
            for name, movement in self._plan.indicators.items()
            if movement.block == unit.block and self._pack.indicator_by_id[name].cadence == cadence
        ]

    def final(self, unit: Unit, indicator: Indicator, period: Period) -> ReportData:
        """The figure of a finished period."""
        return self._report(unit, indicator, period, self._strength(unit, indicator, period), 0)

    def live(
        self, unit: Unit, indicator: Indicator, period: Period, begin: datetime, now: datetime
    ) -> ReportData:
        """The figure so far of a period that began at `begin`. Its revision is the seconds since, so that a later one counts."""
        seconds = (now - begin).total_seconds()
        strength = self._strength(unit, indicator, period) + self._swing(unit, indicator, seconds)
        return self._report(unit, indicator, period, strength, int(seconds))

    def _strength(self, unit: Unit, indicator: Indicator, period: Period) -> float:
        noise = _MONTHLY_NOISE * self._noise(unit.id, indicator.id, period.text)
        return self._plan.strengths.get(unit.id, 0.5) + noise

    def _swing(self, unit: Unit, indicator: Indicator, seconds: float) -> float:
        phases = (self._noise(unit.id, indicator.id, f"phase {i}") for i in range(len(_LIVE_PERIODS_S)))
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
                report.value = round(figure, movement.decimals)
        return report

    def _denominator(self, unit: Unit, movement: Movement) -> float:
        """Within 30 % of the usual one, and the unit's own for good."""
        return float(
            max(1, round((movement.of or 100) * (1 + 0.3 * self._noise(unit.id, "size", str(movement.of)))))
        )

    def _noise(self, *names: str) -> float:
        """Even over -1..1, the same for the same names."""
        digest = hashlib.sha256("\0".join((str(self._plan.seed), *names)).encode()).digest()
        return int.from_bytes(digest[:7], "big") / 2**55 - 1
