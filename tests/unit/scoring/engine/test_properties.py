"""What holds for any reports: order does not matter, better is never worse, names do not matter, nothing of nothing earns nothing."""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.events import AnyEvent
from services.contracts.pack.model import Pack
from services.contracts.results import UnitResult
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.events import (
    Log,
    activation,
    at,
    criterion,
    group,
    indicator,
    pack,
    report,
    retraction,
    tick,
)

UNITS = ("u1", "u2", "u3", "u4")
METHODS: dict[str, dict[str, Any]] = {
    "a": {"method": "goalposts", "low": 10.0, "high": 90.0},
    "b": {"method": "min_max"},
    "c": {"method": "target_ratio", "target": 60.0, "cap": 1.2},
    "d": {"method": "goalposts", "low": 1.0, "high": 100.0, "log": True},
}
ALL_OR_CAPPED: dict[str, dict[str, Any]] = METHODS | {
    "a": {"method": "pass_fail", "threshold": 50.0},
    "c": {"method": "count_points", "each": 0.5},
    "d": {"method": "capped_ratio", "threshold": 0.8},
}
PLANNED: dict[str, dict[str, Any]] = METHODS | {
    "a": {"method": "capped_ratio", "threshold": 90.0},
    "d": {"method": "pass_fail", "threshold": 0.8},
}
PATHS: dict[str, dict[str, Any]] = {
    "a": {"shape": "straight", "base": 0.0, "resets": "year"},
    "c": {"shape": "milestones", "milestones": [{"day": "2025-03-31", "value": 30.0}], "steps": True},
    "d": {"shape": "straight", "base": 0.2},
}
"""Of the planned methods."""

INDICATORS = [
    indicator("a", within="sum"),
    indicator("b", direction="lower"),
    indicator("c", cadence="quarter", stale_after=1),
    indicator("d", measure="ratio"),
]
PERIODS = {"a": "2025-02", "b": "2025-03", "c": "2025-Q1", "d": "2025-03"}


def campaign(methods: dict[str, dict[str, Any]] = METHODS, aggregate: str = "geometric") -> Pack:
    paths = PATHS if methods is PLANNED else {}
    late = criterion("c", methods["c"], missing="exclude", path=paths.get("c"))
    inner = group("inner", criterion("b", methods["b"]), late)
    root = group(
        "all",
        criterion("a", methods["a"], weight=2, path=paths.get("a")),
        inner,
        criterion("d", methods["d"], path=paths.get("d")),
        aggregate=aggregate,
    )
    return pack(units=UNITS, indicators=INDICATORS, root=root, campaign={"live_cadence": "quarter"})


CAMPAIGN = campaign()
SETTINGS = settings(max_examples=60, deadline=None)


@st.composite
def reports(draw: st.DrawFn) -> list[AnyEvent]:
    """Reports of a few cells, some superseding others, some taken back."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from("abcd"))
        amount = float(draw(st.integers(0, 100)))
        figure: dict[str, Any] = (
            {"numerator": amount, "denominator": 100.0} if name == "d" else {"value": amount}
        )
        one = report(
            draw(st.sampled_from(UNITS)),
            name,
            PERIODS[name],
            id=f"r{number}",
            time=at(f"2025-03-{draw(st.integers(1, 3)):02d}"),
            origin=draw(st.sampled_from(["self", "department"])),
            revision=draw(st.integers(0, 2)),
            **figure,
        )
        events.append(one)
        if draw(st.booleans()) and draw(st.booleans()):
            events.append(retraction(one))
    return events


def rows(events: Sequence[AnyEvent], campaign: Pack = CAMPAIGN) -> tuple[list[UnitResult], list[UnitResult]]:
    """The official and the live rows after these events."""
    log = Log(campaign)
    log.add(*events, *([] if log.state.activations else [activation(log.hashes[0])]), tick("2025-04-20"))
    evaluation = log.evaluate("2025-Q1", "2025-04-20").evaluation
    live = rank_live(log.state, log.packs, None)
    assert evaluation is not None and live is not None
    return evaluation.units, live[0].units


@SETTINGS
@given(reports(), st.randoms(use_true_random=False))
def test_neither_order_nor_duplicates_of_reports_and_activation_change_a_ranking(
    events: list[AnyEvent], random: Any
) -> None:
    shuffled = [*events, *random.choices(events, k=3), activation(Log(CAMPAIGN).hashes[0])]
    random.shuffle(shuffled)
    assert rows(shuffled) == rows(events)


@SETTINGS
@given(
    reports(),
    st.sampled_from(UNITS),
    st.sampled_from("acd"),
    st.integers(0, 100),
    st.integers(0, 100),
    st.sampled_from([METHODS, ALL_OR_CAPPED, PLANNED]),
)
def test_a_better_figure_never_lowers_the_units_rank(
    events: list[AnyEvent], unit: str, name: str, one: int, other: int, methods: dict[str, dict[str, Any]]
) -> None:
    worse, better = sorted((float(one), float(other)))
    rules = campaign(methods, "geometric" if methods is METHODS else "arithmetic")

    def rank_with(amount: float) -> int:
        figure: dict[str, Any] = (
            {"numerator": amount, "denominator": 100.0} if name == "d" else {"value": amount}
        )
        newest = report(unit, name, PERIODS[name], origin="department", revision=9, id="newest", **figure)
        ranks = {row.unit: row.rank for row in rows([*events, newest], rules)[0]}
        rank = ranks[unit]
        return 99 if rank is None else rank

    assert rank_with(better) <= rank_with(worse)


@SETTINGS
@given(reports(), st.permutations(UNITS))
def test_other_names_for_the_units_permute_the_result(events: list[AnyEvent], names: Sequence[str]) -> None:
    renamed = dict(zip(UNITS, names, strict=True))
    moved = [msgspec.structs.replace(event, subject=renamed[event.subject or ""]) for event in events]
    plain = {renamed[row.unit]: (row.rank, row.score, row.coverage, row.interval) for row in rows(events)[0]}
    assert plain == {row.unit: (row.rank, row.score, row.coverage, row.interval) for row in rows(moved)[0]}


@SETTINGS
@given(reports(), st.sampled_from(UNITS))
def test_nothing_of_nothing_earns_no_points(events: list[AnyEvent], unit: str) -> None:
    nothing = report(
        unit, "d", "2025-03", numerator=0.0, denominator=0.0, origin="department", revision=9, id="nothing"
    )
    row = next(row for row in rows([*events, nothing])[0] if row.unit == unit)
    assert (row.criteria[3].state, row.criteria[3].score, row.groups[2]) == ("not_applicable", None, None)


@SETTINGS
@given(reports())
def test_what_is_published_is_canonical(events: list[AnyEvent]) -> None:
    """Numbers are finite and rounded, ranks begin at 1, coverage is a share."""
    for row in rows(events)[0]:
        assert 0.0 <= row.coverage <= 1.0
        numbers = [row.coverage, *(value for value in row.groups if value is not None)]
        numbers += [x for cell in row.criteria for x in (cell.actual, cell.score) if x is not None]
        assert all(float(f"{number:.12g}") == number for number in numbers)
        assert (row.rank is None) == (row.score is None)
        assert row.score is None or float(f"{row.score:.2f}") == row.score


@SETTINGS
@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.integers(0, 3))
def test_in_an_arithmetic_block_the_criteria_add_up_to_the_score(values: list[int], unit: int) -> None:
    root = group(
        "all", *(criterion(name, weight=weight) for name, weight in zip("abcd", (1, 2, 3, 4), strict=True))
    )
    log = Log(
        pack(units=UNITS, indicators=[indicator(name) for name in "abcd"], root=root, decimals=9)
    ).activate()
    log.add(*(report(UNITS[unit], name, "2025-01", float(x)) for name, x in zip("abcd", values, strict=True)))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    row = next(row for row in evaluation.units if row.unit == UNITS[unit])
    parts = [
        100 * weight / 10 * (cell.score or 0.0)
        for weight, cell in zip((1, 2, 3, 4), row.criteria, strict=True)
    ]
    assert row.score is not None and abs(sum(parts) - row.score) < 1e-8


@SETTINGS
@given(
    st.lists(st.tuples(st.sampled_from(UNITS), st.integers(1, 3), st.integers(0, 100)), max_size=12),
    st.randoms(),
)
def test_the_order_of_reports_changes_no_quota_mean_or_change(
    figures: list[tuple[str, int, int]], random: Any
) -> None:
    rules = [
        indicator("quota", within="year_to_date"),
        indicator("mean", within="mean_to_date"),
        indicator("gain", measure="ratio", direction="lower"),
    ]
    root = group(
        "all",
        criterion("quota", missing="last_value"),
        criterion("mean", missing="peer_median"),
        criterion("gain", change={"against": "period_before"}, missing="exclude"),
    )
    campaign = pack(units=UNITS, indicators=rules, root=root)
    events: list[AnyEvent] = [
        report(unit, name, f"2025-{month:02d}", id=f"{number}-{name}", **figure)
        for number, (unit, month, amount) in enumerate(figures)
        for name, figure in (
            ("quota", {"value": float(amount)}),
            ("mean", {"value": float(amount)}),
            ("gain", {"numerator": float(amount), "denominator": 100.0}),
        )
    ]
    shuffled = [*events, *events[:2]]
    random.shuffle(shuffled)
    results = []
    for order in (events, shuffled):
        log = Log(campaign).activate().add(*order)
        evaluation = log.evaluate("2025-03", "2025-04-20").evaluation
        assert evaluation is not None
        results.append(evaluation.units)
    assert results[0] == results[1]
