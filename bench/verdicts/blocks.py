"""Blocks with a known truth: units with latent rates, and the counts that they happen to report.

A unit's latent rates lie about the block's, its counts are binomial about its own rates, and its size, which is what luck depends on, ranges
over a factor of fifty. Its latent score is what the pack's rules make of its latent rates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from services.contracts.ids import PackHash, block_id
from services.contracts.pack.model import Pack
from services.scoring.engine import Plan, plan_of
from services.scoring.engine.figures.cell import Cell
from services.scoring.engine.figures.cell_arrays import Cells
from services.scoring.engine.log.state import Figure
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.scores import scores_of
from services.scoring.engine.uncertainty.observed import Observed

Floats = npt.NDArray[np.float64]

Scoring = dict[str, Any]
"""A method as a pack writes it."""
SHARE_OF_ALL: Final[Scoring] = {"method": "goalposts", "low": 0.0, "high": 1.0}

Pattern = Literal["common", "separate"]
"""`common`: a unit that is good at one thing is good at all; `separate`: it may be good at one and bad at another."""

CRITERIA: Final = 6
_CENTRES: Final = np.linspace(0.55, 0.85, CRITERIA)
"""The block's rate on each criterion."""
_TRIALS: Final = 90.0
"""Of a unit of middling size on one criterion; sizes are log-normal about it."""
_SIZES: Final = 0.9
_FEWEST: Final = 5
_EDGE: Final = 0.02
"""No latent rate is nearer to 0 or 1."""

_TEXT: Final = {"vi": "MÔ PHỎNG", "en": "simulated"}
_DAY: Final = datetime(2025, 1, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Design:
    """What blocks are simulated. `spread` is the standard deviation of the latent scores between units, in points of 100."""

    units: int
    spread: float
    pattern: Pattern
    draws: int = 400


@dataclass(frozen=True)
class Block:
    """A simulated block. All (units,) or (units, criteria); scores in points of 100."""

    observed: Observed
    rates: Floats
    """True latent rates."""
    trials: Floats
    latent: Floats
    """True latent scores."""
    noise: Floats
    """True standard deviation of the observed score about the latent one."""


def plan_for(design: Design, scoring: Scoring = SHARE_OF_ALL) -> Plan:
    """A scheme of six criteria in two groups, each scored as its share of 100 % unless told otherwise."""
    names = [f"c{number}" for number in range(CRITERIA)]
    halves = [names[: CRITERIA // 2], names[CRITERIA // 2 :]]
    pack = Pack.model_validate(
        {
            "campaign": {
                "id": "verdicts",
                "title": _TEXT,
                "span": "2021/2025",
                "live_cadence": "month",
                "simulated": True,
            },
            "blocks": [{"id": "b", "title": _TEXT, "scheme": "s"}],
            "schemes": [
                {
                    "id": "s",
                    "title": _TEXT,
                    "uncertainty": {"draws": design.draws, "weights": 0.0},
                    "root": {
                        "group": "all",
                        "title": _TEXT,
                        "members": [_group(half, scoring) for half in halves],
                    },
                }
            ],
            "indicators": [
                {"id": name, "title": _TEXT, "unit_of_measure": "%", "measure": "ratio", "cadence": "month"}
                for name in names
            ],
            "units": [
                {"id": f"u{number}", "name": f"Unit {number}", "kind": "unit", "block": "b"}
                for number in range(design.units)
            ],
        }
    )
    version = PackHash(f"{design.units}-{design.draws}-{scoring['method']}")
    return plan_of(version, {version: pack}.get, block_id("verdicts", "b"))


def blocks(design: Design, count: int, seed: int) -> Iterator[Block]:
    """`count` blocks of that design, always the same for a seed."""
    random = np.random.default_rng([seed, design.units, round(10 * design.spread)])
    plan = plan_for(design)
    for _ in range(count):
        rates = latent_rates(design, random)
        yield block_of(plan, rates, trials_of(design.units, random), random)


def latent_rates(design: Design, random: np.random.Generator) -> Floats:
    """(units, criteria) rates whose mean over the criteria varies by `spread` between units."""
    share = design.spread / 100.0
    if design.pattern == "common":
        off = share * random.normal(size=(design.units, 1))
    else:
        off = share * np.sqrt(CRITERIA) * random.normal(size=(design.units, CRITERIA))
    return np.clip(_CENTRES + off, _EDGE, 1.0 - _EDGE)


def trials_of(units: int, random: np.random.Generator, middling: float = _TRIALS) -> Floats:
    """(units, criteria) denominators: a unit's own size, and a factor of two either way for each criterion."""
    sizes = middling * np.exp(_SIZES * random.normal(size=(units, 1)))
    return np.maximum(np.round(sizes * 2.0 ** random.uniform(-1, 1, size=(units, CRITERIA))), _FEWEST)


def block_of(plan: Plan, rates: Floats, trials: Floats, random: np.random.Generator) -> Block:
    """The block as its units would report it."""
    successes = random.binomial(trials.astype(np.int64), rates).astype(np.float64)
    units, cells = plan.rows[: len(rates)], Cells.of(_cells(successes, trials), CRITERIA)
    scores = scores_of(plan, units, cells.arrays())
    root = aggregate(plan, list(scores.T))[-1]
    observed = Observed(plan, units, cells, scores, root, np.arange(len(units)), {})
    weights = np.array(plan.weights)
    return Block(
        observed,
        rates,
        trials,
        100.0 * aggregate(plan, list(rates.T))[-1],
        100.0 * np.sqrt((weights * weights * rates * (1.0 - rates) / trials).sum(axis=1)),
    )


def _cells(successes: Floats, trials: Floats) -> list[list[Cell]]:
    return [
        [_cell(float(x), float(n)) for x, n in zip(of_unit, its_trials, strict=True)]
        for of_unit, its_trials in zip(successes, trials, strict=True)
    ]


def _cell(successes: float, trials: float) -> Cell:
    figure = Figure(0, _DAY, "/bench", "one", "ratio", successes, trials, True)
    return Cell("reported", successes / trials, "2025-01", "self", (figure,))


def _group(names: list[str], scoring: Scoring) -> dict[str, Any]:
    members = [{"criterion": name, "indicator": name, "weight": 1.0, "scoring": scoring} for name in names]
    return {"group": f"of-{names[0]}", "title": _TEXT, "members": members}
