"""The loop reads, writes, then commits; nothing that happens between may lose a record or stop the others."""

from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.metrics import StorageMetrics
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS
from services.storage.batch import Partition
from services.storage.progress import Progress
from services.storage.rows import EvaluationRow, EvaluationUnitRow, EventRow, RawEventRow
from services.storage.writer import Limits, Writer
from tests.support.stored_records import (
    dead_letter,
    dead_letter_record,
    evaluation,
    evaluation_record,
    event_record,
    record,
    report,
)
from tests.unit.storage.fakes import FakeClock, FakeDeadLetters, FakeSource, FakeStore, fake_logs

EVENTS_0 = Partition(EVENTS.name, 0)


class Bench:
    """A writer on fakes; `work` turns until a batch is certainly due and written."""

    def __init__(self, records: list[Record], rows: int = 1_000) -> None:
        self.clock = FakeClock()
        self.source = FakeSource(self.clock, records)
        self.store = FakeStore()
        self.letters = FakeDeadLetters()
        self.progress = Progress()
        self.stopping = Event()
        self.metrics = StorageMetrics()
        self.writer = Writer(
            self.source,
            self.store,
            fake_logs(self.store),
            self.letters,
            Limits(rows=rows, size_bytes=10_000_000, age_s=0.5, age_max_s=2.0, retry_s=0.25, retry_max_s=1.0),
            self.progress,
            self.stopping,
            monotonic_s=self.clock,
            wall_us=lambda: 1_000,
            metrics=self.metrics,
        )

    def work(self, turns: int = 5) -> "Bench":
        for _ in range(turns):
            self.writer.turn()
        return self

    def rows(self, row_class: type[Any]) -> list[Any]:
        return [row for row in self.store.rows if isinstance(row, row_class)]


def test_nothing_is_committed_before_it_is_written() -> None:
    bench = Bench([event_record(0, [report(1), report(2)])])
    bench.writer.turn()
    assert (bench.store.rows, bench.source.committed) == ([], {})
    bench.work()
    assert [row.id for row in bench.rows(EventRow)] == ["r1", "r2"]
    assert bench.source.committed == {EVENTS_0: 1}


def test_a_full_batch_does_not_wait_for_its_age() -> None:
    bench = Bench([event_record(n, [report(n)]) for n in range(5)], rows=4)
    bench.writer.turn()
    assert bench.source.committed == {EVENTS_0: 4}
    assert bench.clock.now_s == 0


def test_after_an_insert_that_took_long_rows_are_gathered_for_longer_and_never_too_long() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.store.on_insert = lambda: bench.clock.advance(0.1)
    bench.work()
    written_s = bench.clock.now_s
    bench.source.records.append(event_record(1, [report(2)]))
    bench.writer.turn()
    while bench.source.committed != {EVENTS_0: 2}:
        bench.writer.turn()
    assert 0.8 <= bench.clock.now_s - written_s <= 2.3


def test_an_evaluation_is_written_after_its_units() -> None:
    bench = Bench([evaluation_record(0, evaluation())]).work()
    order = [type(rows[0]) for _, rows in bench.store.inserts]
    assert order.index(EvaluationUnitRow) < order.index(EvaluationRow)


def test_an_insert_that_fails_is_tried_again_with_the_same_rows_and_token_until_it_is_done() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.writer.turn()
    bench.store.outages = 4
    bench.store.tried_tokens.clear()
    bench.work()
    assert len(set(bench.store.tried_tokens[:5])) == 1
    assert bench.source.held_s == [0.25, 0.5, 1.0, 1.0]
    assert len(bench.rows(RawEventRow)) == 1
    assert bench.source.committed == {EVENTS_0: 1}


def test_while_the_store_is_away_storage_is_alive_but_not_ready() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.writer.turn()
    bench.store.outages = 1
    seen = []
    bench.source.on_hold = lambda: seen.append(bench.progress.snapshot())
    bench.work()
    assert (seen[0].alive, seen[0].ready) == (True, False)
    assert "no answer" in (seen[0].waiting_for or "")
    assert bench.progress.snapshot().ready


def test_while_the_store_is_away_it_is_seen_how_far_storage_falls_behind() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.writer.turn()
    bench.store.outages, behind = 3, []

    def goes_on() -> None:
        behind.append(bench.progress.snapshot().lag)
        bench.source.behind += 5

    bench.source.on_hold = goes_on
    bench.work()
    assert behind[1:] == [{EVENTS.name: 5}, {EVENTS.name: 10}]


def test_stopped_while_the_store_is_away_it_ends_and_commits_nothing() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.writer.turn()
    bench.store.outages = 1_000_000
    bench.source.on_hold = bench.stopping.set
    bench.writer.run()
    assert bench.source.committed == {}


def test_stopped_with_rows_in_hand_it_writes_and_commits_them() -> None:
    bench = Bench([event_record(0, [report(1)])])
    bench.writer.turn()
    bench.stopping.set()
    bench.writer.run()
    assert (len(bench.rows(EventRow)), bench.source.committed) == (1, {EVENTS_0: 1})


def test_a_record_that_cannot_be_read_goes_to_the_dead_letters_and_the_others_are_stored() -> None:
    bad = record(EVALUATIONS.name, b'{"id": 1}', 0)
    bench = Bench([bad, evaluation_record(1, evaluation())]).work()
    assert [letter for letter, _ in bench.letters.letters] == [bad]
    assert len(bench.rows(EvaluationRow)) == 1
    assert bench.source.committed == {Partition(EVALUATIONS.name, 0): 2}


def test_one_row_that_the_store_refuses_does_not_hold_up_the_batch() -> None:
    records = [event_record(n, [report(n)]) for n in range(20)]
    bench = Bench(records)
    bench.store.refuses = lambda row: isinstance(row, EventRow) and row.id == "r13"
    bench.work()
    assert [row.id for row in bench.rows(EventRow)] == [f"r{n}" for n in range(20) if n != 13]
    assert [letter for letter, _ in bench.letters.letters] == [records[13]]
    assert len(bench.rows(RawEventRow)) == 20


def test_offsets_are_not_committed_before_the_broker_has_the_dead_letters() -> None:
    bench = Bench([record(EVALUATIONS.name, b"no json", 0)])
    bench.letters.outages = 2
    committed_on_hold = []
    bench.source.on_hold = lambda: committed_on_hold.append(dict(bench.source.committed))
    bench.work()
    assert committed_on_hold == [{}, {}]
    assert len(bench.letters.letters) == 1
    assert bench.source.committed == {Partition(EVALUATIONS.name, 0): 1}


def test_no_dead_letter_is_ever_written_about_a_dead_letter() -> None:
    bench = Bench([record(DEAD_LETTERS.name, b"\xff\x00 no letter", 0)])
    bench.store.refuses = lambda row: not hasattr(row, "seen")
    bench.work()
    assert bench.letters.letters == []
    assert bench.source.committed == {Partition(DEAD_LETTERS.name, 0): 1}


def test_reading_the_log_again_gives_the_same_rows_under_other_tokens() -> None:
    records = [event_record(0, [report(1)]), evaluation_record(0, evaluation())]
    first, second = Bench(records).work(), Bench(records).work()
    assert first.store.rows == second.store.rows
    tokens = {token for token, _ in first.store.inserts} & {token for token, _ in second.store.inserts}
    assert all(token.startswith("logs ") for token in tokens)


@pytest.mark.parametrize("value", [b"", b"[", b"null", b'{"a":1}', b"\xff\xff", b"[" * 100_000])
def test_whatever_stands_on_the_events_is_stored_raw_and_makes_no_dead_letter(value: bytes) -> None:
    bench = Bench([record(EVENTS.name, value)]).work()
    assert [(row.index, row.body, row.well_formed) for row in bench.rows(RawEventRow)] == [(-1, value, False)]
    assert bench.letters.letters == []


def test_a_dead_letter_of_scoring_is_stored() -> None:
    bench = Bench([dead_letter_record(3, dead_letter(Place(0, 7, 2)))]).work()
    assert [(row.offset, row.index, row.letter_offset) for row in bench.store.rows] == [(7, 2, 3)]  # type: ignore[union-attr]


def test_the_metrics_count_rows_by_table_and_refused_records_by_topic() -> None:
    bench = Bench(
        [event_record(0, [report(1), report(2)]), record(EVALUATIONS.name, b"no evaluation")]
    ).work()
    text = bench.metrics.exposition().decode()
    assert 'thidua_storage_rows_total{table="events"} 2.0' in text
    assert f'thidua_storage_refused_records_total{{topic="{EVALUATIONS.name}"}} 1.0' in text
    assert "thidua_storage_insert_seconds_count" in text


def test_while_the_broker_does_not_answer_storage_is_alive_and_says_since_when() -> None:
    bench = Bench([event_record(0, [report(1)])]).work()
    bench.source.silent = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    bench.clock.now_s += 2
    bench.work()
    snapshot = bench.progress.snapshot()
    assert (snapshot.alive, snapshot.ready) == (True, False)
    assert "14:05:00 UTC" in str(snapshot.waiting_for)
    bench.source.silent = None
    bench.clock.now_s += 2
    assert bench.work().progress.snapshot().ready
