"""Edges by name become edges between units, and what is misspelt is told; what units reported before a change is carried over, once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.cli.broker import Held, Outgoing
from services.cli.failures import CannotReach, FoundWrong
from services.cli.lineage import csv_lines, join, report_of
from services.cli.lineage_apply import apply_lineage
from services.cli.lineage_join import NamedEdge, NamedUnit, join_names
from services.contracts.events import EVENT_SCHEMA, Report, decode_record, encode_record
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.lineage import LineageEdge
from services.contracts.topics import EVENTS
from tests.support.packs import report, small_pack
from tests.unit.cli.fakes import FakeBroker

DAY = date(2025, 7, 1)
OLD = [
    NamedUnit("a-0", "Xã Cỗ Đạm"),
    NamedUnit("b-0", "Xã Sơn Kim 1"),
    NamedUnit("c-0", "Xã Kỳ Lợi (mô phỏng)"),
]
NEW = [
    NamedUnit("a-1", "Xã Cổ Đạm"),
    NamedUnit("c-1", "Phường Vũng Áng"),
    NamedUnit("c-2", "Phường Sông Trí"),
]
LISTED = [
    NamedEdge(2, "Xã Cổ Đạm", "Xã Cổ Đạm"),
    NamedEdge(3, "Xã Kỳ Lợi", "Phường Vũng Áng"),
    NamedEdge(4, "Xã Kỳ Lợi", "Phường Sông Trí"),
]


def test_a_misspelt_name_is_joined_to_the_nearest_and_told() -> None:
    joined = join_names(LISTED, OLD, NEW, DAY, equal_shares=True)
    assert [(edge.old, edge.new, edge.share) for edge in joined.edges] == [
        ("a-0", "a-1", None),
        ("c-0", "c-1", 0.5),
        ("c-0", "c-2", 0.5),
    ]
    assert list(report_of(joined, "edges.csv")) == [
        "edges.csv:2: no unit of that day is 'Xã Cổ Đạm'; it was taken for 'Xã Cỗ Đạm'",
        "edges.csv: 'c-0' is split into 2: its shares are to be checked",
        "edges.csv says nothing of 'Xã Sơn Kim 1' (b-0)",
    ]


def test_a_name_is_never_taken_for_one_that_something_else_is_joined_to() -> None:
    listed = [*LISTED, NamedEdge(5, "Xã Cỗ Đạm", "Xã Cổ Đạm"), NamedEdge(6, "Xã Lạ", "Xã Cổ Đạm")]
    joined = join_names(listed, OLD, NEW, DAY, equal_shares=False)
    assert joined.unknown == [(2, "Xã Cổ Đạm"), (6, "Xã Lạ")]


def test_shares_that_nobody_said_stay_to_be_written() -> None:
    joined = join_names(LISTED, OLD, NEW, DAY, equal_shares=False)
    assert list(csv_lines(joined.edges))[2:] == ["c-0,c-1,2025-07-01,\n", "c-0,c-2,2025-07-01,\n"]


def test_the_command_writes_the_file_and_fails_on_a_name_that_is_nobodys(tmp_path: Path) -> None:
    edges, units, out = (tmp_path / name for name in ("edges.csv", "units.csv", "lineage.csv"))
    units.write_text(
        "id,name,valid_from,valid_to\na-0,Xã A,,2025-07-01\na-1,Xã A,2025-07-01,\n", encoding="utf-8"
    )
    edges.write_text("old_unit,new_unit\nXã A,Xã A\n", encoding="utf-8")
    join(edges, units, "2025-07-01", False, out)
    assert out.read_text(encoding="utf-8") == "old,new,date,share\na-0,a-1,2025-07-01,\n"
    edges.write_text("old_unit,new_unit\nXã Khác,Xã A\n", encoding="utf-8")
    with pytest.raises(FoundWrong, match="1 name of edges.csv could not be joined"):
        join(edges, units, "2025-07-01", False, out)


# --- apply --------------------------------------------------------------------------------------------------------------------

FEBRUARY = date(2026, 2, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def merged() -> CompiledPack:
    """a-u1 and a-u2 became b-u1 in February."""
    pack = small_pack(blocks=("a", "b")).pack
    olds, new = ("a-u1", "a-u2"), "b-u1"
    units = tuple(
        unit.model_copy(update={"valid_to": FEBRUARY} if unit.id in olds else {"valid_from": FEBRUARY})
        if unit.id in (*olds, new)
        else unit
        for unit in pack.units
    )
    additive = tuple(one.model_copy(update={"carried": "sum"}) for one in pack.indicators)
    edges = tuple(LineageEdge(old=old, new=new, date=FEBRUARY) for old in olds)
    return compile_pack(pack.model_copy(update={"units": units, "lineage": edges, "indicators": additive}))


def log_of(*reports: Report, **settings: int) -> FakeBroker:
    broker = FakeBroker(**settings)
    broker.records[EVENTS.name] = [Outgoing("tiny/a", encode_record([one]), EVENT_SCHEMA) for one in reports]
    return broker


REPORTS = (report("a-u1", 3.0, 1), report("a-u2", 4.0, 2), report("a-u3", 5.0, 3))


def carried(broker: FakeBroker) -> list[tuple[str, str | None, float | None]]:
    records: list[Held] = broker.read(EVENTS)
    return [
        (record.key, event.subject, event.data.value)
        for record in records[len(REPORTS) :]
        for event in decode_record(record.value or b"[]")
        if isinstance(event, Report)
    ]


def test_what_was_reported_before_the_change_is_carried_over(merged: CompiledPack) -> None:
    broker = log_of(*REPORTS)
    applied = apply_lineage(broker, merged.pack, NOW)
    assert (applied.appended, applied.known) == ({"tiny/b": 2}, 0)
    assert carried(broker) == [("tiny/b", "b-u1", 3.0), ("tiny/b", "b-u1", 4.0)]


def test_applied_again_it_appends_nothing(merged: CompiledPack) -> None:
    broker = log_of(*REPORTS)
    apply_lineage(broker, merged.pack, NOW)
    assert apply_lineage(broker, merged.pack, NOW) == ({}, 2)
    assert len(carried(broker)) == 2


def test_a_run_that_was_cut_off_is_taken_up_where_it_stopped(merged: CompiledPack) -> None:
    broker = log_of(*REPORTS, fails_after=0)
    with pytest.raises(CannotReach):
        apply_lineage(broker, merged.pack, NOW)
    broker.fails_after = None
    apply_lineage(broker, merged.pack, NOW)
    assert len(carried(broker)) == 2


def test_before_the_change_there_is_nothing_to_carry(merged: CompiledPack) -> None:
    assert apply_lineage(log_of(*REPORTS), merged.pack, datetime(2026, 1, 31, tzinfo=UTC)) == ({}, 0)
