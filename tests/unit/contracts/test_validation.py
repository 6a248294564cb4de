"""What the one validator of events lets through, and what it says of everything else."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from services.contracts.event_data import Place
from services.contracts.events import MAX_EVENT_BYTES, AnyEvent, Report
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.model import Schedule
from services.contracts.principals import Principal
from services.contracts.problems import (
    BadMeasure,
    BadReportPeriod,
    ClockAhead,
    EventProblem,
    EventTooLarge,
    MalformedJson,
    OriginNotAllowed,
    SourceOutsidePrefix,
    TypeNotAllowed,
    UnitNotYours,
    UnknownBlock,
    UnknownCampaign,
    UnknownEventType,
    UnknownIndicator,
    UnknownUnit,
)
from services.contracts.validation import Accepted, EventValidator
from services.scoring.engine import NOTHING, BlockState, apply
from tests.door_samples import NOW, as_json, principal, report, small_pack

JUNE = {"indicator": "growth", "period": "2025-06"}
RETRACTION = {**JUNE, "source": "/demo/unit/1", "id": "r-1", "reason": "typing error"}
DUE = {"period": "2025-06", "as_of": "2025-07-05T00:00:00+07:00"}


@pytest.fixture
def catalog() -> PackCatalog:
    catalog = PackCatalog()
    catalog.put(small_pack().body)
    return catalog


@pytest.fixture
def validator(catalog: PackCatalog) -> EventValidator:
    return EventValidator(catalog)


def accept(validator: EventValidator, event: object, who: Principal | None = None) -> Accepted:
    """Alone and in a batch: both ways say the same."""
    raw, sender = as_json(event), validator.for_sender(who or principal(), NOW)
    accepted = sender.check(raw)
    assert sender.check_all([raw, raw]) == ([accepted.event] * 2, [accepted.block] * 2)
    return accepted


def refuse(validator: EventValidator, event: object, who: Principal | None = None) -> EventProblem:
    """Alone, with the reason; a batch with it is none that can be taken as a whole."""
    raw = event if isinstance(event, bytes) else as_json(event)
    sender = validator.for_sender(who or principal(), NOW)
    assert sender.check_all([raw]) is None
    with pytest.raises(EventProblem) as caught:
        sender.check(raw)
    return caught.value


def test_no_events_are_no_batch(validator: EventValidator) -> None:
    assert validator.for_sender(principal(), NOW).check_all([]) is None


def test_two_halves_of_an_event_do_not_pass_as_two(validator: EventValidator) -> None:
    raw = as_json(report())
    assert validator.for_sender(principal(), NOW).check_all([raw + b"," + raw, b" "]) is None


def retraction(**changes: Any) -> dict[str, Any]:
    return report(type="vn.thidua.retraction.v1", data=RETRACTION | changes)


def due(**changes: Any) -> dict[str, Any]:
    event = report(
        type="vn.thidua.evaluation.due.v1", subject="demo/north", source="/demo/office/1", data=DUE
    )
    return event | changes


def test_a_report_goes_to_the_block_of_its_unit(validator: EventValidator) -> None:
    assert accept(validator, report()).block == "demo/north"


def test_a_report_goes_to_the_block_that_holds_the_unit_at_the_end_of_its_period(
    validator: EventValidator,
) -> None:
    department = principal("department", source_prefix="/")
    june = report(subject="m1")
    july = report(subject="m1", data=JUNE | {"period": "2025-07", "value": 1})
    assert accept(validator, june, department).block == "demo/north"
    assert accept(validator, july, department).block == "demo/south"


def test_the_stamps_are_the_doors_whatever_was_sent(validator: EventValidator) -> None:
    sent = report(principal="somebody", origin="automatic", receivedtime="2020-01-01T00:00:00Z")
    event = accept(validator, sent).event
    assert (event.principal, event.origin, event.receivedtime) == ("k1", "self", NOW)


def test_attributes_that_are_not_known_are_tolerated(validator: EventValidator) -> None:
    assert accept(validator, report(comexampleextension="x")).block == "demo/north"


@pytest.mark.parametrize("figure", [{"value": 1e18}, {"value": -1e18}, {"value": 0}])
def test_what_the_door_takes_the_fold_takes(validator: EventValidator, figure: dict[str, float]) -> None:
    event = accept(validator, report(data=JUNE | figure)).event
    state = BlockState.new(BlockId("demo/north"))
    assert apply(state, event, Place(0, 0, 0), lambda _: None) == NOTHING


def test_a_retraction_goes_where_the_report_went(validator: EventValidator) -> None:
    assert accept(validator, retraction()).block == "demo/north"


def test_an_office_asks_for_the_evaluation_of_a_block(validator: EventValidator) -> None:
    assert accept(validator, due(), principal("office")).block == "demo/north"


def test_a_new_pack_counts_from_the_next_event_on(validator: EventValidator, catalog: PackCatalog) -> None:
    other = report(data=JUNE | {"indicator": "forest", "value": 1})
    refuse(validator, other)
    pack = small_pack().pack
    forest = pack.indicators[0].model_copy(update={"id": "forest"})
    catalog.put(compile_pack(pack.model_copy(update={"indicators": (*pack.indicators, forest)})).body)
    assert accept(validator, other).block == "demo/north"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        as_json(report()) + b"x",
        as_json(report()).replace(b"7.5", b"NaN"),
        as_json(report()).replace(b"7.5", b"-Infinity"),
        as_json(report()).replace(b"n1", b"\xff\xfe"),
        as_json(report()).replace(b"n1", b"\\ud800"),
        as_json(report())[:-1] + b',"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b"\xef\xbb\xbf" + as_json(report()),
    ],
    ids=[
        "empty",
        "cut",
        "trailing",
        "nan",
        "infinity",
        "not-utf8",
        "half-a-surrogate",
        "deep",
        "byte-order-mark",
    ],
)
def test_what_is_no_json_is_malformed(validator: EventValidator, raw: bytes) -> None:
    assert type(refuse(validator, raw)) is MalformedJson


@pytest.mark.parametrize(
    ("event", "kind", "pointer"),
    [
        ([], EventProblem, ""),
        (report(type="vn.thidua.praise.v1"), UnknownEventType, "/type"),
        (report(type=None), EventProblem, "/type"),
        (report(specversion="0.3"), EventProblem, "/specversion"),
        (report(id=None), EventProblem, "/id"),
        (report(id=""), EventProblem, "/id"),
        (report(subject=None), EventProblem, "/subject"),
        (report(data=None), EventProblem, "/data"),
        (report(data=JUNE | {"value": "7"}), EventProblem, "/data/value"),
        (report(data=JUNE | {"valeu": 7}), EventProblem, "/data/valeu"),
        (report(data=JUNE | {"value": 7, "evidence": ["a", 1]}), EventProblem, "/data/evidence/1"),
        (report(time="2025-07-05T08:00:00"), EventProblem, "/time"),
        (report(source="/demo/other"), SourceOutsidePrefix, "/source"),
        (report(source="/demo/unit/10"), SourceOutsidePrefix, "/source"),
        (report(source="/demo/unit/1-b/x"), SourceOutsidePrefix, "/source"),
        (report(source="/demo/unit/1.b"), SourceOutsidePrefix, "/source"),
        (report(subject="nobody"), UnknownUnit, "/subject"),
        (report(subject="n2"), UnitNotYours, "/subject"),
        (report(data=JUNE | {"indicator": "joy", "value": 1}), UnknownIndicator, "/data/indicator"),
        (report(data=JUNE | {"indicator": "budget", "value": 1}), OriginNotAllowed, "/data/indicator"),
        (report(data=JUNE | {"period": "June", "value": 1}), BadReportPeriod, "/data/period"),
        (report(data=JUNE | {"period": "2025-02-30", "value": 1}), BadReportPeriod, "/data/period"),
        (report(data=JUNE | {"period": "2025-Q2", "value": 1}), BadReportPeriod, "/data/period"),
        (report(data=JUNE | {"period": "2024-06", "value": 1}), BadReportPeriod, "/data/period"),
        (report(data=JUNE), BadMeasure, "/data"),
        (report(data=JUNE | {"passed": True}), BadMeasure, "/data/passed"),
        (report(data=JUNE | {"value": 1, "numerator": 1}), BadMeasure, "/data/numerator"),
        (report(data=JUNE | {"indicator": "online", "numerator": 1}), BadMeasure, "/data"),
        (report(data=JUNE | {"value": 1.1e18}), BadMeasure, "/data/value"),
        (report(data=JUNE | {"value": -1e300}), BadMeasure, "/data/value"),
        (
            report(data=JUNE | {"indicator": "online", "numerator": 1e19, "denominator": 1e19}),
            BadMeasure,
            "/data/numerator",
        ),
        (
            report(data=JUNE | {"indicator": "online", "numerator": 1e10, "denominator": 1e-10}),
            BadMeasure,
            "/data/denominator",
        ),
        (
            report(data=JUNE | {"indicator": "online", "numerator": 1, "denominator": -1}),
            BadMeasure,
            "/data/denominator",
        ),
        (
            report(data=JUNE | {"indicator": "online", "numerator": 1, "denominator": 0}),
            BadMeasure,
            "/data/denominator",
        ),
        (report(type="vn.thidua.tick.v1", data={"as_of": "2025-07-05T00:00:00Z"}), TypeNotAllowed, "/type"),
        (due(source="/demo/unit/1"), TypeNotAllowed, "/type"),
        (retraction(source="/demo/department/1"), SourceOutsidePrefix, "/data/source"),
        (retraction(indicator="joy"), UnknownIndicator, "/data/indicator"),
        (retraction(period="2025"), BadReportPeriod, "/data/period"),
    ],
)
def test_each_fault_has_its_own_problem_and_place(
    validator: EventValidator, event: object, kind: type[EventProblem], pointer: str
) -> None:
    problem = refuse(validator, event)
    assert (type(problem), problem.pointer or "") == (kind, pointer)


@pytest.mark.parametrize(
    ("event", "kind", "pointer"),
    [
        (due(subject="demo/west"), UnknownBlock, "/subject"),
        (due(subject="north"), UnknownBlock, "/subject"),
        (due(data=DUE | {"period": "2031"}), BadReportPeriod, "/data/period"),
        (due(data=DUE | {"edition": 0}), EventProblem, "/data/edition"),
        (
            due(type="vn.thidua.pack.activated.v1", data={"pack": "0" * 64, "valid_from": "2025-01-01"}),
            TypeNotAllowed,
            "/type",
        ),
    ],
)
def test_an_offices_faults_are_told_as_well(
    validator: EventValidator, event: object, kind: type[EventProblem], pointer: str
) -> None:
    problem = refuse(validator, event, principal("office"))
    assert (type(problem), problem.pointer) == (kind, pointer)


@pytest.mark.parametrize("period", ["2025-W23", "2025-06-17"])
def test_an_evaluation_of_a_finer_cadence_than_the_blocks_is_refused_with_those_that_fit(
    validator: EventValidator, period: str
) -> None:
    problem = refuse(validator, due(data=DUE | {"period": period}), principal("office"))
    assert (type(problem), problem.pointer) == (BadReportPeriod, "/data/period")
    assert "month, quarter, half, nine_months, year, span" in problem.detail


@pytest.mark.parametrize("period", ["2025-06", "2025-Q2", "2025-H1", "2025-9M", "2025", "2025/2025"])
def test_an_evaluation_of_the_live_cadence_or_a_coarser_one_is_taken(
    validator: EventValidator, period: str
) -> None:
    assert accept(validator, due(data=DUE | {"period": period}), principal("office")).block == "demo/north"


def test_a_finer_schedule_than_the_live_cadence_counts(catalog: PackCatalog) -> None:
    pack = small_pack().pack
    weekly = Schedule(cadence="week", first="2025-W01")
    blocks = tuple(block.model_copy(update={"schedule": weekly}) for block in pack.blocks)
    catalog.put(compile_pack(pack.model_copy(update={"blocks": blocks})).body)
    asked = due(data=DUE | {"period": "2025-W23"})
    assert accept(EventValidator(catalog), asked, principal("office")).block == "demo/north"


def test_an_evaluation_of_a_block_without_units_at_the_periods_end_is_refused(catalog: PackCatalog) -> None:
    pack = small_pack().pack
    units = tuple(
        unit.model_copy(update={"valid_from": date(2025, 7, 1)}) if unit.block == "north" else unit
        for unit in pack.units
        if unit.id != "m1"
    )
    catalog.put(compile_pack(pack.model_copy(update={"units": units})).body)
    validator = EventValidator(catalog)
    problem = refuse(validator, due(), principal("office"))
    assert (type(problem), problem.pointer) == (UnknownUnit, "/data/period")
    assert accept(validator, due(data=DUE | {"period": "2025-07"}), principal("office")).block == "demo/north"


def test_a_period_that_has_begun_may_be_reported_and_a_future_one_not(validator: EventValidator) -> None:
    accept(validator, report(data=JUNE | {"period": "2025-07", "value": 1}))
    august = report(data=JUNE | {"period": "2025-08", "value": 1})
    problem = refuse(validator, august)
    assert (type(problem), problem.pointer) == (BadReportPeriod, "/data/period")
    begins = datetime(2025, 8, 1, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    just_before = begins - timedelta(minutes=10, seconds=1)
    with pytest.raises(BadReportPeriod):
        validator.check(as_json(august), principal(), just_before)
    assert validator.check(as_json(august), principal(), begins - timedelta(minutes=10)).block == "demo/north"


def test_a_period_outside_the_span_is_told_the_span_and_not_a_cadence(validator: EventValidator) -> None:
    problem = refuse(validator, report(data=JUNE | {"period": "2024-06", "value": 1}))
    assert problem.what_next.startswith("Use a period inside 2025;")


@pytest.mark.parametrize("simulated", [True, False])
def test_the_mark_of_a_simulated_campaign_cannot_be_lost(catalog: PackCatalog, simulated: bool) -> None:
    pack = small_pack().pack
    campaign = pack.campaign.model_copy(update={"simulated": simulated})
    catalog.put(compile_pack(pack.model_copy(update={"campaign": campaign})).body)
    event = accept(EventValidator(catalog), report()).event
    assert isinstance(event, Report)
    assert event.data.simulated is simulated


def test_figures_beyond_what_a_number_holds_are_refused(validator: EventValidator) -> None:
    assert refuse(validator, as_json(report()).replace(b"7.5", b"1e999")).pointer == "/data/value"


def test_zero_of_zero_says_that_the_indicator_does_not_apply(validator: EventValidator) -> None:
    nothing = report(data=JUNE | {"indicator": "online", "numerator": 0, "denominator": 0})
    assert accept(validator, nothing).block == "demo/north"


def test_each_kind_of_figure_is_taken(validator: EventValidator) -> None:
    passed = report(data={"indicator": "rural", "period": "2025-Q2", "passed": False})
    share = report(data=JUNE | {"indicator": "online", "numerator": 3, "denominator": 4})
    assert accept(validator, passed).block == accept(validator, share).block == "demo/north"


def test_a_unit_not_there_at_that_time_is_told_with_its_stay(validator: EventValidator) -> None:
    problem = refuse(validator, report(subject="new"), principal("department", source_prefix="/demo"))
    assert type(problem) is UnknownUnit
    assert "2025-06-30" in problem.detail
    assert "south from 2025-07-01" in problem.detail


def test_64_kilobytes_are_allowed_and_one_byte_more_is_not(validator: EventValidator) -> None:
    good = as_json(report())
    padded = good[:-1] + b" " * (MAX_EVENT_BYTES - len(good)) + b"}"
    assert validator.check(padded, principal(), NOW).block == "demo/north"
    assert type(refuse(validator, padded + b" ")) is EventTooLarge


def test_ten_minutes_ahead_are_allowed_and_eleven_are_not(validator: EventValidator) -> None:
    accept(validator, report(time=(NOW + timedelta(minutes=10)).isoformat()))
    problem = refuse(validator, report(time=(NOW + timedelta(minutes=11)).isoformat()))
    assert (type(problem), problem.pointer) == (ClockAhead, "/time")


def test_the_past_is_unlimited(validator: EventValidator) -> None:
    accept(validator, report(time="0001-01-02T00:00:00+07:00"))


def test_a_key_of_a_campaign_without_a_pack_is_told_so(validator: EventValidator) -> None:
    assert type(refuse(validator, report(), principal(campaign="other"))) is UnknownCampaign


def test_of_a_key_that_stands_twice_the_last_counts_alone(validator: EventValidator) -> None:
    twice = as_json(report()).replace(b'"value":7.5', b'"value":7.5,"value":8')
    event: AnyEvent = validator.check(twice, principal(), NOW).event
    assert msgspec.to_builtins(event)["data"]["value"] == 8


def test_a_type_that_stands_twice_does_not_pass_for_another(validator: EventValidator) -> None:
    twice = as_json(report())[:-1] + b',"type":"vn.thidua.tick.v1"}'
    assert refuse(validator, twice).pointer == "/type"


def test_undecoded_json_is_as_good_as_bytes(validator: EventValidator) -> None:
    raw = msgspec.Raw(as_json(report()))
    assert validator.check(raw, principal(), NOW).block == "demo/north"
