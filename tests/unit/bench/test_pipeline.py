"""The load of the pipeline's benchmark is one that the door takes, and its freshness is that of every event."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from bench.door_campaign import bench_pack, bench_principal
from bench.pipeline_board import Accepted, freshness
from bench.pipeline_history import STAMP
from bench.pipeline_load import Load, bodies
from services.contracts.events import Report, decode_record, split_record
from services.contracts.pack.catalog import PackCatalog
from services.contracts.validation import Accepted as Checked
from services.contracts.validation import EventValidator


def _checked(load: Load) -> list[list[Checked]]:
    catalog = PackCatalog()
    catalog.put(bench_pack(load.blocks).body)
    sender = EventValidator(catalog).for_sender(bench_principal(), datetime.now(UTC))
    return [[sender.check(bytes(raw)) for raw in split_record(body)] for body in bodies(load)]


@pytest.mark.parametrize(("blocks", "spread"), [(1, 1), (10, 1), (10, 10), (100, 10)])
def test_every_event_is_accepted_and_a_request_goes_to_as_many_blocks_as_it_should(
    blocks: int, spread: int
) -> None:
    requests = _checked(Load("run", 200, 1, 20, blocks, spread))
    assert {len({one.block for one in request}) for request in requests} == {spread}
    assert len({one.event.id for request in requests for one in request}) == 200


def test_blocks_come_in_turn() -> None:
    requests = _checked(Load("run", 400, 1, 20, 10, 1))
    assert set(Counter(request[0].block for request in requests).values()) == {2}


def test_history_looks_as_if_the_door_had_written_it() -> None:
    [value] = bodies(Load("run", 20, 1, 20, 1, 1), STAMP)
    for event in decode_record(value):
        assert isinstance(event, Report)
        assert (event.principal, event.origin) == ("bench", "department")
        assert event.receivedtime is not None


def test_an_event_is_fresh_when_the_first_ranking_at_or_behind_it_has_come() -> None:
    accepted = [Accepted("b", 5, 100.0, 1), Accepted("b", 6, 100.5, 3)]
    seen = {"b": [(4, 99.0), (6, 101.0), (9, 200.0)]}
    assert tuple(freshness(accepted, seen)) == pytest.approx((0.5, 0.925, 0.985, 4))


def test_what_no_board_has_shown_is_no_freshness() -> None:
    with pytest.raises(ValueError, match="never showed"):
        freshness([Accepted("b", 5, 100.0, 1)], {"b": [(4, 99.0)]})
