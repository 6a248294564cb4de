"""What each topic's records become, and that nothing in a log can break a decoder."""

import hashlib
import typing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.event_data import AdjustmentData, FactData, Place, ReplyData
from services.contracts.events import EVENT_TYPES, Adjustment, Event, Fact, Reply, encode_record, type_of
from services.contracts.following import Record
from services.contracts.records import SHOWS
from services.contracts.results import encode_result
from services.contracts.steps import (
    Showing,
    Sighting,
    Stretch,
    Tally,
    encode_showing,
    encode_sightings,
)
from services.contracts.topics import EVALUATIONS, EVENTS, PACKS, PEOPLE, PRINCIPALS, SIGHTINGS, STORED_TOPICS
from services.storage.decoding import DECODERS, Origin, Undecodable
from services.storage.decoding.origin import micros
from services.storage.rows import (
    AlertStepRow,
    DeadLetterRow,
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
    EventRow,
    FlagChangeRow,
    PackColumnRow,
    PackRow,
    PackUnitRow,
    PrincipalRow,
    RankingHistoryRow,
    RankingRow,
    RankingStepsRow,
    RankingTimeRow,
    RawEventRow,
    RecordTimeRow,
)
from tests.support.packs import small_pack
from tests.support.stored_records import (
    BLOCK,
    NOW,
    SENT_US,
    alert,
    alert_record,
    dead_letter,
    dead_letter_record,
    evaluation,
    evaluation_record,
    event_record,
    flag,
    flag_record,
    ranking,
    ranking_record,
    record,
    report,
)
from tests.unit.storage.fakes import log_id

ORIGIN = Origin(log_id("any"), 2)


def rows(of: Record, row_class: type[Any]) -> list[Any]:
    return [row for row in DECODERS[of.topic](of, ORIGIN) if isinstance(row, row_class)]


def test_each_event_of_a_record_has_its_place_and_its_own_bytes() -> None:
    of = event_record(7, [report(1), report(2, value=2.5, revision=3, simulated=True)])
    raw = rows(of, RawEventRow)
    assert [(row.partition, row.offset, row.index, row.block, row.id) for row in raw] == [
        (0, 7, 0, BLOCK, "r1"),
        (0, 7, 1, BLOCK, "r2"),
    ]
    assert b"[" + b",".join(row.body for row in raw) + b"]" == of.value
    second = rows(of, EventRow)[1]
    assert (second.indicator, second.period, second.value, second.numerator) == ("x", "2026-02", 2.5, None)
    assert (second.revision, second.simulated, second.generation, second.origin) == (3, True, 2, "self")


def test_facts_and_acts_stand_in_the_columns_of_reports() -> None:
    about = {"specversion": "1.0", "source": "s", "subject": "u1", "time": NOW}
    fact = Fact(
        **about, id="f", data=FactData(indicator="x", occurred=date(2026, 2, 17), amount=2.0, note="n")
    )
    given = Adjustment(
        **about, id="a", data=AdjustmentData(criterion="all", period="2026-02", points=-3.0, reason="decided")
    )
    reply = Reply(**about, id="r", data=ReplyData(flag="f", text="Late.", evidence=["CV-1"]))
    found = rows(event_record(7, [fact, given, reply]), EventRow)
    assert [(row.type, row.indicator, row.period, row.value, row.note) for row in found] == [
        ("vn.thidua.fact.v1", "x", "2026-02-17", 2.0, "n"),
        ("vn.thidua.adjustment.v1", "", "2026-02", -3.0, "decided"),
        ("vn.thidua.reply.v1", "", "", None, "Late."),
    ]
    assert found[2].evidence == ["CV-1"]


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_of_event_is_stored(kind: type[Event]) -> None:
    """Made of the least that its form asks for."""
    least = {
        "indicator": "x", "period": "2026-02", "value": 1.0, "occurred": "2026-02-17", "source": "s", "id": "i",
        "reason": "r", "as_of": NOW.isoformat(), "pack": "0" * 64, "valid_from": "2026-01-01", "flag": "f",
        "decision": "confirm", "text": "t", "criterion": "c", "points": 1.0, "evaluation": "0" * 32, "actor": "office",
    }  # fmt: skip
    data = typing.get_type_hints(kind)["data"]
    event = {
        "specversion": "1.0", "type": type_of(kind), "id": "1", "source": "s", "subject": "u1", "time": NOW.isoformat(),
        "data": {name: least[name] for name in data.__struct_fields__ if name in least},
    }  # fmt: skip
    (row,) = rows(record(EVENTS.name, msgspec.json.encode([event])), EventRow)
    assert (row.type, row.id) == (type_of(kind), "1")


def test_one_bad_event_leaves_its_neighbours_readable() -> None:
    value = encode_record([report(1), report(2)]).replace(b'"value":1.0', b'"value":"many"', 1)
    of = record(EVENTS.name, value)
    assert [(row.index, row.well_formed, row.id, row.source) for row in rows(of, RawEventRow)] == [
        (0, False, "r1", "tiny/u1"),
        (1, True, "r2", "tiny/u1"),
    ]
    assert [row.id for row in rows(of, EventRow)] == ["r2"]


def test_an_event_of_a_type_of_tomorrow_keeps_its_bytes_and_its_name() -> None:
    event = b'{"type":"vn.thidua.fact.v9","id":"f1","source":"s","subject":"u1"}'
    (row,) = rows(record(EVENTS.name, b"[" + event + b"]"), RawEventRow)
    assert (row.type, row.id, row.subject, row.well_formed, row.body) == (
        "vn.thidua.fact.v9",
        "f1",
        "u1",
        False,
        event,
    )


def test_numbers_and_times_that_no_column_holds_become_the_nearest_that_it_does() -> None:
    value = encode_record([report(1, revision=10**30)])
    (row,) = rows(record(EVENTS.name, value), EventRow)
    assert row.revision == 2**63 - 1
    assert micros(datetime(1, 1, 1, tzinfo=UTC)) == micros(datetime(1900, 1, 1, tzinfo=UTC))
    assert micros(datetime(9999, 1, 1, tzinfo=UTC)) == micros(datetime(2299, 12, 31, tzinfo=UTC))


def test_an_evaluation_keeps_its_bytes_and_names_them_by_their_hash() -> None:
    of = evaluation_record(4, evaluation(cause=Place(3, 9, 1)))
    (row,), (copy,) = rows(of, EvaluationRow), rows(of, EvaluationCopyRow)
    assert row.body == of.value
    assert row.sha256 == copy.sha256 == hashlib.sha256(of.value or b"").hexdigest()
    assert (row.units, row.ranked, row.cause_partition, row.cause_offset, row.cause_index) == (3, 2, 3, 9, 1)
    assert (copy.offset, copy.sent) == (4, SENT_US)


def test_a_unit_without_a_rank_has_none_and_no_interval() -> None:
    of = evaluation_record(0, evaluation())
    assert [
        (u.unit, u.position, u.rank, u.score, u.interval_best, u.interval_worst)
        for u in rows(of, EvaluationUnitRow)
    ] == [("u2", 1, 1, 90.0, 1, 2), ("u1", 2, 2, 80.5, 2, 3), ("u3", 3, None, None, None, None)]
    assert {row.position for row in rows(of, EvaluationCriterionRow)} == {1}
    assert rows(of, EvaluationUnitRow)[2].groups == [None]


def test_how_sure_a_result_is_stands_in_columns() -> None:
    first, _, last = rows(evaluation_record(0, evaluation()), EvaluationUnitRow)
    assert (first.median_rank, first.p_top, first.p_bottom) == (1, 0.75, 0.125)
    assert (first.score_low, first.score_high, first.shrunk) == (88.0, 91.5, 89.5)
    assert (last.median_rank, last.p_top, last.score_low, last.shrunk) == (None, None, None, None)


def test_a_ranking_is_a_point_of_its_minute_for_each_unit() -> None:
    of = ranking_record(2, ranking(Place(0, 8, 1)))
    minute = int(NOW.timestamp()) // 60 * 60
    assert {(row.minute, row.cause_offset, row.offset) for row in rows(of, RankingHistoryRow)} == {
        (minute, 8, 2)
    }
    assert rows(of, RankingRow)[0].body == of.value
    assert rows(of, RankingTimeRow)[0].sent == SENT_US


def test_a_flag_change_is_known_by_its_cause() -> None:
    (row,) = rows(flag_record(1, flag(Place(0, 6, 0))), FlagChangeRow)
    assert (row.id, row.cause_offset, row.cause_index, row.state) == (
        flag(Place(0, 6, 0)).id,
        6,
        0,
        "proposed",
    )


def test_each_step_of_an_alert_is_a_row_and_names_its_flags() -> None:
    of = alert("failed", 3, reason="email: not accepted", retry_at=NOW)
    (row,) = rows(alert_record(9, of), AlertStepRow)
    assert (row.id, row.step, row.number, row.role, row.channel) == (of.id, "failed", 3, "chair", "email")
    assert (row.flags, row.units, row.kinds, row.states) == (
        [of.flags[0].id],
        ["u2"],
        ["leader"],
        ["proposed"],
    )
    assert (row.reason, row.retry_at, row.offset) == ("email: not accepted", micros(NOW), 9)


def test_people_are_not_stored() -> None:
    assert PEOPLE.name not in DECODERS
    assert {topic.name for topic in STORED_TOPICS} == set(DECODERS)


def test_a_dead_letter_keeps_the_bytes_that_it_is_about() -> None:
    (row,) = rows(dead_letter_record(5, dead_letter(Place(0, 7, -1))), DeadLetterRow)
    assert (row.body, row.offset, row.index, row.letter_offset) == (b'{"id":"r1"}', 7, -1, 5)


def test_a_pack_gives_names_to_the_arrays_of_its_results() -> None:
    pack = small_pack(blocks=("a", "b"), units=2)
    of = record(PACKS.name, pack.body, 3, key=pack.hash)
    assert [(row.hash, row.body, row.offset) for row in rows(of, PackRow)] == [(pack.hash, pack.body, 3)]
    assert len(rows(of, PackUnitRow)) == 4
    assert {(row.block, row.kind, row.position, row.id) for row in rows(of, PackColumnRow)} == {
        (f"tiny/{block}", kind, 1, "cx") for block in "ab" for kind in ("criterion", "group")
    }


def test_the_hash_of_a_key_is_not_stored() -> None:
    value = {
        "id": "p1",
        "name": "Sở",
        "campaign": "tiny",
        "role": "unit",
        "origin": "self",
        "source_prefix": "tiny/",
        "key_hash": "secret-hash",
        "issued": NOW,
    }
    (row,) = rows(record(PRINCIPALS.name, msgspec.json.encode(value), key="p1"), PrincipalRow)
    assert (row.id, row.all_units, row.units) == ("p1", True, [])
    assert "secret-hash" not in row


@pytest.mark.parametrize("topic", sorted(DECODERS.keys() - {EVENTS.name}))
def test_a_tombstone_gives_no_rows(topic: str) -> None:
    assert DECODERS[topic](record(topic, None), ORIGIN) == []


@pytest.mark.parametrize("value", [None, b"[]", b'[ {"id":"x"}]', b"{"])
def test_a_record_of_the_log_in_another_writing_is_kept_whole(value: bytes | None) -> None:
    """The hash chain is over its bytes, which its events alone do not give."""
    whole = rows(record(EVENTS.name, value), RawEventRow)[0]
    assert (whole.index, whole.well_formed, whole.body) == (-1, False, value or b"")


@pytest.mark.parametrize("topic", sorted(DECODERS))
@settings(max_examples=50)
@given(
    value=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
            max_leaves=10,
        ).map(msgspec.json.encode),
    )
)
def test_no_bytes_break_a_decoder(topic: str, value: bytes) -> None:
    try:
        DECODERS[topic](record(topic, value), ORIGIN)
    except Undecodable:
        assert topic not in {EVENTS.name, "campaign.dead-letters"}


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_cut_evaluation_cannot_be_read(cut: int) -> None:
    with pytest.raises(Undecodable):
        rows(record(EVALUATIONS.name, encode_result(evaluation())[:-cut]), EvaluationRow)


def test_a_record_that_came_through_the_door_has_its_times_once_however_many_events_it_holds() -> None:
    of = event_record(7, [report(1), report(1), report(1)])
    (times,) = rows(of, RecordTimeRow)
    assert (times.offset, times.block, times.events) == (7, BLOCK, 3)
    assert times.door == micros(NOW + timedelta(milliseconds=1))
    assert times.logged >= times.door


def test_what_did_not_come_through_the_door_has_no_times() -> None:
    tick = report(1)
    tick.principal = None
    assert rows(event_record(7, [tick]), RecordTimeRow) == []


def test_a_ranking_tells_what_it_shows_first_and_a_sighting_when_a_board_had_it() -> None:
    shown = Showing(
        9_000, (Stretch(5, 10, 1_000, 2_000, 3_000), Stretch(6, 20, 1_500, 2_500, 3_500)), Tally(1, 2, 3)
    )
    of = ranking_record(4, ranking(Place(0, 6, 0)))
    of = of._replace(headers=(*of.headers, (SHOWS, encode_showing(shown))))
    (told,) = rows(of, RankingStepsRow)
    assert (told.ranked, told.board, told.came) == (9_000, None, 1_500)
    assert (told.offsets, told.events, told.door_us) == ([5, 6], [10, 20], [1_000, 1_500])
    assert (told.old, told.repeats, told.corrections) == (1, 2, 3)
    sighting = Sighting(BLOCK, 0, 6, 0, 12_000, encode_showing(shown).decode())
    (seen,) = rows(record(SIGHTINGS.name, encode_sightings([sighting])), RankingStepsRow)
    assert seen == told._replace(board=12_000)


def test_a_showing_that_cannot_be_read_costs_the_ranking_nothing() -> None:
    of = ranking_record(4, ranking(Place(0, 6, 0)))
    of = of._replace(headers=(*of.headers, (SHOWS, b"[2]")))
    assert rows(of, RankingStepsRow) == []
    assert len(rows(of, RankingRow)) == 1
