"""A small pack and the events of its campaign, for tests that need a block to be ranked."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.event_data import EvaluationDueData, PackActivatedData, ReportData
from services.contracts.events import EvaluationDue, PackActivated, Report
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack

START = datetime(2026, 2, 1, tzinfo=UTC)


def small_pack(
    campaign: str = "tiny", blocks: tuple[str, ...] = ("a",), units: int = 4, **block: Any
) -> CompiledPack:
    """`units` units named u1, u2 ... in each block (prefixed with its id), one monthly indicator `x`, target 100, scale 100."""
    title = {"vi": "Thử", "en": "Test"}
    return compile_pack(
        Pack.model_validate(
            {
                "campaign": {"id": campaign, "title": title, "span": "2026/2027", "live_cadence": "month"},
                "blocks": [{"id": b, "title": title, "scheme": "s", **block} for b in blocks],
                "schemes": [
                    {
                        "id": "s",
                        "title": title,
                        "root": {
                            "group": "root",
                            "title": title,
                            "members": [
                                {
                                    "criterion": "cx",
                                    "indicator": "x",
                                    "weight": 1,
                                    "scoring": {"method": "target_ratio", "target": 100},
                                }
                            ],
                        },
                    }
                ],
                "indicators": [
                    {
                        "id": "x",
                        "title": title,
                        "unit_of_measure": "%",
                        "measure": "value",
                        "cadence": "month",
                    }
                ],
                "units": [
                    {"id": f"{b}-u{n}", "name": f"Đơn vị {b}{n}", "kind": "commune", "block": b}
                    for b in blocks
                    for n in range(1, units + 1)
                ],
            }
        )
    )


def activation(pack: CompiledPack, block: BlockId, at: datetime = START) -> PackActivated:
    return PackActivated(
        specversion="1.0",
        id=f"activate/{pack.hash[:8]}/{block}",
        source="/tiny/office",
        subject=block,
        time=at,
        receivedtime=at,
        data=PackActivatedData(pack=pack.hash, valid_from="2026-01-01"),
    )


def report(unit: str, value: float, n: int = 0, period: str = "2026-01", revision: int = 0) -> Report:
    """The n-th event of a test; its id and its times follow from n."""
    at = START + timedelta(seconds=n)
    return Report(
        specversion="1.0",
        id=f"r{n}",
        source=f"/tiny/{unit}",
        subject=unit,
        time=at,
        receivedtime=at,
        principal="p",
        origin="self",
        data=ReportData(indicator="x", period=period, value=value, revision=revision),
    )


def evaluation_due(block: BlockId, period: str = "2026-01", edition: int = 1, n: int = 0) -> EvaluationDue:
    at = START + timedelta(days=10, seconds=n)
    return EvaluationDue(
        specversion="1.0",
        id=f"due/{period}/{edition}",
        source="/tiny/office",
        subject=block,
        time=at,
        receivedtime=at,
        data=EvaluationDueData(period=period, as_of=START + timedelta(days=9), edition=edition),
    )
