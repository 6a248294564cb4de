"""A live ranking moves against the evaluated period before its own, even when its own was evaluated already."""

from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.scoring.engine import BlockState, apply, rank_live
from tests.support.packs import activation, evaluation_due, report, small_pack

BLOCK = BlockId("tiny/a")
PACK = small_pack()


def test_the_baseline_of_an_evaluated_live_period_is_the_period_before():
    state = BlockState.new(BLOCK)
    events = [activation(PACK, BLOCK)]
    events += [report(f"a-u{unit}", 10.0 * unit, unit, "2026-01") for unit in (1, 2, 3, 4)]
    events += [report(f"a-u{unit}", 50.0 - 10.0 * unit, 10 + unit, "2026-02") for unit in (1, 2, 3, 4)]
    events += [evaluation_due(BLOCK, "2026-01", n=1), evaluation_due(BLOCK, "2026-02", n=2)]
    for offset, event in enumerate(events):
        apply(state, event, Place(0, offset, 0), lambda _: PACK.pack)
    ranking, _ = rank_live(state, lambda _: PACK.pack, None)
    assert ranking.period == "2026-02"
    assert ranking.baseline.period == "2026-01"
    assert {unit.unit: unit.moved for unit in ranking.units} == {"a-u1": 3, "a-u2": 1, "a-u3": -1, "a-u4": -3}
