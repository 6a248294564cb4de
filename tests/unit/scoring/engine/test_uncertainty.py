"""What the draws say: of weights, of luck, of what was put in, and of the choice of normalisation."""

from typing import Any

import msgspec
import numpy as np
import pytest

from services.contracts.periods import parse_period
from services.contracts.results import UnitResult
from services.scoring.engine import Assessment, evaluate, plan_of
from tests.unit.scoring.engine.events import Log, at, criterion, group, indicator, pack, report

Rows = dict[str, dict[str, Any]]


SHARE = {"method": "target_ratio", "target": 1.0}


def shares(rows: dict[str, tuple[int, int]], **uncertainty: Any) -> Log:
    """A block whose units reported one ratio each."""
    made = pack(
        units=rows,
        indicators=[indicator("i", measure="ratio")],
        root=group("all", criterion("i", {"method": "goalposts", "low": 0.0, "high": 1.0})),
        uncertainty={"draws": 400, "weights": 0.0} | uncertainty,
    )
    log = Log(made).activate()
    for unit, (of, all) in rows.items():
        log.add(report(unit, "i", "2025-01", numerator=of, denominator=all, id=unit))
    return log


def assessed(log: Log, seed: int = 1) -> Assessment:
    plan = plan_of(log.hashes[0], log.packs, log.state.block)
    return evaluate(log.state.series, plan, parse_period("2025-01"), at("2025-02-10"), seed=seed, live=False)


def published(log: Log) -> dict[str, UnitResult]:
    result = log.evaluate("2025-01", "2025-02-10").evaluation
    assert result is not None
    return {unit.unit: unit for unit in result.units}


MIXED = {
    "small-high": (10, 10),
    "large-high": (930, 1000),
    "large-low": (700, 1000),
    "small-low": (5, 10),
    "middle": (80, 100),
    "other": (160, 200),
    "more": (400, 500),
    "last": (41, 50),
}


def test_a_small_unit_is_drawn_towards_its_block_and_a_large_one_is_not() -> None:
    latent = assessed(shares(MIXED)).latent
    assert latent is not None
    at_unit = dict(zip(MIXED, range(len(MIXED)), strict=True))
    moved = latent.shrunk - latent.raw
    assert moved[at_unit["small-high"]] < -5.0
    assert moved[at_unit["small-low"]] > 5.0
    assert abs(moved[at_unit["large-high"]]) < 1.0
    assert latent.noise[at_unit["small-low"]] > 5 * latent.noise[at_unit["large-low"]]


def test_a_latent_interval_holds_the_shrunk_score_and_the_draws_agree_with_the_moments() -> None:
    latent = assessed(shares(MIXED, draws=5000)).latent
    assert latent is not None
    assert ((latent.low < latent.shrunk) & (latent.shrunk < latent.high)).all()
    assert latent.draws.mean(axis=0) == pytest.approx(latent.shrunk, abs=0.2)
    assert latent.draws.std(axis=0) == pytest.approx(latent.sd, rel=0.05)


def test_a_small_unit_that_leads_by_luck_is_not_sure_to_lead() -> None:
    units = published(shares(MIXED))
    lucky = units["small-high"]
    assert lucky.rank == 1 and lucky.p_top is not None and lucky.p_top < 0.65
    assert lucky.interval is not None and lucky.interval[1] >= 5
    assert units["large-low"].interval == (7, 8)


def test_the_probabilities_of_the_first_place_add_up_to_one() -> None:
    """Eight units and a share of 0.2 make one place; a tie for it counts for nobody."""
    units = published(shares(MIXED))
    assert 0.98 <= sum(unit.p_top or 0.0 for unit in units.values()) <= 1.0


def test_a_share_of_money_and_what_the_pack_calls_exact_have_no_luck() -> None:
    money = {unit: (of + 0.5, all) for unit, (of, all) in MIXED.items() if of < all}
    for log in (shares(money), shares(MIXED, exact=["i"]), shares(MIXED, sampling=False)):  # type: ignore[arg-type]
        units = published(log)
        for unit in units.values():
            assert unit.score_interval == (unit.score, unit.score)
            assert unit.shrunk == unit.score
            assert unit.interval == (unit.rank, unit.rank)
            assert unit.median_rank == unit.rank


def test_in_a_block_of_three_nothing_is_shrunk_and_luck_still_counts() -> None:
    latent = assessed(shares({"a": (9, 10), "b": (8, 10), "c": (4, 10)})).latent
    assert latent is not None
    assert latent.shrunk == pytest.approx(latent.raw)
    assert (latent.high - latent.low > 20).all()


def test_beside_a_raw_rate_stands_the_shrunk_one_and_beside_other_figures_nothing() -> None:
    units = published(shares(MIXED))
    small, large = units["small-low"], units["large-low"]
    assert isinstance(small.shrunk_rates, list) and isinstance(large.shrunk_rates, list)
    assert (small.criteria[0].actual, large.criteria[0].actual) == (0.5, 0.7)
    assert small.shrunk_rates[0] is not None and 0.55 < small.shrunk_rates[0] < 0.8
    assert large.shrunk_rates[0] == pytest.approx(0.7, abs=0.01)
    assert isinstance(published(imputed())["x"].shrunk_rates, msgspec.UnsetType)


def test_where_all_reached_all_there_is_luck_left() -> None:
    latent = assessed(shares({f"u{n}": (20, 20) for n in range(6)})).latent
    assert latent is not None and (latent.noise > 0).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("all_of_it", [1e9, 1e13, 1e16, 1e18])
def test_all_of_a_great_deal_of_money_has_no_luck_and_takes_none_from_other_ratios(all_of_it: float) -> None:
    """Disbursed in đồng: 100 % of 10**16 is 1 to a double, half a success less or not."""
    rules = pack(
        units=[f"u{number}" for number in range(8)],
        indicators=[indicator("money", measure="ratio"), indicator("i", measure="ratio")],
        root=group("all", criterion("money", SHARE), criterion("i", SHARE)),
    )
    log = Log(rules).activate()
    for number in range(8):
        log.add(
            report(f"u{number}", "money", "2025-01", numerator=all_of_it, denominator=all_of_it),
            report(f"u{number}", "i", "2025-01", numerator=50.0 + 3 * number, denominator=100.0),
        )
    first = log.evaluate("2025-01", "2025-02-10").evaluation.units[0]  # type: ignore[union-attr]
    assert (first.interval, first.score_interval) == ((1, 4), (80.57, 87.31))


def imputed(**uncertainty: Any) -> Log:
    """Unit `x` has no figure for b, which is taken from its peers: three far apart."""
    rows = {"p": (50, 0), "q": (50, 60), "r": (50, 90), "x": (52, None), "far": (49, 50)}
    peers = [{"id": unit, "peers": "other" if unit == "far" else "same"} for unit in rows]
    made = pack(
        units=peers,
        indicators=[indicator("a"), indicator("b")],
        root=group("all", criterion("a"), criterion("b", missing="peer_mean")),
        uncertainty={"draws": 600, "weights": 0.0} | uncertainty,
    )
    log = Log(made).activate()
    for unit, values in rows.items():
        for name, value in zip("ab", values, strict=True):
            if value is not None:
                log.add(report(unit, name, "2025-01", float(value), id=f"{unit}-{name}"))
    return log


def test_what_was_put_in_could_have_been_any_peers_figure() -> None:
    units = published(imputed())
    assert units["x"].score == 51.0
    assert units["x"].score_interval == (26.0, 71.0)
    assert units["x"].interval == (1, 4)
    assert units["p"].score_interval == (25.0, 25.0)
    assert published(imputed(imputation=False))["x"].score_interval == (51.0, 51.0)


def test_each_peer_stands_in_equally_often() -> None:
    latent = assessed(imputed(draws=3000)).latent
    assert latent is not None
    values, counted = np.unique(latent.draws[:, 3], return_counts=True)
    assert values == pytest.approx([26.0, 56.0, 71.0])
    assert counted.min() > 900


def compared(**uncertainty: Any) -> Log:
    """`steady` leads by min_max; by z_score, where one outlier of b counts less, `outlier` does not change but others do."""
    rows = {"outlier": (0, 100), "steady": (60, 30), "third": (100, 0), "fourth": (20, 40), "fifth": (55, 5)}
    made = pack(
        units=rows,
        indicators=[indicator("a"), indicator("b")],
        root=group("all", criterion("a", {"method": "min_max"}), criterion("b", {"method": "min_max"})),
        uncertainty={"draws": 200, "weights": 0.0} | uncertainty,
    )
    log = Log(made).activate()
    for unit, values in rows.items():
        for name, value in zip("ab", values, strict=True):
            log.add(report(unit, name, "2025-01", float(value), id=f"{unit}-{name}"))
    return log


def test_only_where_the_pack_lists_normalisations_do_ranks_depend_on_them() -> None:
    alone = published(compared())
    assert all(unit.interval == (unit.rank, unit.rank) for unit in alone.values())
    both = published(compared(normalisations=[{"method": "min_max"}, {"method": "percentile"}]))
    assert any(unit.interval != (unit.rank, unit.rank) for unit in both.values())
    own = published(compared(normalisations=[{"method": "min_max"}]))
    assert {name: unit.interval for name, unit in own.items()} == {
        name: unit.interval for name, unit in alone.items()
    }
