"""`principals.yaml` of a pack folder: who is to be given a key. It is no part of the compiled pack."""

from pathlib import Path
from typing import Final

from pydantic import Field

from services.contracts.event_data import Origin
from services.contracts.ids import CampaignId, UnitId
from services.contracts.pack.base import Id, Model
from services.contracts.pack.model import Pack
from services.contracts.pack.placed import Placed, place_all
from services.contracts.pack.problem import BadPack, PackProblem
from services.contracts.pack.sources import read_yaml
from services.contracts.pack.wording import did_you_mean
from services.contracts.principals import Role

PRINCIPALS: Final = "principals.yaml"

_ORIGIN_OF_ROLE: Final[dict[Role, Origin]] = {
    "unit": "self",
    "department": "department",
    "office": "automatic",
    "council": "automatic",
}


class PlannedPrincipal(Model):
    """Somebody who is to hold a key. A unit's principal names its one unit; without `units` a department has all of them."""

    id: Id
    name: str = Field(min_length=1)
    role: Role
    units: tuple[Id, ...] | None = None

    @property
    def origin(self) -> Origin:
        return _ORIGIN_OF_ROLE[self.role]

    def source_prefix(self, campaign: CampaignId) -> str:
        """What every `source` of this principal begins with."""
        return f"/{campaign}/{self.id}"

    def held_units(self) -> frozenset[UnitId] | None:
        return None if self.units is None else frozenset(UnitId(unit) for unit in self.units)


def load_principals(folder: Path, pack: Pack) -> tuple[PlannedPrincipal, ...]:
    """The planned principals; none when the folder has no such file. Raises `BadPack`."""
    if not (folder / PRINCIPALS).exists():
        return ()
    problems: list[PackProblem] = []
    placed = place_all(read_yaml(folder, PRINCIPALS), PlannedPrincipal, problems)
    for index, one in enumerate(placed):
        problems.extend(_faults(one, placed[:index], pack))
    if problems:
        raise BadPack(problems)
    return tuple(one.value for one in placed)


def _faults(
    one: Placed[PlannedPrincipal], earlier: list[Placed[PlannedPrincipal]], pack: Pack
) -> list[PackProblem]:
    planned = one.value
    faults = [
        one.problem(
            ("units", number), f"there is no unit {unit!r}", did_you_mean(unit, list(pack.rows_by_unit))
        )
        for number, unit in enumerate(planned.units or ())
        if unit not in pack.rows_by_unit
    ]
    if planned.role == "unit" and len(planned.units or ()) != 1:
        faults.append(one.problem((), "a unit's principal holds one unit", "units: [its id]"))
    if any(other.value.id == planned.id for other in earlier):
        faults.append(one.problem((), f"the principal {planned.id!r} stands there already", "another id"))
    return faults
