"""A block's state is plain data: it can be written and read back, and goes on as if nothing had happened."""

import msgspec

from services.scoring.engine.log.state import BlockState
from tests.unit.scoring.engine.acts import (
    adjustment,
    closed,
    fact,
    fact_taken_back,
    hold,
    published,
    reply,
)
from tests.unit.scoring.engine.events import Log, indicator, pack, report, retraction

FLAGS = {"leader": {"enter": 0.4, "leave": 0.4, "k": 1, "n": 2}}


def busy() -> Log:
    rules = [indicator("i"), indicator("w", cadence="week", measure="ratio")]
    log = Log(pack(indicators=rules, flags=FLAGS)).activate()
    first, second = report("u1", "i", "2025-01", 1.0), report("u1", "i", "2025-01", 2.0, revision=1)
    log.add(first, second, retraction(first), report("u2", "w", "2025-W03", numerator=1.0, denominator=2.0))
    log.add(report("u2", "i", "2025-01", 3.0, origin="department"), report("u2", "i", "2025-01", 4.0))
    log.evaluate("2025-01", "2025-02-10")
    return log


def acted_upon() -> Log:
    """The same with everything in it that people do, and with facts."""
    log = busy()
    counted = fact("u3", "i", "2025-01-05")
    flag = next(iter(log.state.flags.values()))
    log.add(counted, fact("u3", "i", "2025-01-06"), fact_taken_back(counted), hold("u1"), reply(flag.id))
    log.add(adjustment("u1", "i", 2.0), published(next(iter(log.state.evaluated))), closed("2025-01"))
    return log.add(
        report("u2", "i", "2025-01", 8.0, revision=2),
        fact("u2", "i", "2025-01-07"),
        retraction(report("u2", "i", "2025-01")),
    )


def test_a_state_read_back_equals_the_one_written() -> None:
    state = acted_upon().state
    assert (
        state.flags and state.history and state.late and state.holds and state.adjustments and state.published
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=BlockState) == state


def test_a_state_read_back_goes_on_to_the_same_results() -> None:
    log, restored = busy(), busy()
    restored.state = msgspec.msgpack.decode(msgspec.msgpack.encode(restored.state), type=BlockState)
    goes_on = [report("u3", "i", "2025-02", 9.0, id="next")]
    one, other = (each.add(*goes_on).evaluate("2025-02", "2025-03-10") for each in (log, restored))
    assert one.evaluation is not None and other.evaluation is not None
    assert one.evaluation.units == other.evaluation.units
    ended = [("u2", "ended")]
    assert [(f.unit, f.state) for f in one.flags] == [(f.unit, f.state) for f in other.flags] == ended
