"""How strong each unit of a simulated campaign truly is, and how large: drawn by lot where the plan does not say."""

import hashlib
from datetime import timedelta
from typing import Final

from services.cli.feed_plan import FeedPlan, Lot
from services.contracts.pack.model import Pack, Unit
from services.contracts.periods import parse_period

_LEADER: Final = 0.93
_UNDERPERFORMER: Final = 0.07

_BEFORE_A_MERGER: Final = 0.1
_A_DAY: Final = timedelta(days=1)


class Lots:
    """Even draws over -1..1: the same names give the same draw."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed)

    def draw(self, *names: str) -> float:
        digest = hashlib.sha256("\0".join((self._seed, *names)).encode()).digest()
        return int.from_bytes(digest[:7], "big") / 2**55 - 1

    def happens(self, share: float, *names: str) -> bool:
        """Whether something that happens in that share of cases does in this one."""
        return share > 0 and (self.draw(*names) + 1) / 2 < share


class Strengths:
    """Of every unit; a unit that was merged or split is about as strong as what came of it, and as large as its part of it."""

    def __init__(self, pack: Pack, plan: FeedPlan, lots: Lots) -> None:
        self._pack = pack
        self._plan = plan
        self._lots = lots
        self._last = parse_period(pack.campaign.span).last
        self._drawn: dict[str, float] = {}
        self.silent: set[str] = set()
        for block, lot in plan.drawn.items():
            self._draw(block, lot)

    def of(self, unit: Unit) -> float:
        """0..1, or a little beyond."""
        given = self._plan.strengths.get(unit.id, self._drawn.get(unit.id))
        if given is not None:
            return given
        heir = self._heir(unit)
        if heir is not None and heir in self._drawn:
            return self._drawn[heir] + _BEFORE_A_MERGER * self._lots.draw(unit.id, "before")
        return 0.5

    def size(self, unit: Unit) -> float:
        """1 for a unit of today; of one that was merged, its part of what came of it."""
        heir = self._heir(unit)
        if heir is None or unit.valid_to is None:
            return 1.0
        return 1 / len(self._pack.descent.ancestors(heir, unit.valid_to - _A_DAY))

    def _draw(self, block: str, lot: Lot) -> None:
        units = [u for u in self._pack.units if u.block == block and u.holds(self._last)]
        by_lot = sorted(units, key=lambda unit: self._lots.draw(unit.id, "lot"))
        for at, unit in enumerate(by_lot):
            self._drawn[unit.id] = 0.5 + lot.scatter * self._lots.draw(unit.id, "strength")
            if at < lot.leaders:
                self._drawn[unit.id] = _LEADER
            elif at < lot.leaders + lot.underperformers:
                self._drawn[unit.id] = _UNDERPERFORMER
            elif at < lot.leaders + lot.underperformers + lot.silent:
                self.silent.add(unit.id)

    def _heir(self, unit: Unit) -> str | None:
        """What most of the unit went over into in the end; null where it still is itself."""
        if unit.valid_to is None:
            return None
        came = self._pack.descent.descents(unit.id, unit.valid_to - _A_DAY)
        return max(came, key=lambda one: (one.since, one.share, one.unit)).unit if came else None
