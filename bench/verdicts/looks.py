"""Looks at a simulated block, month after month: new counts each time, and the levels that the engine's evidence gives them."""

from collections.abc import Iterator

import numpy as np

from bench.verdicts.blocks import Design, Floats, block_of, latent_rates, plan_for, trials_of
from services.contracts.ids import EvaluationId, PackHash, UnitId
from services.contracts.pack.flag_rules import EvidenceRule
from services.contracts.periods import parse_period
from services.contracts.results import FlagKind
from services.scoring.engine.evidence import beyond
from services.scoring.engine.flag_rules import stayed, verdict_of
from services.scoring.engine.plan import Plan
from services.scoring.engine.sampling import noise_of
from services.scoring.engine.state import Evaluated


class Looked:
    """One block, whose units keep their latent rates and their sizes."""

    def __init__(
        self, design: Design, rule: EvidenceRule, random: np.random.Generator, own: Floats | None = None
    ) -> None:
        """`own` are the latent rates (criteria,) of the first unit, where it is to stand apart."""
        self._rule, self._random = rule, random
        self._plan: Plan = plan_for(design)
        self._rates = latent_rates(design, random)
        if own is not None:
            self._rates[0] = own
        self._trials = trials_of(design.units, random)
        self.history: list[Evaluated] = []

    @property
    def sizes(self) -> Floats:
        """(units,) the harmonic mean of each unit's denominators, on which its luck depends."""
        return np.asarray(1.0 / (1.0 / self._trials).mean(axis=1))

    def look(self) -> None:
        """The next evaluation, as the fold remembers it."""
        observed = block_of(self._plan, self._rates, self._trials, self._random).observed
        noise = 100.0 * np.sqrt(noise_of(observed).variance)
        found = beyond(100.0 * observed.root, noise, self._rule.margin)
        units = [UnitId(unit.id) for unit in observed.units]
        levels: dict[FlagKind, dict[UnitId, float]] = {
            "leader": dict(zip(units, found.above.tolist(), strict=True)),
            "underperformer": dict(zip(units, found.below.tolist(), strict=True)),
        }
        year, month = divmod(len(self.history), 12)
        period = parse_period(f"{2021 + year}-{month + 1:02d}")
        self.history.append(Evaluated(period, 1, EvaluationId(""), PackHash(""), len(units), {}, "", levels))

    def is_opened(self, kind: FlagKind, unit: int) -> bool:
        """Whether a flag that does not stand yet opens now."""
        return verdict_of(self._rule, kind, UnitId(f"u{unit}"), self.history).opens

    def openings(self, kind: FlagKind, unit: int, after: int) -> int:
        """How many flags the unit's looks opened after the first `after`, ends and second openings as the engine has them."""
        return sum(self._opened(kind, UnitId(f"u{unit}"), after))

    def _opened(self, kind: FlagKind, unit: UnitId, after: int) -> Iterator[bool]:
        since: str | None = None
        for at in range(after + 1, len(self.history) + 1):
            history = self.history[:at]
            verdict = verdict_of(self._rule, kind, unit, history)
            opens = since is None and verdict.opens
            if opens:
                since = history[-1].period.text
            elif since is not None and verdict.ends and stayed(self._rule, since, history):
                since = None
            yield opens
