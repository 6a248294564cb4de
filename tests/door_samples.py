"""A small campaign with its keys and events, for tests of the validator and of the door."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from services.contracts.ids import CampaignId, UnitId
from services.contracts.pack.base import Text
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import MinMax
from services.contracts.pack.model import Block, Campaign, Pack, Unit
from services.contracts.pack.scheme import Criterion, Group, Scheme
from services.contracts.principals import Principal, hash_secret

NOW = datetime(2025, 7, 5, 8, 0, tzinfo=UTC)
UNIT_SECRET = "s3cret_of-unit"
UNIT_KEY = f"td_k1_{UNIT_SECRET}"
DEPARTMENT_KEY = f"td_k2_{UNIT_SECRET}"
OFFICE_KEY = f"td_k3_{UNIT_SECRET}"


def text(value: str) -> Text:
    return Text(vi=value, en=value)


def small_pack() -> CompiledPack:
    """Campaign `demo`, 2025: blocks `north` (n1, n2, and m1 until July) and `south` (s1, and m1 from July); one indicator of each kind."""
    leaf = Criterion(criterion="growth", indicator="growth", weight=1, scoring=MinMax(method="min_max"))
    scheme = Scheme(
        id="all", title=text("all"), root=Group(group="root", title=text("root"), members=(leaf,))
    )
    moved = date(2025, 7, 1)
    return compile_pack(
        Pack(
            campaign=Campaign(id="demo", title=text("demo"), span="2025", live_cadence="month"),
            schemes=(scheme,),
            blocks=tuple(Block(id=name, title=text(name), scheme="all") for name in ("north", "south")),
            indicators=(
                _indicator("growth", "value", "month"),
                _indicator("online", "ratio", "month"),
                _indicator("rural", "passed", "quarter"),
                _indicator("budget", "value", "month", origins=("department",)),
            ),
            units=(
                Unit(id="n1", name="N1", kind="commune", block="north"),
                Unit(id="n2", name="N2", kind="commune", block="north"),
                Unit(id="s1", name="S1", kind="commune", block="south"),
                Unit(id="m1", name="M1", kind="commune", block="north", valid_to=moved),
                Unit(id="m1", name="M1", kind="commune", block="south", valid_from=moved),
                Unit(id="new", name="New", kind="commune", block="south", valid_from=moved),
            ),
        )
    )


def _indicator(name: str, measure: str, cadence: str, **more: Any) -> Indicator:
    fields = {"id": name, "title": text(name), "unit_of_measure": "%", "measure": measure, "cadence": cadence}
    return Indicator.model_validate(fields | more)


def counted_indicator(name: str) -> Indicator:
    """An indicator that is counted by facts."""
    return _indicator(name, "facts", "month", within="sum")


def principal(role: str = "unit", **changes: Any) -> Principal:
    """The key of unit n1, of the department (every unit), of the office or of the council."""
    by_role: dict[str, dict[str, Any]] = {
        "unit": {"id": "k1", "origin": "self", "units": frozenset({UnitId("n1")})},
        "department": {"id": "k2", "origin": "department", "units": None},
        "office": {"id": "k3", "origin": "department", "units": None},
        "council": {"id": "k4", "origin": "department", "units": None},
    }
    fields: dict[str, Any] = {
        "name": role,
        "campaign": CampaignId("demo"),
        "role": role,
        "source_prefix": f"/demo/{role}/1",
        "key_hash": hash_secret(UNIT_SECRET),
        "issued": NOW,
    }
    return Principal(**(fields | by_role[role] | changes))


def report(**changes: Any) -> dict[str, Any]:
    """A good report of unit n1 for June 2025; `data` and attributes may be changed, None takes an attribute away."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "type": "vn.thidua.report.v1",
        "id": "r-1",
        "source": "/demo/unit/1",
        "subject": "n1",
        "time": "2025-07-05T08:00:00+00:00",
        "data": {"indicator": "growth", "period": "2025-06", "value": 7.5},
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def as_json(value: object) -> bytes:
    return msgspec.json.encode(value)
