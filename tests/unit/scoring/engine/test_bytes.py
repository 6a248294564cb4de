"""A fixed log gives fixed bytes. If this test fails, either a defect came in or `ENGINE_VERSION` has to change with the bytes."""

from hashlib import sha256

from services.contracts.ids import PackHash
from services.contracts.results import encode_result
from services.scoring.engine import ENGINE_VERSION, rank_live
from tests.unit.scoring.engine.events import Log, activation, criterion, group, indicator, pack, report

UNITS = [f"u{number}" for number in range(12)]
VERSION = PackHash("b" * 64)
"""Not the pack's own hash, which stands in the bytes and changes with the pack model."""

FLAGS = {kind: {"enter": 0.2, "leave": 0.3, "k": 1, "n": 2} for kind in ("leader", "underperformer")}


def replayed() -> Log:
    """Twelve units, four criteria in a mixed tree, three months, one late correction."""
    inner = group(
        "inner",
        criterion("b", {"method": "min_max"}),
        criterion("c", missing="exclude"),
        aggregate="geometric",
    )
    root = group(
        "all", criterion("a", weight=3), inner, criterion("d", {"method": "target_ratio", "target": 7.0})
    )
    rules = [
        indicator("a"),
        indicator("b", direction="lower"),
        indicator("c", cadence="quarter"),
        indicator("d"),
    ]
    log = Log()
    log.published[VERSION] = pack(units=UNITS, indicators=rules, root=root, flags=FLAGS)
    log.add(activation(VERSION))
    for month in (1, 2, 3):
        for at, unit in enumerate(UNITS):
            for column, name in enumerate("abd"):
                value = (at * 37 + column * 11 + month * 5) % 101 / 1.7
                log.add(report(unit, name, f"2025-{month:02d}", value, id=f"{unit}-{name}-{month}"))
            log.add(report(unit, "c", "2024-Q4", float(at * 29 % 83), id=f"{unit}-c-{month}"))
        log.evaluate(f"2025-{month:02d}", f"2025-{month + 1:02d}-10")
    log.add(report("u3", "a", "2025-02", 100.0, revision=1, id="correction"))
    log.evaluate("2025-02", "2025-04-12", edition=2)
    return log


def test_the_bytes_of_a_fixed_log_are_those_of_this_engine_version() -> None:
    log = replayed()
    live = rank_live(log.state, log.packs, None)
    assert live is not None
    results = [
        one for outcome in log.outcomes for one in (outcome.evaluation, *outcome.flags) if one is not None
    ]
    digest = sha256(b"\n".join(encode_result(one) for one in (*results, live[0]))).hexdigest()
    assert (ENGINE_VERSION, len(results), digest) == (
        "2",
        19,
        "aee65ec8fc630c6b192bb25a637a0625959e6011c076c244f736f141999619ca",
    )
