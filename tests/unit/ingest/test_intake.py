"""A batch is taken in as a whole where that is possible, which changes neither the answers nor the bytes of the records."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.problems import Problem
from services.contracts.validation import EventValidator
from services.ingest.answers import EventResult
from services.ingest.event_log import LogRecord
from services.ingest.intake import Intake
from services.ingest.memory_log import InMemoryEventLog
from services.ingest.recent import RecentEvents
from tests.door_samples import NOW, as_json, principal, report, small_pack

DEPARTMENT: Final = principal("department", source_prefix="/demo")
_ID: Final = re.compile(rb"r-\d+")
JUNE: Final = {"indicator": "growth", "period": "2025-06"}

FIGURES: Final[list[dict[str, Any]]] = [
    JUNE | {"value": 7.5},
    JUNE | {"value": 0, "note": "đ", "evidence": ["a"], "revision": 2},
    JUNE | {"value": 1e18, "simulated": True, "numerator": None},
    {"indicator": "growth", "period": "2025-07", "value": -1},
    {"indicator": "budget", "period": "2025-06", "value": 1},
    {"indicator": "online", "period": "2025-06", "numerator": 1, "denominator": 4},
    {"indicator": "rural", "period": "2025-Q2", "passed": True},
]
FAULTS: Final[list[dict[str, Any]]] = [
    JUNE,
    JUNE | {"value": 1.1e18},
    JUNE | {"value": 1, "passed": True},
    JUNE | {"value": 1, "carried": {"unit": "n2", "share": 1, "source": "s", "id": "i"}},
    {"indicator": "growth", "period": "2025-08", "value": 1},
    {"indicator": "online", "period": "2025-06", "value": 1},
    {"indicator": "joy", "period": "2025-06", "value": 1},
]
ENVELOPES: Final[list[dict[str, Any]]] = [
    {},
    {"subject": "s1"},
    {"subject": "m1"},
    {"source": "/demo/unit/2", "dataschema": "urn:x", "origin": "self", "other": {"a": [1]}},
    {"time": "2025-07-05T08:00:00.25+07:00", "datacontenttype": "application/json"},
    {"type": "vn.thidua.retraction.v1", "data": JUNE | {"source": "/demo/x", "id": "y", "reason": "z"}},
]
BAD_ENVELOPES: Final[list[dict[str, Any]]] = [
    {"subject": "nobody"},
    {"subject": None},
    {"source": "/elsewhere"},
    {"time": "2025-07-05T09:00:00Z"},
    {"type": "vn.thidua.tick.v1", "data": {"as_of": "2025-07-05T00:00:00Z"}},
    {"receivedtime": "yesterday"},
]


def events(
    figures: Sequence[dict[str, Any]], envelopes: Sequence[dict[str, Any]]
) -> st.SearchStrategy[bytes]:
    made = st.builds(
        lambda number, figure, envelope: as_json(report(**{"id": f"r-{number}", "data": figure} | envelope)),
        st.integers(0, 30),
        st.sampled_from(figures),
        st.sampled_from(envelopes),
    )
    return made | made.map(lambda raw: raw.replace(b",", b" ,\n"))


GOOD: Final = st.lists(events(FIGURES, ENVELOPES), max_size=12)
FAULTY: Final = events(FAULTS, [{}]) | events(FIGURES[:1], BAD_ENVELOPES) | st.just(b"[]")
ONE_FAULT: Final = st.builds(
    lambda good, faulty, at: [*good[:at], faulty, *good[at:]], GOOD, FAULTY, st.integers(0, 12)
)
MIXED: Final = st.lists(events(FIGURES, ENVELOPES) | FAULTY, max_size=12)


def one_by_one(
    validator: EventValidator, raws: Sequence[bytes], known: dict[bytes, BlockId]
) -> tuple[list[EventResult], list[LogRecord]]:
    """What is to become of a batch, said without any shortcut. `known` grows by what is accepted."""
    results: list[EventResult] = []
    by_block: dict[BlockId, list[AnyEvent]] = {}
    for index, raw in enumerate(raws):
        written = _ID.search(raw)
        name = written and written[0].decode()
        if block := known.get(raw):
            results.append(EventResult(index, name, "duplicate", block))
            continue
        try:
            accepted = validator.check(raw, DEPARTMENT, NOW)
        except Problem as problem:
            results.append(EventResult(index, name, "rejected", problem=problem.as_detail()))
            continue
        known[raw] = accepted.block
        by_block.setdefault(accepted.block, []).append(accepted.event)
        results.append(EventResult(index, name, "accepted", accepted.block))
    return results, [LogRecord(block, encode_record(together)) for block, together in by_block.items()]


def catalog_of(*, simulated: bool) -> PackCatalog:
    pack = small_pack().pack
    campaign = pack.campaign.model_copy(update={"simulated": simulated})
    catalog = PackCatalog()
    catalog.put(compile_pack(pack.model_copy(update={"campaign": campaign})).body)
    return catalog


VALIDATORS: Final = {
    simulated: EventValidator(catalog_of(simulated=simulated)) for simulated in (False, True)
}
"""They know the cells of earlier examples, as the door's does."""


@given(simulated=st.booleans(), batches=st.lists(GOOD | ONE_FAULT | MIXED, min_size=1, max_size=3))
def test_a_batch_is_told_and_stored_as_its_events_one_by_one(
    simulated: bool, batches: list[list[bytes]]
) -> None:
    validator = VALIDATORS[simulated]
    intake = Intake(validator, InMemoryEventLog(), RecentEvents(1_000))
    known: dict[bytes, BlockId] = {}
    for batch in batches:
        checked = asyncio.run(intake.check(batch, DEPARTMENT, NOW))
        asyncio.run(intake.store(checked))
        assert (checked.results, checked.records) == one_by_one(validator, batch, known)


@pytest.mark.parametrize("figure", FAULTS)
async def test_a_faulty_figure_is_refused_in_a_cell_that_is_known_to_be_good(figure: dict[str, Any]) -> None:
    intake = Intake(VALIDATORS[False], InMemoryEventLog(), RecentEvents(1_000))
    good, faulty = as_json(report(data=FIGURES[0])), as_json(report(data=figure))
    statuses = [
        result.status for _ in range(2) for result in (await intake.check([good], DEPARTMENT, NOW)).results
    ]
    assert statuses == ["accepted", "accepted"]
    checked = await intake.check([faulty], DEPARTMENT, NOW)
    assert ([result.status for result in checked.results], checked.records) == (["rejected"], [])
