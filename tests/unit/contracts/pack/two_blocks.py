"""A pack of two blocks with a scheme each, for tests that change one part of it."""

from typing import Any

from services.contracts.pack.model import Pack

TEXT = {"vi": "Chữ", "en": "Text"}


def two_blocks(**changes: Any) -> Pack:
    """`changes` by dotted path, as `units.0.name`; the value is put there."""
    data: dict[str, Any] = {
        "campaign": {"id": "c", "title": TEXT, "span": "2025", "live_cadence": "month"},
        "blocks": [
            {"id": "communes", "title": TEXT, "scheme": "s"},
            {"id": "offices", "title": TEXT, "scheme": "t"},
        ],
        "schemes": [_scheme("s", "water", per={"indicator": "people"}), _scheme("t", "signed")],
        "indicators": [_indicator(name) for name in ("water", "people", "signed")],
        "units": [
            {"id": "a", "name": "A", "kind": "xã", "block": "communes"},
            {"id": "b", "name": "B", "kind": "sở", "block": "offices"},
        ],
    }
    for path, value in changes.items():
        *steps, last = path.split(".")
        part: Any = data
        for step in steps:
            part = part[int(step) if step.isdigit() else step]
        part[last] = value
    return Pack.model_validate(data)


def _scheme(id: str, indicator: str, **fields: Any) -> dict[str, Any]:
    scoring = {"method": "target_ratio", "target": 2}
    member = {"criterion": indicator, "indicator": indicator, "weight": 1, "scoring": scoring} | fields
    return {"id": id, "title": TEXT, "root": {"group": "all", "title": TEXT, "members": [member]}}


def _indicator(id: str) -> dict[str, Any]:
    return {"id": id, "title": TEXT, "unit_of_measure": "x", "measure": "value", "cadence": "month"}


OTHER_WORDS = {"vi": "Khác", "en": "Other"}
