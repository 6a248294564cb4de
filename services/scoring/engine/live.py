"""The live ranking: the block as it stands now, of the live period that holds the log's clock."""

from typing import NamedTuple

from services.contracts.event_data import Place
from services.contracts.ids import PackHash, UnitId
from services.contracts.results import Ranking
from services.scoring.engine.evaluation import evaluate
from services.scoring.engine.log.activation import live_plan
from services.scoring.engine.log.state import BlockState
from services.scoring.engine.numbers.random_numbers import seed_of
from services.scoring.engine.results.geography import on_todays_units
from services.scoring.engine.results.marks import marked
from services.scoring.engine.results.movement import baseline_result, changes, comparison_of, standings_of
from services.scoring.engine.results.report import Certainty, certainties, path_results, unit_results
from services.scoring.engine.scoring.plan import PackSource
from services.scoring.engine.version import ENGINE_VERSION


class LiveIntervals(NamedTuple):
    """Intervals drawn earlier: where the log stood then, by which pack, of which period. Give them back to save the draws."""

    at: Place
    pack: PackHash
    period: str
    by_unit: dict[UnitId, Certainty]


def rank_live(
    state: BlockState, packs: PackSource, intervals: LiveIntervals | None
) -> tuple[Ranking, LiveIntervals] | None:
    """The ranking now, with the intervals given, or drawn anew where there are none or they are of another pack or period.

    Null while no pack is active or the block has no unit. Changes nothing. Raises `PackMissing`.
    """
    found = live_plan(state, packs)
    if found is None or state.last is None or state.clock is None:
        return None
    plan, period = found
    if not plan.units_on(period.last):
        return None
    fits = intervals is not None and (intervals.pack, intervals.period) == (plan.hash, period.text)
    seed = None if fits else seed_of(plan.scheme.uncertainty.seed, state.block)
    assessment = evaluate(
        state.series, plan, period, state.clock, seed=seed, live=True, adjustments=state.adjustments
    )
    if not fits or intervals is None:
        intervals = LiveIntervals(state.last, plan.hash, period.text, certainties(assessment))
    comparison = on_todays_units(comparison_of(state.history, assessment), state, assessment, state.clock)
    moves = changes(comparison, standings_of(assessment), plan.scheme.decimals)
    units = marked(unit_results(assessment, moves, intervals.by_unit), assessment, state.holds)
    ranking = Ranking(
        block=state.block,
        period=period.text,
        pack=plan.hash,
        engine=ENGINE_VERSION,
        as_of=state.clock,
        cause=state.last,
        events=state.events,
        chain=state.chain.hex(),
        baseline=baseline_result(comparison),
        intervals_at=intervals.at,
        units=units,
        simulated=any(unit.simulated for unit in units),
        paths=path_results(assessment),
    )
    return ranking, intervals
