"""Whatever stands in a log, of every type and in any order: it is saved and taken back at any point, and nobody can tell."""

from random import Random
from typing import Any

import msgspec
import pytest

from services.contracts.events import EVENT_TYPES, AnyEvent, Fact, Report, Retraction
from services.contracts.flags import Flag
from services.contracts.pack.model import Pack
from services.contracts.results import encode_result
from services.scoring.engine import rank_live
from services.scoring.engine.log.state import BlockState
from tests.unit.scoring.engine.acts import (
    adjustment,
    closed,
    decision,
    fact,
    fact_taken_back,
    hold,
    published,
    release,
    reopened,
    reply,
    signed,
)
from tests.unit.scoring.engine.events import (
    Log,
    activation,
    criterion,
    due,
    group,
    indicator,
    pack,
    report,
    retraction,
    tick,
)

UNITS = ["u1", "u2", "u3", "u4", "u5"]
MERGED = "2025-03-01"
SHARES: dict[str, Any] = {
    "leader": {"enter": 0.3, "leave": 0.5, "k": 1, "n": 2, "min_stay": 2},
    "underperformer": {"enter": 0.3, "leave": 0.5, "k": 1, "n": 2},
    "off_path": {"k": 1, "n": 2},
    "silent": {"periods": 2},
    "sudden_change": {"least": 2.0, "enter": 2.0, "leave": 1.0},
    "frozen": {"figures": 1, "k": 1, "n": 2},
    "review": {"heaped": {}, "revised": {"by": 0.05}},
}
EVIDENCE = {"evidence": {"margin": 0.1, "enter": 0.6, "k": 1, "n": 2}, "silent": {"periods": 1}}
OF_THE_LATE = (Report, Fact, Retraction)


def rules(flags: dict[str, Any], **scheme: Any) -> Pack:
    path = {"shape": "straight", "base": 0.0, "resets": "year"}
    root = group(
        "all",
        criterion("v", {"method": "target_ratio", "target": 60.0}, path=path, missing="peer_median"),
        criterion("r", {"method": "capped_ratio", "threshold": 0.8}, gate={"at_least": 0.3}),
        criterion("n", {"method": "z_score"}, missing="exclude"),
        adjustable=4.0,
    )
    return pack(
        units=[*UNITS, {"id": "old", "valid_to": MERGED}, {"id": "new", "valid_from": MERGED}],
        indicators=[
            indicator("v", within="sum", stale_after=2),
            indicator("r", measure="ratio", stale_after=1),
            indicator("n", measure="facts", within="sum"),
        ],
        root=root,
        extras=[criterion("n", {"method": "bonus", "each": 1.0}, weight=5.0) | {"criterion": "extra"}],
        flags=flags,
        lineage=[{"old": "old", "new": "new", "date": MERGED}],
        schedule={"cadence": "month", "first": "2025-01"},
        campaign={"transition_days": 20},
        feed_checks={"frozen": 0.5, "jump": 5.0, "origins": 0.1},
        **scheme,
    )


PACKS = (rules(SHARES), rules(EVIDENCE, over_scale=True), rules({}, ties="dense"))


def figure(random: Random, month: str, number: int) -> Report | Fact:
    unit, origin = random.choice([*UNITS, "old", "new"]), random.choice(["self", "department", "automatic"])
    amount = random.choice([0.0, -0.0, 7.0, 61.5, 1e-9, random.random()])
    day = f"2025-{month}-{random.randint(1, 28):02d}"
    match random.choice("vvrrn"):
        case "v":
            told: dict[str, Any] = {"value": amount, "simulated": random.random() < 0.2}
            return report(unit, "v", f"2025-{month}", id=f"r{number}", origin=origin, **told)  # type: ignore[arg-type]
        case "r":
            part = {"numerator": float(random.randint(0, 9)), "denominator": 10.0, "revision": number % 3}
            return report(unit, "r", f"2025-{month}", id=f"r{number}", origin=origin, **part)  # type: ignore[arg-type]
        case _:
            return fact(unit, "n", day, abs(amount), id=f"f{number}", origin=origin)  # type: ignore[arg-type]


def any_log(seed: int) -> list[AnyEvent]:
    """Five months of everything; what is said of flags and evaluations is said of those that are there by then."""
    random, log, events = Random(seed), Log(*PACKS), list[AnyEvent]()

    def put(*new: AnyEvent) -> None:
        for event in new:
            made = len(log.outcomes)
            events.append(event)
            log.add(event)
            put(*(carry.event for outcome in log.outcomes[made:] for carry in outcome.carried))

    put(activation(log.hashes[0]))
    for month in range(1, 6):
        text, evaluated_on = f"{month:02d}", f"2025-{month + 1:02d}-08"
        for number in range(30):
            put(figure(random, text, month * 100 + number))
        told = [event for event in events if isinstance(event, Report | Fact) and event.data.carried is None]
        gone = random.choice(told)
        put(retraction(gone) if isinstance(gone, Report) else fact_taken_back(gone))
        put(tick(evaluated_on), due(f"2025-{text}", evaluated_on))
        unit, flags = random.choice(UNITS), list(log.state.flags.values())
        acts = [
            adjustment(unit, random.choice(["all", "extra"]), random.choice([3.0, -9.0]), f"2025-{text}"),
            hold(unit),
            release(random.choice(UNITS)),
            closed(f"2025-{text}"),
            reopened(f"2025-{random.randint(1, month):02d}"),
            published(random.choice(list(log.state.evaluated))),
            signed(f"2025-{text}", f"{evaluated_on}T10:00", 2),
            activation(random.choice(log.hashes), random.choice(["1900-01-01", "2025-03-01"])),
            *(
                decision(flag.id, random.choice(["confirm", "dismiss"]))
                for flag in random.sample(flags, min(2, len(flags)))
            ),
            *(reply(flag.id) for flag in random.sample(flags, min(2, len(flags)))),
        ]
        put(*random.sample(acts, len(acts)))
    return events


def outputs(log: Log) -> list[tuple[bytes | None, list[bytes]]]:
    made = [(one.evaluation, one.flags) for one in log.outcomes if one.evaluation or one.flags]
    return [(e and encode_result(e), [encode_result(flag) for flag in flags]) for e, flags in made]


def live(log: Log) -> bytes:
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None
    return encode_result(ranked[0])


SEEDS = range(6)


def test_the_logs_hold_every_type_of_event() -> None:
    assert {type(event) for seed in SEEDS for event in any_log(seed)} == set(EVENT_TYPES)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_state_saved_and_taken_back_after_every_event_gives_the_same_bytes(seed: int) -> None:
    events = any_log(seed)
    whole, broken = Log(*PACKS).add(*events), Log(*PACKS)
    for event in events:
        broken.add(event)
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(broken.state), type=BlockState)
        assert read == broken.state
        broken.state = read
    assert outputs(broken) == outputs(whole)
    assert live(broken) == live(whole)


@pytest.mark.parametrize("seed", SEEDS)
def test_between_two_acts_the_order_of_figures_changes_no_byte(seed: int) -> None:
    events, random = any_log(seed), Random(seed)
    shuffled, open_ = list[AnyEvent](), list[AnyEvent]()
    for event in events:
        if isinstance(event, OF_THE_LATE):
            open_.append(event)
        else:
            shuffled += [*random.sample(open_, len(open_)), event]
            open_ = []
    one, other = Log(*PACKS).add(*events), Log(*PACKS).add(*shuffled, *open_)
    assert outputs(one) == outputs(other)


NEXT = {
    None: {"proposed"},
    "proposed": {"proposed", "replied", "confirmed", "dismissed", "ended"},
    "replied": {"replied", "confirmed", "dismissed", "ended"},
    "confirmed": {"confirmed", "dismissed", "ended"},
    "dismissed": {"dismissed", "confirmed"},
    "ended": set(),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_flags_go_from_state_to_state_as_they_may_and_forget_no_reply(seed: int) -> None:
    log, last = Log(*PACKS).add(*any_log(seed)), dict[str, Flag]()
    for flag in (flag for outcome in log.outcomes for flag in outcome.flags):
        before = last.get(flag.id)
        assert flag.state in NEXT[None if before is None else before.state]
        assert before is None or (before.since == flag.since and before.cause < flag.cause)
        assert before is None or before.reply is msgspec.UNSET or flag.reply is not msgspec.UNSET
        last[flag.id] = flag
    for (kind, unit), flag in log.state.flags.items():
        assert flag.state == "dismissed" or flag == last[flag.id]
        assert (flag.hold is not msgspec.UNSET) == (kind == "leader" and unit in log.state.holds)
