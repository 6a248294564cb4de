"""The shortlist: the official top share of a block, never more than its places, ties as the pack takes them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import UnitId
from services.contracts.pack.model import Pack
from services.contracts.results import Shortlist, UnitResult
from services.scoring.engine.scoring.shortlist import shortlist_of
from tests.unit.scoring.engine.events import Log, pack, report

UNITS = [f"u{number:02d}" for number in range(1, 11)]


def listed(**values: float) -> Shortlist:
    """Of ten units of which unit n scores n, unless told otherwise; a fifth has a place."""
    log = Log(pack_with_shortlist()).activate()
    for unit in UNITS:
        log.add(report(unit, "i", "2025-01", values.get(unit, float(unit[1:]))))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert not isinstance(evaluation.shortlist, msgspec.UnsetType)
    return evaluation.shortlist


def pack_with_shortlist(share: float = 0.2) -> Pack:
    made = pack(units=UNITS)
    return made.model_copy(update={"blocks": (made.blocks[0].model_copy(update={"shortlist": share}),)})


def test_the_top_share_is_listed_best_first() -> None:
    assert listed() == Shortlist(0.2, 2, [UnitId("u10"), UnitId("u09")], [])


def test_a_tie_that_fits_is_listed_whole() -> None:
    assert listed(u09=50.0, u10=50.0).units == ["u09", "u10"]


def test_a_tie_that_does_not_fit_is_for_people_to_decide() -> None:
    found = listed(u08=9.0)
    assert (found.units, found.undecided) == (["u10"], ["u08", "u09"])


def test_without_the_packs_word_there_is_none() -> None:
    log = Log(pack()).activate().add(report("u1", "i", "2025-01", 1.0))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert evaluation.shortlist is msgspec.UNSET


RANKS = st.lists(st.integers(1, 6), min_size=1, max_size=30)


@given(RANKS, st.floats(0.01, 0.2))
def test_never_more_than_the_share_and_nobody_before_a_better_one(scores: list[int], share: float) -> None:
    ordered = sorted(scores, reverse=True)
    rows = [
        UnitResult(
            UnitId(f"u{at}"), 1 + sum(other > score for other in ordered), False, None, 1.0, None, [], []
        )
        for at, score in enumerate(ordered)
    ]
    found = shortlist_of(share, rows)
    assert len(found.units) <= found.places <= share * len(rows) + 1e-6
    assert found.units == [row.unit for row in rows[: len(found.units)]]
    assert bool(found.undecided) == (len(found.units) < found.places)
    assert len(found.units) + len(found.undecided) > found.places or not found.undecided
