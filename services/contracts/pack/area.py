"""Where units lie on the map: `map.geojson` of a pack, read as GeoJSON (RFC 7946) into polygons of degrees."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from services.contracts.pack.base import Id, Model
from services.contracts.pack.problem import BadPack, PackProblem
from services.contracts.pack.sources import Document, Path_, read_text

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Point = tuple[Longitude, Latitude]
Ring = Annotated[tuple[Point, ...], Field(min_length=4)]
"""A closed line: the last point is the first."""
Polygon = Annotated[tuple[Ring, ...], Field(min_length=1)]
"""Its outline, then its holes."""

_SHAPES: Final = ("Polygon", "MultiPolygon")


class Area(Model):
    """One unit's land, in WGS 84 degrees."""

    unit: Id
    polygons: Annotated[tuple[Polygon, ...], Field(min_length=1)]


def read_geojson(folder: Path, file: str) -> Document:
    """The features as rows for `Area`; row `i` stands at path `(i,)`. Raises `BadPack` with every fault of form."""
    text = read_text(folder, file)
    try:
        collection = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(
            file, error.lineno, f"unreadable JSON ({error.msg})", "what a map program exports"
        ) from None
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        raise _bad(
            file, 1, "this is no FeatureCollection", '{"type": "FeatureCollection", "features": [...]}'
        )
    lines = _lines(text, len(features))
    problems: list[PackProblem] = []
    rows = [_row(file, lines[(at,)], feature, problems) for at, feature in enumerate(features)]
    if problems:
        raise BadPack(problems)
    return Document(file, rows, lines)


def _row(file: str, line: int, feature: Any, problems: list[PackProblem]) -> dict[str, Any]:
    """Null geometry and missing properties are legal GeoJSON, so they are looked for."""
    properties, geometry = _mapping(feature, "properties"), _mapping(feature, "geometry")
    unit, kind = properties.get("unit"), geometry.get("type")
    if not isinstance(unit, str):
        problems.append(
            PackProblem(
                file,
                line,
                "the feature does not name its unit",
                '"properties": {"unit": "an id of units.csv"}',
            )
        )
    if kind not in _SHAPES:
        what = f"the geometry of {unit!r} is {kind!r}"
        problems.append(PackProblem(file, line, what, "a Polygon or a MultiPolygon"))
        return {}
    given = geometry.get("coordinates")
    polygons = _flat(given if kind == "MultiPolygon" else [given])
    if (point := _turned(polygons)) is not None:
        what = f"the point {point} of {unit!r} has its latitude first"
        problems.append(PackProblem(file, line, what, "the longitude first, then the latitude"))
    return {"unit": unit, "polygons": polygons}


def _mapping(feature: Any, name: str) -> dict[str, Any]:
    found = feature.get(name) if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _flat(polygons: Any) -> Any:
    """Without heights: a point may have three numbers. What is not nested as it should be is left to the model."""
    try:
        return [[[point[:2] for point in ring] for ring in polygon] for polygon in polygons]
    except TypeError:
        return polygons


def _turned(polygons: Any) -> list[float] | None:
    """A point that is on Earth only the other way round."""
    try:
        points = (point for polygon in polygons for ring in polygon for point in ring)
        return next((point for point in points if abs(point[1]) > 90 >= abs(point[0])), None)
    except (TypeError, IndexError):
        return None


def _lines(text: str, features: int) -> dict[Path_, int]:
    """JSON has no lines of its own: a feature stands where the word `"Feature"` does, the n-th where the n-th does."""
    lines: dict[Path_, int] = {(): 1}
    at = line = 0
    for number in range(features):
        found = text.find('"Feature"', at)
        if found < 0:
            return lines | {(rest,): line + 1 for rest in range(number, features)}
        line += text.count("\n", at, found)
        lines[(number,)] = line + 1
        at = found + 1
    return lines


def _bad(file: str, line: int, what: str, write_instead: str) -> BadPack:
    return BadPack([PackProblem(file, line, what, write_instead)])
