"""A run of figures folded at once leaves the state that folding them one after the other leaves, whatever stands between them."""

from collections import Counter
from contextlib import suppress
from random import Random

import pytest

from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, Fact, Report, Retraction
from services.scoring.engine import BlockState, NotApplicable, apply, apply_run
from services.scoring.engine.log.state import BlockState as State
from tests.unit.scoring.engine.acts import closed, fact, reopened
from tests.unit.scoring.engine.events import (
    BLOCK,
    Log,
    activation,
    criterion,
    group,
    indicator,
    pack,
    report,
    retraction,
)

UNITS = ["u1", "u2", "stranger"]
PACK = pack(
    units=["u1", "u2"],
    indicators=[
        indicator("v", within="sum"),
        indicator("r", measure="ratio"),
        indicator("n", measure="facts", within="sum"),
    ],
    root=group("all", criterion("v"), criterion("r"), criterion("n")),
)


def figure(random: Random, number: int) -> Report | Fact:
    unit, id, month = random.choice(UNITS), f"e{random.randint(0, number)}", random.choice(["01", "02", "13"])
    match random.choice("vrnnx"):
        case "v":
            return report(
                unit, "v", f"2025-{month}", id=id, value=random.choice([1.0, -0.0, 2e18, random.random()])
            )
        case "r":
            return report(
                unit, "r", f"2025-{month}", id=id, numerator=1.0, denominator=float(random.randint(-1, 3))
            )
        case "n":
            return fact(
                unit, "n", f"2025-0{random.randint(1, 3)}-{random.randint(1, 28):02d}", random.random(), id=id
            )
        case _:
            return report(unit, "nobody-knows", "2025-01", id=id, value=1.0)


def any_figures(seed: int, log: Log) -> list[AnyEvent]:
    """Figures good and bad, copies of one id, and now and then an act that changes what becomes of those behind it."""
    random, events = Random(seed), list[AnyEvent]()
    for number in range(200):
        told = figure(random, number)
        events.append(told)
        if number % 40 == 39:
            acts: list[AnyEvent] = [activation(log.hashes[0]), closed("2025-02"), reopened("2025-02")]
            events.append(random.choice(acts))
        elif isinstance(told, Report) and number % 13 == 0:
            events.append(retraction(told))
    return events


def one_by_one(state: State, events: list[AnyEvent], log: Log) -> tuple[list[str], Counter[str]]:
    """The refusals, and how often figures changed nothing or corrected something."""
    refused, effects = list[str](), Counter[str]()
    for index, event in enumerate(events):
        _apply(state, event, Place(0, 7, index), log, refused, effects)
    return refused, effects


def in_runs(state: State, events: list[AnyEvent], log: Log) -> tuple[list[str], Counter[str]]:
    refused, effects, index = list[str](), Counter[str](), 0
    while index < len(events):
        run = apply_run(state, events, Place(0, 7, index), log.packs)
        effects.update({"repeat": run.repeats, "correction": run.corrections})
        if run.end < len(events):
            _apply(state, events[run.end], Place(0, 7, run.end), log, refused, effects)
        index = run.end + 1
    return refused, effects


def _apply(
    state: State, event: AnyEvent, place: Place, log: Log, refused: list[str], effects: Counter[str]
) -> None:
    try:
        outcome = apply(state, event, place, log.packs)
    except NotApplicable as why:
        refused.append(str(why))
    else:
        effects.update([outcome.effect] if outcome.effect and isinstance(event, Report | Fact) else [])
        effects.update(["retraction"] if outcome.effect and isinstance(event, Retraction) else [])


@pytest.mark.parametrize("seed", range(8))
def test_a_record_folded_in_runs_gives_the_same_state_refusals_and_counts(seed: int) -> None:
    log = Log(PACK)
    events = any_figures(seed, log)
    one, other = BlockState.new(BLOCK), BlockState.new(BLOCK)
    assert in_runs(one, events, log) == one_by_one(other, events, log)
    assert one == other


def test_good_figures_of_a_record_are_one_run() -> None:
    log, state = Log(PACK), BlockState.new(BLOCK)
    events = [
        report("u1", "v", "2025-01", value=1.0),
        fact("u1", "n", "2025-01-02"),
        report("u2", "v", "2025-01", value=2.0),
    ]
    assert apply_run(state, [*events, activation(log.hashes[0])], Place(0, 7, 0), log.packs).end == 3
    assert (state.events, state.last) == (3, Place(0, 7, 2))


def test_a_run_ends_before_what_is_refused_and_counts_nothing_of_it() -> None:
    log, state = Log(PACK), BlockState.new(BLOCK)
    bad = report("u1", "v", "2025-13", value=1.0)
    assert (
        apply_run(state, [report("u1", "v", "2025-01", value=1.0), bad], Place(0, 7, 0), log.packs).end == 1
    )
    assert state.events == 1


def test_where_units_change_every_figure_is_looked_at_for_itself() -> None:
    with_lineage = PACK.model_copy(update={"lineage": ("not empty",)})
    log, state = Log(PACK), BlockState.new(BLOCK)
    log.published[log.hashes[0]] = with_lineage
    with suppress(NotApplicable):
        apply(state, activation(log.hashes[0]), Place(0, 1, 0), log.packs)
    assert apply_run(state, [report("u1", "v", "2025-01", value=1.0)], Place(0, 7, 0), log.packs).end == 0
