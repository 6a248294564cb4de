"""The live ranking."""

from services.contracts.results import Ranking
from services.scoring.engine import LiveIntervals, rank_live
from tests.unit.scoring.engine.events import Log, pack, report, tick


def ranked(log: Log, intervals: LiveIntervals | None = None) -> tuple[Ranking, LiveIntervals]:
    result = rank_live(log.state, log.packs, intervals)
    assert result is not None
    return result


def filled() -> Log:
    log = Log(pack()).activate()
    values = {"u1": 10.0, "u2": 30.0, "u3": 20.0}
    return log.add(
        *(report(unit, "i", "2025-01", value) for unit, value in values.items()), tick("2025-01-20")
    )


def test_there_is_none_without_a_pack_or_without_units() -> None:
    assert rank_live(Log(pack()).add(tick("2025-01-20")).state, lambda _: None, None) is None
    log = Log(pack(units=[{"id": "later", "valid_from": "2025-06-01"}])).activate().add(tick("2025-01-20"))
    assert rank_live(log.state, log.packs, None) is None


def test_a_pack_not_valid_yet_does_not_rank() -> None:
    log = Log(pack()).activate(valid_from="2025-02-01").add(tick("2025-01-20"))
    assert rank_live(log.state, log.packs, None) is None
    assert ranked(log.add(tick("2025-02-20")))[0].period == "2025-02"


def test_it_ranks_the_period_that_holds_the_clock_and_says_where_it_stands() -> None:
    log = filled()
    ranking, _ = ranked(log)
    assert (ranking.period, ranking.as_of) == ("2025-01", log.state.clock)
    assert (ranking.cause, ranking.intervals_at, ranking.events) == (log.state.last, log.state.last, 5)
    assert [(unit.unit, unit.rank) for unit in ranking.units] == [("u2", 1), ("u3", 2), ("u1", 3)]


def test_the_local_day_decides_the_period() -> None:
    log = Log(pack(campaign={"zone": "Asia/Ho_Chi_Minh"})).activate()
    assert ranked(log.add(tick("2025-01-31T16:59")))[0].period == "2025-01"
    assert ranked(log.add(tick("2025-01-31T17:00")))[0].period == "2025-02"


def test_intervals_given_are_used_again_and_hold_the_present_rank() -> None:
    log = filled()
    _, drawn = ranked(log)
    log.add(report("u1", "i", "2025-01", 99.0, revision=1))
    ranking, kept = ranked(log, drawn)
    assert kept is drawn
    assert ranking.intervals_at == drawn.at != ranking.cause
    assert [(unit.unit, unit.interval) for unit in ranking.units] == [
        ("u1", (1, 3)),
        ("u2", (1, 2)),
        ("u3", (2, 3)),
    ]


def test_nothing_is_said_of_the_latent_score_of_a_unit_whose_score_has_moved_since_the_draws() -> None:
    log = filled()
    ranking, drawn = ranked(log)
    assert [(unit.median_rank, unit.shrunk, unit.score_interval) for unit in ranking.units] == [
        (1, 30.0, (30.0, 30.0)),
        (2, 20.0, (20.0, 20.0)),
        (3, 10.0, (10.0, 10.0)),
    ]
    log.add(report("u1", "i", "2025-01", 99.0, revision=1))
    moved, kept, _ = ranked(log, drawn)[0].units
    assert (moved.unit, moved.median_rank, moved.shrunk, moved.score_interval) == ("u1", 3, None, None)
    assert (kept.unit, kept.shrunk, kept.score_interval) == ("u2", 30.0, (30.0, 30.0))


def test_intervals_of_another_period_are_drawn_anew() -> None:
    log = filled()
    _, drawn = ranked(log)
    log.add(tick("2025-02-03"))
    ranking, fresh = ranked(log, drawn)
    assert (fresh.period, fresh.at) == ("2025-02", log.state.last)
    assert ranking.intervals_at == log.state.last


def test_ranking_changes_nothing_and_gives_the_same_again() -> None:
    log = filled()
    assert ranked(log) == ranked(log)


def test_units_of_one_rank_stand_by_name_and_the_not_ranked_last() -> None:
    names = {"a": "Đức Thọ", "b": "an Bình", "c": "Cẩm Xuyên", "d": "Bình An"}
    units = [{"id": id, "name": name} for id, name in names.items()]
    log = Log(pack(units=units, min_coverage=1.0)).activate()
    log.add(*(report(unit, "i", "2025-01", 50.0) for unit in "abc"), tick("2025-02-20"))
    rows = ranked(log)[0].units
    assert [(names[unit.unit], unit.rank, unit.tied) for unit in rows] == [
        ("an Bình", 1, True),
        ("Cẩm Xuyên", 1, True),
        ("Đức Thọ", 1, True),
        ("Bình An", None, False),
    ]
