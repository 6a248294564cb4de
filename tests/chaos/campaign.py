"""The campaign that the load is of: a dozen blocks of four units, snapshots and facts, on several partitions."""

from collections.abc import Mapping
from typing import Any, Final

from services.contracts.ids import BlockId, CampaignId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack

CAMPAIGN: Final = CampaignId("chaos")
NAMES: Final = tuple(f"b{number}" for number in range(12))
BLOCKS: Final = tuple(BlockId(f"{CAMPAIGN}/{name}") for name in NAMES)
UNITS: Final = {name: tuple(f"{name}-u{number}" for number in range(1, 5)) for name in NAMES}
INDICATORS: Final = ("x", "y")
FACTS: Final = "f"
"""The indicator whose figure is a sum of facts: counted twice, or not at all, it shows."""
PERIODS: Final = ("2026-01", "2026-02", "2026-03")

_TITLE: Final = {"vi": "Thử", "en": "Trial"}


def pack() -> CompiledPack:
    """Three indicators with equal weights; a leader flag that comes and goes."""
    return compile_pack(Pack.model_validate(_written()))


def _written() -> Mapping[str, Any]:
    return {
        "campaign": {
            "id": CAMPAIGN,
            "title": _TITLE,
            "span": "2026/2027",
            "live_cadence": "month",
            "simulated": True,
        },
        "blocks": [
            {
                "id": name,
                "title": _TITLE,
                "scheme": "s",
                "flags": {"leader": {"enter": 0.25, "leave": 0.5, "k": 1, "n": 2}},
            }
            for name in NAMES
        ],
        "schemes": [
            {
                "id": "s",
                "title": _TITLE,
                "root": {
                    "group": "root",
                    "title": _TITLE,
                    "members": [_criterion(one) for one in (*INDICATORS, FACTS)],
                },
            }
        ],
        "indicators": [*(_indicator(one) for one in INDICATORS), _indicator(FACTS) | {"measure": "facts"}],
        "units": [
            {"id": unit, "name": f"Đơn vị {unit}", "kind": "commune", "block": name}
            for name, units in UNITS.items()
            for unit in units
        ],
    }


def _criterion(indicator: str) -> dict[str, Any]:
    scoring = {"method": "target_ratio", "target": 1000}
    return {"criterion": f"c{indicator}", "indicator": indicator, "weight": 1, "scoring": scoring}


def _indicator(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": _TITLE,
        "unit_of_measure": "%",
        "measure": "value",
        "cadence": "month",
    }
