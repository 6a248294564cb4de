"""What an event was beside new: said again, or a correction; for whoever counts them."""

from collections.abc import Sequence

import msgspec
import pytest

from services.contracts.event_data import Place
from services.contracts.events import AnyEvent
from services.scoring.engine import BlockState, apply
from tests.unit.scoring.engine.acts import fact, fact_taken_back
from tests.unit.scoring.engine.events import BLOCK, report, retraction

FIRST = report("u1", "x", "2025-01", 5.0, id="r1")
NEXT = report("u1", "x", "2025-01", 6.0, id="r2", revision=1)
FACT = fact("u1", "y", "2025-01-17", 2.0, id="f1")
LATER = msgspec.structs.replace(FACT, data=msgspec.structs.replace(FACT.data, amount=3.0))


@pytest.mark.parametrize(
    ("events", "effects"),
    [
        ([FIRST, report("u1", "x", "2025-02", 5.0, id="r3")], [None, None]),
        ([FIRST, FIRST], [None, "repeat"]),
        ([FIRST, NEXT, FIRST, NEXT], [None, "correction", "repeat", "repeat"]),
        ([NEXT, FIRST], [None, "correction"]),
        ([FIRST, report("u1", "x", "2025-01", 5.0, id="r4", origin="department")], [None, None]),
        ([FIRST, retraction(FIRST), retraction(FIRST), FIRST], [None, "correction", "repeat", None]),
        ([FACT, FACT, LATER, FACT], [None, "repeat", "correction", "repeat"]),
        ([FACT, fact_taken_back(FACT)], [None, "correction"]),
    ],
)
def test_each_event_is_told_apart(events: Sequence[AnyEvent], effects: list[str | None]) -> None:
    state = BlockState.new(BLOCK)
    found = [
        apply(state, event, Place(0, offset, 0), lambda _: None).effect for offset, event in enumerate(events)
    ]
    assert found == effects
