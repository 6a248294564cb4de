"""A block of three with a bonus and two months, evaluated by the engine itself: what explanations are shown of."""

from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.results import Evaluation
from tests.unit.scoring.engine.events import BLOCK, Log, criterion, group, indicator, pack, report

__all__ = ["BLOCK", "two_months"]

NAMES = ("water", "poor", "models", "extra")


def two_months(*, simulated: bool = False) -> tuple[Log, CompiledPack, list[Evaluation]]:
    """Units `u1` to `u3`; in February `u3` has not reported `models`."""
    root = group(
        "all",
        group(
            "life", criterion("water", weight=2), criterion("poor"), title={"vi": "Đời sống", "en": "Life"}
        ),
        criterion("models", title={"vi": "Mô hình <mới>", "en": "Models"}),
    )
    own = pack(
        indicators=[indicator(name) for name in NAMES],
        root=root,
        extras=[criterion("extra", {"method": "bonus", "each": 1.0}, weight=5.0)],
        campaign={"simulated": simulated},
    )
    log = Log(own).activate()
    made = []
    for month, shift in ((1, 0.0), (2, 7.0)):
        for at, unit in enumerate(("u1", "u2", "u3")):
            figures = (
                80.0 - 20 * at + shift * at,
                50.0 + shift,
                None if at == 2 and shift else 40.0,
                float(at),
            )
            for name, value in zip(NAMES, figures, strict=True):
                if value is not None:
                    log.add(report(unit, name, f"2025-{month:02d}", value, id=f"{unit}-{name}-{month}"))
        evaluation = log.evaluate(f"2025-{month:02d}", f"2025-{month + 1:02d}-10").evaluation
        assert evaluation is not None
        made.append(evaluation)
    return log, compile_pack(own), made
