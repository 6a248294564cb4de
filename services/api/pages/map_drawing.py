"""Areas of a pack as paths of an SVG: flattened, fitted into a box, each with a place for its label."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians
from typing import Final

from shapely import Polygon, maximum_inscribed_circle

from services.contracts.pack.area import Area

WIDTH: Final = 1180.0
HEIGHT: Final = 765.0
MARGIN: Final = 14.0
ROOM_FOR_TWO_DIGITS: Final = 11.0
"""An area whose widest circle has a smaller radius gets a smaller label."""

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One area. `x`, `y` is the middle of the widest circle inside it; `small` says that a label has little room."""

    unit: str
    path: str
    x: float
    y: float
    small: bool


@dataclass(frozen=True, slots=True)
class _Land:
    """A pack's areas and those of its units that are drawn. Known by the tuple that the pack has, and keeps it: no point is compared."""

    identity: int
    units: frozenset[str]
    areas: tuple[Area, ...] = field(compare=False)


def drawn_land(areas: tuple[Area, ...], units: Collection[str]) -> Sequence[Shape]:
    """The shapes of those of a pack's areas that are of these units. The last few lands are kept: the 69 areas of Hà Tĩnh take 50 ms."""
    return _drawn(_Land(id(areas), frozenset(units), areas))


@lru_cache(maxsize=16)
def _drawn(land: _Land) -> Sequence[Shape]:
    return tuple(shapes_of([area for area in land.areas if area.unit in land.units]))


def shapes_of(areas: Sequence[Area]) -> list[Shape]:
    """The areas, north up, in a box of `WIDTH` x `HEIGHT`, whole and undistorted at their middle latitude."""
    if not areas:
        return []
    points = [point for area in areas for polygon in area.polygons for ring in polygon for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrowing = cos(radians((south + north) / 2))  # equirectangular: a province is small enough
    across, down = max((east - west) * narrowing, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / down)
    left, top = (WIDTH - across * scale) / 2, (HEIGHT - down * scale) / 2

    def flat(ring: Sequence[tuple[float, float]]) -> Ring:
        return [(left + (x - west) * narrowing * scale, top + (north - y) * scale) for x, y in ring]

    return [
        _shape(area.unit, [[flat(ring) for ring in polygon] for polygon in area.polygons]) for area in areas
    ]


def _shape(unit: str, polygons: list[list[Ring]]) -> Shape:
    path = "".join(_line(ring) for polygon in polygons for ring in polygon)
    outline, *holes = max(polygons, key=lambda rings: Polygon(rings[0]).area)
    widest = maximum_inscribed_circle(Polygon(outline, holes), tolerance=1)
    x, y = widest.coords[0]
    return Shape(unit, path, round(x, 1), round(y, 1), small=widest.length < ROOM_FOR_TWO_DIGITS)


def _line(ring: Ring) -> str:
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in ring[:-1]) + "Z"
