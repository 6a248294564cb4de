"""What does not fit in `map.geojson`: units that are not there or stand twice, outlines that are not closed."""

from collections.abc import Iterator, Sequence

from services.contracts.pack.area import Area
from services.contracts.pack.model import Unit
from services.contracts.pack.placed import Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.wording import did_you_mean

Problems = Iterator[PackProblem]


def area_problems(areas: Sequence[Placed[Area]], units: Sequence[Placed[Unit]]) -> Problems:
    """Every fault of the areas among themselves and with the units."""
    known = written(units, "id")
    first: dict[str, int] = {}
    for area in areas:
        unit = area.value.unit
        if known and unit not in known:
            yield area.problem((), f"there is no unit {unit!r}", did_you_mean(unit, known))
        if unit in first:
            what = f"the unit {unit!r} has an area in line {first[unit]} already"
            yield area.problem((), what, "one MultiPolygon with all its parts")
        first.setdefault(unit, area.line())
        yield from _open_rings(area)


def _open_rings(area: Placed[Area]) -> Problems:
    for polygon in area.value.polygons:
        for ring in polygon:
            if ring[0] != ring[-1]:
                what = f"an outline of {area.value.unit!r} is not closed: it begins at {list(ring[0])} and ends at {list(ring[-1])}"
                yield area.problem((), what, "the first point again at its end")
