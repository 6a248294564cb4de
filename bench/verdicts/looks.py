"""Looks at many simulated blocks at once, month after month: new counts each time, and the levels that the engine's evidence gives them.

The blocks are those of `blocks`, whose scheme is a plain mean, so what `engine.sampling` does for any scheme comes to the closed form of
`noise_of_means`: a test holds one to the other. All arrays are (units, blocks), with the criteria between where there are any.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from bench.verdicts.blocks import CRITERIA, Design, Floats, latent_rates, trials_of
from services.contracts.flags import FlagKind
from services.contracts.ids import EvaluationId, PackHash, UnitId
from services.contracts.pack.flag_rules import EvidenceRule
from services.contracts.periods import parse_period
from services.scoring.engine.flags.evidence import MOST, beyond, level_for
from services.scoring.engine.flags.flag_rules import stayed, verdict_of
from services.scoring.engine.log.state import Evaluated
from services.scoring.engine.uncertainty.shrinkage import moment_fit, shrunk_rates

_UNIT: Final = UnitId("u")
_ROOT6: Final = 6.0**0.5
_NODES: Final = ((3.0 - _ROOT6) ** 0.5, (3.0 + _ROOT6) ** 0.5)
_SHARES: Final = tuple(1.0 / (2.0 * node * node) for node in _NODES)
"""Gauss and Hermite's four, ± each, and the weight of a pair."""


class Looked:
    """Blocks whose units keep their latent rates and their sizes."""

    def __init__(
        self,
        design: Design,
        count: int,
        rule: EvidenceRule,
        random: np.random.Generator,
        own: Floats | None = None,
    ) -> None:
        """`own` are the latent rates (criteria,) of each block's first unit, where it is to stand apart."""
        self._rule, self._random = rule, random
        self._rates = np.stack([latent_rates(design, random) for _ in range(count)], axis=-1)
        if own is not None:
            self._rates[0] = own[:, np.newaxis]
        self._trials = np.stack([trials_of(design.units, random) for _ in range(count)], axis=-1)
        self._levels: dict[FlagKind, list[Floats]] = {"leader": [], "underperformer": []}

    @property
    def sizes(self) -> Floats:
        """(units, blocks) the harmonic mean of each unit's denominators, on which its luck depends."""
        return np.asarray(1.0 / (1.0 / self._trials).mean(axis=1))

    @property
    def looks(self) -> int:
        """How many there were."""
        return len(self._levels["leader"])

    def look(self) -> None:
        """The next evaluation of every block."""
        counts = self._random.binomial(self._trials.astype(np.int64), self._rates).astype(np.float64)
        scores = 100.0 * (counts / self._trials).mean(axis=1)
        found = beyond(scores, 100.0 * noise_of_means(counts, self._trials), self._rule.margin)
        self._levels["leader"].append(found.above)
        self._levels["underperformer"].append(found.below)

    def first_opened(self, kind: FlagKind, unit: int, block: int) -> int | None:
        """The look, counted from 1, at which a flag of the unit opened first."""
        history = self._history(kind, unit, block)
        for looks in range(1, len(history) + 1):
            if verdict_of(self._rule, kind, _UNIT, history[:looks]).opens:
                return looks
        return None

    def openings(self, kind: FlagKind, after: int) -> Floats:
        """(units, blocks) how many flags the looks opened after the first `after`: ends and second openings are as in the engine."""
        opened = np.zeros(self._levels[kind][0].shape)
        for unit, block in self._possible(kind):
            opened[unit, block] = sum(self._opened(kind, self._history(kind, unit, block), after))
        return opened

    def _possible(self, kind: FlagKind) -> list[tuple[int, int]]:
        """Units that had enough evidence at any time: the others opened no flag, and there are many."""
        levels = np.array(self._levels[kind]).clip(-MOST, MOST)
        windows = [levels[max(0, at + 1 - self._rule.n) : at + 1] for at in range(len(levels))]
        most = np.max([window.sum(axis=0) / np.sqrt(len(window)) for window in windows], axis=0)
        return [(int(u), int(b)) for u, b in np.argwhere(most >= level_for(self._rule.enter) - 1e-6)]

    def _history(self, kind: FlagKind, unit: int, block: int) -> list[Evaluated]:
        """What the fold would remember of the unit."""
        return [
            Evaluated(
                parse_period(f"{2021 + at // 12}-{at % 12 + 1:02d}"),
                1,
                EvaluationId(""),
                PackHash(""),
                0,
                {},
                "",
                {kind: {_UNIT: float(levels[unit, block])}},
            )
            for at, levels in enumerate(self._levels[kind])
        ]

    def _opened(self, kind: FlagKind, history: list[Evaluated], after: int) -> Iterator[bool]:
        since: str | None = None
        for looks in range(after + 1, len(history) + 1):
            seen = history[:looks]
            verdict = verdict_of(self._rule, kind, _UNIT, seen)
            opens = since is None and verdict.opens
            if opens:
                since = seen[-1].period.text
            elif since is not None and verdict.ends and stayed(self._rule, since, seen):
                since = None
            yield opens


def noise_of_means(counts: Floats, trials: Floats) -> Floats:
    """(units, blocks) the standard deviation of the sampling error of mean rates, from counts and trials (units, criteria, blocks)."""
    rates = np.empty(counts.shape)
    for criterion in range(CRITERIA):
        for block in range(counts.shape[-1]):
            x, n = counts[:, criterion, block], trials[:, criterion, block]
            rates[:, criterion, block] = shrunk_rates(x, n, moment_fit(x, n))
    deviations = np.sqrt(rates * (1.0 - rates) / trials)
    skewness = (1.0 - 2.0 * rates) / np.sqrt(trials * rates * (1.0 - rates))
    moments = [_about(rates, deviations, skewness, node) for node in _NODES]
    bias = sum(share * mean for share, (mean, _) in zip(_SHARES, moments, strict=True))
    variance = np.zeros(bias.shape)
    for share, (mean, within) in zip(_SHARES, moments, strict=True):
        variance = variance + share * (within + (mean - bias) ** 2)
    return np.asarray(np.sqrt(variance))


def _about(rates: Floats, deviations: Floats, skewness: Floats, node: float) -> tuple[Floats, Floats]:
    """Mean and variance of the mean rate over the two signs of each criterion's step, which are independent."""
    shift = skewness / 6.0 * (node * node - 1.0)
    high = np.clip(rates + (shift + node) * deviations, 0.0, 1.0) - rates
    low = np.clip(rates + (shift - node) * deviations, 0.0, 1.0) - rates
    return (high + low).mean(axis=1) / 2.0, ((high - low) ** 2).sum(axis=1) / (2.0 * CRITERIA) ** 2
