"""Evidence: each unit against the others of its block, with what is known of its luck; opened and ended by several looks together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.flags import Flag
from services.scoring.engine.flags.evidence import against_others, beyond, pooled, probability
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

NOISE = np.full(8, 1.0)
SCORES = np.array([50.0, 50.4, 49.5, 50.9, 49.2, 50.1, 49.8, 50.2])


def test_where_luck_explains_the_differences_no_spread_is_proven() -> None:
    spread, centre, error = against_others(SCORES, NOISE)
    assert spread.tolist() == [0.0] * 8
    assert np.all(np.abs(centre - 50.0) < 0.3)
    assert np.all(np.abs(error - 1.04 / 7) < 1e-12)


def test_a_proven_spread_is_below_what_the_units_show_and_above_nothing() -> None:
    spread, _, _ = against_others(50.0 + 10.0 * (SCORES - 50.0), 0.3 * NOISE)
    assert np.all((spread > 2.0) & (spread < 8.0))


def test_an_outlier_hides_itself_neither_in_its_spread_nor_in_its_centre() -> None:
    scores = SCORES.copy()
    scores[0] = 20.0
    found = beyond(scores, NOISE, 1.0)
    assert found.below[0] == pytest.approx(30.0, abs=4.0)
    assert max(found.above) < 1.5
    assert max(found.below[1:]) < 1.5


def test_two_outliers_do_not_hide_one_another() -> None:
    scores = SCORES.copy()
    scores[:2] = 30.0
    assert np.all(beyond(scores, NOISE, 1.0).below[:2] > 5.0)


def test_the_noisier_of_two_equal_deviations_says_less() -> None:
    scores, noise = SCORES.copy(), NOISE.copy()
    scores[:2], noise[0] = 44.0, 3.0
    below = beyond(scores, noise, 0.0).below
    assert below[0] < below[1] / 2.0


def test_scores_that_are_known_exactly_give_a_level_that_is_a_number() -> None:
    """Of five units two have ratios of counts: for either, the others' figures have next to no luck, and may have no spread."""
    found = beyond(np.array([100.0, 100.0, 100.0, 100.0, 50.0]), np.array([8.3, 0.0, 0.0, 4.4, 0.0]), 1.0)
    assert np.isfinite([found.above, found.below]).all()
    assert found.below[4] > 3.0 > found.below[0]


@settings(max_examples=50)
@given(st.lists(st.floats(-50, 50), min_size=5, max_size=12), st.floats(-100, 100), st.permutations(range(5)))
def test_shifting_mirroring_and_relabelling_units_change_what_they_should(
    scores: list[float], shift: float, order: list[int]
) -> None:
    values = np.array(scores)
    noise = 1.0 + np.arange(len(values)) / len(values)
    found = beyond(values, noise, 1.0)
    moved, turned = beyond(values + shift, noise, 1.0), beyond(-values, noise, 1.0)
    assert np.allclose(moved.below, found.below, atol=1e-6)
    assert np.allclose(turned.above, found.below, atol=1e-6)
    places = np.array([*order, *range(5, len(values))])
    assert np.allclose(beyond(values[places], noise[places], 1.0).above, found.above[places], atol=1e-6)


def test_looks_together_say_more_than_each() -> None:
    assert pooled([2.0, 2.0, 2.0]) == pytest.approx(2.0 * 3**0.5)
    assert probability(0.0) == 0.5
    assert (probability(3.0902), probability(-3.0902)) == (0.999, 0.001)


# --- in the fold --------------------------------------------------------------------------------------------------------------

UNITS = [f"u{number}" for number in range(1, 9)]


class Months:
    """Eight units that handle about half of 400 dossiers a month; evidence with the recommended rule."""

    def __init__(self, **rule: float) -> None:
        root = group("all", criterion("r", {"method": "goalposts", "low": 0.0, "high": 1.0}))
        flags = {"evidence": {"enter": 0.999, "margin": 1.0, "min_stay": 0} | rule}
        made = pack(
            units=UNITS, indicators=[indicator("r", measure="ratio", stale_after=1)], root=root, flags=flags
        )
        self.log = Log(made).activate()
        self._month = 0

    def month(self, **handled: int | None) -> list[Flag]:
        self._month += 1
        period = f"2025-{self._month:02d}"
        for at, unit in enumerate(UNITS):
            count = handled.get(unit, 200 + (at * 7 + self._month * 3) % 11 - 5)
            if count is not None:
                self.log.add(report(unit, "r", period, numerator=float(count), denominator=400.0))
        return list(self.log.evaluate(period, f"2025-{self._month + 1:02d}-10").flags)


def said(flags: list[Flag]) -> list[tuple[str, str, str]]:
    return [(flag.kind, flag.unit, flag.state) for flag in flags]


def test_equal_units_are_not_flagged() -> None:
    months = Months()
    assert [months.month() for _ in range(6)] == [[]] * 6


def test_a_unit_far_below_is_flagged_at_the_second_look_with_its_probability() -> None:
    months = Months()
    assert months.month(u3=140) == []
    (flag,) = months.month(u3=138)
    assert (flag.kind, flag.unit, flag.hits, flag.window) == ("underperformer", "u3", 2, 2)
    assert flag.level is not None
    assert isinstance(flag.level, float)
    assert flag.level > 0.999
    assert flag.rule == "underperformer: margin 1, enter 0.999, leave 0.5, 2 of 3"


def test_one_look_however_far_is_not_enough() -> None:
    months = Months()
    months.month()
    assert months.month(u3=40) == []
    assert months.month() == []


def test_a_flag_ends_when_the_looks_together_speak_against_it() -> None:
    months = Months()
    months.month(u3=270)
    assert said(months.month(u3=270)) == [("leader", "u3", "proposed")]
    states = [said(months.month(u3=190)) for _ in range(3)]
    assert states[0] == [("leader", "u3", "proposed")]
    assert [("leader", "u3", "ended")] in states[1:]


def test_a_minimum_stay_holds_a_flag_that_would_end() -> None:
    months = Months(min_stay=6)
    months.month(u3=270)
    months.month(u3=270)
    states = [said(months.month(u3=190)) for _ in range(6)]
    assert states[:5] == [[("leader", "u3", "proposed")]] * 5
    assert states[5] == [("leader", "u3", "ended")]


def test_the_same_figure_standing_in_again_is_no_second_witness() -> None:
    months = Months()
    months.month(u3=130)
    assert months.month(u3=None) == []
    assert said(months.month(u3=131)) == [("underperformer", "u3", "proposed")]


def test_only_the_kinds_that_the_pack_names_are_flagged() -> None:
    months = Months(kinds=["underperformer"])  # type: ignore[arg-type]
    months.month(u3=270)
    assert months.month(u3=270) == []
