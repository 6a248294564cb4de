"""How long an evaluation takes: a whole one against a bare matrix product and argsort of its size, and many small blocks on two cores.

    python -m bench.evaluation

A block of 69 units, 30 criteria and 1,000 draws is evaluated from the reports in its state. The ceiling is what a program would need that
had nothing to do but multiply (1,000 × 30) by (30 × 69) with numpy, on as many threads as numpy takes, and sort each row. They are timed in
turns, each right after a run of itself that does not count (what another one left in the processor's cache is no cost of its own), and the
best of each counts. The time is that of the processor, in the thread that asks: a busy machine makes any other too long, and what a second
thread does for the product is not held against it. The small blocks are 340 with ten units, from state to the bytes that are published.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from services.contracts.event_data import Place, ReportData
from services.contracts.events import Report
from services.contracts.ids import BlockId, PackHash, UnitId
from services.contracts.pack.model import Pack
from services.contracts.periods import parse_period
from services.scoring.engine import BlockState, Plan, apply, evaluate, plan_of
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.results.report import certainties
from services.scoring.engine.uncertainty.draws import draw_ranks
from services.scoring.engine.uncertainty.latent import latent_scores
from services.scoring.engine.uncertainty.observed import Observed

UNITS: Final = 69
CRITERIA: Final = 30
DRAWS: Final = 1000
TURNS: Final = 80
MOST_TIMES: Final = 3.0
"""A whole evaluation of values, draws and all, against the product and argsort."""

BLOCKS: Final = 340
SMALL_UNITS: Final = 10
SMALL_CRITERIA: Final = 10
SMALL_DRAWS: Final = 500
CORES: Final = 2
WITHIN_S: Final = 5.0

BLOCK: Final = BlockId("bench/b")
PERIOD: Final = parse_period("2025-01")
AS_OF: Final = datetime(2025, 2, 10, tzinfo=UTC)
_TEXT: Final = {"vi": "Đo", "en": "bench"}


class EvaluationTimes(NamedTuple):
    """Milliseconds, the best of all turns: the bare product and argsort, the draws, and the whole evaluation."""

    bare: float
    draws: float
    whole: float


class Case(NamedTuple):
    """A block with all figures reported."""

    state: BlockState
    plan: Plan

    def evaluate(self, seed: int | None = 1) -> Assessment:
        return evaluate(self.state.series, self.plan, PERIOD, AS_OF, seed=seed, live=False)


def case(units: int, criteria: int, draws: int, *, ratios: bool) -> Case:
    """A tree of groups of five; figures are values, or ratios of counts."""
    names = [f"i{number}" for number in range(criteria)]
    random = np.random.default_rng(1)
    state = BlockState.new(BLOCK)
    for unit in range(units):
        for name in names:
            trials = int(random.integers(20, 900))
            passed, value = float(random.binomial(trials, 0.8)), float(random.random())
            data = ReportData(indicator=name, period=PERIOD.text, value=value)
            if ratios:
                data = ReportData(
                    indicator=name, period=PERIOD.text, numerator=passed, denominator=float(trials)
                )
            apply(state, _report(f"u{unit}", data), Place(0, 0, 0), lambda _: None)
    version = PackHash(f"{units}-{criteria}-{draws}-{ratios}")
    plan = plan_of(version, {version: _pack(names, units, draws, ratios=ratios)}.get, BLOCK)
    return Case(state, plan)


def measure(*, ratios: bool) -> EvaluationTimes:
    """One block, `TURNS` turns."""
    one = case(UNITS, CRITERIA, DRAWS, ratios=ratios)
    made = one.evaluate()
    observed = Observed(made.plan, made.units, made.cells, made.scores, made.nodes[-1], made.ranked, {})
    weights = np.random.default_rng(2).random((DRAWS, CRITERIA))

    def bare() -> Any:
        return np.argsort(weights @ made.scores.T, axis=-1)

    def draws() -> Any:
        return draw_ranks(observed, latent_scores(observed, 1), made.ranks, 1)

    works = (bare, draws, one.evaluate)
    turns = [[_milliseconds_again(work) for work in works] for _ in range(TURNS)]
    return EvaluationTimes(*(min(of_work) for of_work in zip(*turns, strict=True)))


def measure_small(*, ratios: bool) -> float:
    """Seconds for all small blocks, in as many processes as there are to be cores; starting them does not count."""
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(partial(_small_blocks, ratios=ratios), [1] * CORES))
        started = time.perf_counter()
        list(pool.map(partial(_small_blocks, ratios=ratios), [BLOCKS // CORES] * CORES))
        return time.perf_counter() - started


def _small_blocks(count: int, *, ratios: bool) -> int:
    """Evaluates one block again and again, and rounds what is to be published."""
    one = case(SMALL_UNITS, SMALL_CRITERIA, SMALL_DRAWS, ratios=ratios)
    return sum(len(certainties(one.evaluate(seed))) for seed in range(count))


def _milliseconds_again(work: Callable[[], Any]) -> float:
    """Of a second run, right after the first."""
    work()
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1000.0


def _report(unit: str, data: ReportData) -> Report:
    now = datetime(2025, 2, 1, tzinfo=UTC)
    return Report(
        specversion="1.0",
        id=f"{unit}-{data.indicator}",
        source="/bench",
        time=now,
        subject=UnitId(unit),
        receivedtime=now,
        origin="self",
        data=data,
    )


def _pack(names: list[str], units: int, draws: int, *, ratios: bool) -> Pack:
    method = {"method": "goalposts", "low": 0.0, "high": 1.0}
    members = [{"criterion": name, "indicator": name, "weight": 1.0, "scoring": method} for name in names]
    groups = [
        {"group": f"g{first}", "title": _TEXT, "members": members[first : first + 5]}
        for first in range(0, len(names), 5)
    ]
    common = {"title": _TEXT, "unit_of_measure": "x", "cadence": "month"}
    return Pack.model_validate(
        {
            "campaign": {"id": "bench", "title": _TEXT, "span": "2021/2025", "live_cadence": "month"},
            "blocks": [{"id": "b", "title": _TEXT, "scheme": "s"}],
            "schemes": [
                {
                    "id": "s",
                    "title": _TEXT,
                    "uncertainty": {"draws": draws},
                    "root": {"group": "all", "title": _TEXT, "members": groups},
                }
            ],
            "indicators": [
                common | {"id": name, "measure": "ratio" if ratios else "value"} for name in names
            ],
            "units": [
                {"id": f"u{number}", "name": f"Unit {number}", "kind": "unit", "block": "b"}
                for number in range(units)
            ],
        }
    )


def main() -> int:
    """1 when a bar is missed."""
    missed = False
    for ratios in (False, True):
        times, kind = measure(ratios=ratios), "ratios of counts" if ratios else "values"
        print(
            f"{UNITS} units x {CRITERIA} {kind} x {DRAWS:,} draws: product and argsort {times.bare:.2f} ms   "
            f"draws {times.draws:.2f} ms, {times.draws / times.bare:.1f} times   "
            f"whole evaluation {times.whole:.2f} ms, {times.whole / times.bare:.1f} times{'' if ratios else f' (at most {MOST_TIMES:g})'}"
        )
        missed |= not ratios and times.whole > MOST_TIMES * times.bare
        seconds = measure_small(ratios=ratios)
        print(
            f"{BLOCKS} blocks x {SMALL_UNITS} units x {SMALL_CRITERIA} {kind}, {CORES} cores: {seconds:.2f} s (at most {WITHIN_S:g})"
        )
        missed |= seconds > WITHIN_S
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
