"""A unit that has gone over into others: it still reports for the time before, and afterwards the door names who does."""

from datetime import date

import pytest

from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.model import Unit
from services.contracts.problems import DissolvedUnit, NotCarriedHere
from services.contracts.validation import EventValidator
from tests.door_samples import NOW, as_json, principal, report, small_pack

JULY = date(2025, 7, 1)
JUNE = {"indicator": "growth", "period": "2025-06", "value": 1.0}
DEPARTMENT = principal("department")


@pytest.fixture
def validator() -> EventValidator:
    """n1 ended in June: a quarter of it is in s1, the rest in `new`."""
    pack = small_pack().pack
    ended = tuple(
        unit if unit.id != "n1" else unit.model_copy(update={"valid_to": JULY}) for unit in pack.units
    )
    begun = Unit(id="heir", name="Heir", kind="commune", block="north", valid_from=JULY)
    edges = (
        LineageEdge(old="n1", new="heir", date=JULY, share=0.25),
        LineageEdge(old="n1", new="new", date=JULY, share=0.75),
    )
    catalog = PackCatalog()
    catalog.put(compile_pack(pack.model_copy(update={"units": (*ended, begun), "lineage": edges})).body)
    return EventValidator(catalog)


def as_department(**changes: object) -> bytes:
    return as_json(report(source=DEPARTMENT.source_prefix, **changes))


def test_a_late_report_for_the_time_before_the_change_is_taken(validator: EventValidator) -> None:
    assert validator.check(as_department(data=JUNE), DEPARTMENT, NOW).block == "demo/north"


def test_a_report_for_the_time_after_it_is_refused_naming_the_successors(validator: EventValidator) -> None:
    with pytest.raises(DissolvedUnit) as refused:
        validator.check(as_department(data=JUNE | {"period": "2025-07"}), DEPARTMENT, NOW)
    assert refused.value.detail == (
        "On 2025-07-01 the unit 'n1' went over into 'heir' (25% of it), 'new' (75% of it); "
        "the report is for 2025-07-31, which is not before that."
    )
    assert refused.value.what_next.startswith(
        "Report for 'heir' (25% of it), 'new' (75% of it) from 2025-07-01"
    )


def test_nobody_says_that_a_report_was_carried_over_but_lineage(validator: EventValidator) -> None:
    carried = {"unit": "n2", "share": 1.0, "source": "/demo/unit/1", "id": "x"}
    with pytest.raises(NotCarriedHere):
        validator.check(as_department(data=JUNE | {"carried": carried}), DEPARTMENT, NOW)
