"""`map.geojson`: what does not fit is told by its line; a pack without a map keeps its hash."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.diff import diff
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack

SQUARE = [[105.0, 18.0], [105.1, 18.0], [105.1, 18.1], [105.0, 18.0]]


def feature(unit: str | None = "a", kind: str = "Polygon", coordinates: Any = None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": None if unit is None else {"unit": unit},
        "geometry": {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates},
    }


def written(folder: Path, *features: Any) -> Path:
    """One feature a line, from the second on."""
    lines = ",\n".join(json.dumps(one) for one in features)
    (folder / "map.geojson").write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}')
    return folder


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(BadPack) as bad:
        load_pack(folder)
    return [str(problem) for problem in bad.value.problems]


def test_polygons_of_one_part_and_of_many_are_read_and_survive_publishing(folder: Path) -> None:
    high = [[*point, 12.5] for point in SQUARE]
    written(folder, feature("a"), feature("b", "MultiPolygon", [[SQUARE], [high]]))
    pack = read_compiled(compile_pack(load_pack(folder)).body).pack
    ring = tuple(tuple(point) for point in SQUARE)
    assert {area.unit: area.polygons for area in pack.areas} == {"a": ((ring,),), "b": ((ring,), (ring,))}


def test_a_pack_without_a_map_keeps_its_hash(folder: Path) -> None:
    assert b"areas" not in compile_pack(load_pack(folder)).body


@pytest.mark.parametrize(
    ("features", "problems"),
    [
        pytest.param(
            [feature("a"), feature("bb")],
            ["map.geojson:3: there is no unit 'bb'; write 'b' instead"],
            id="a unit that is not there",
        ),
        pytest.param(
            [feature("a"), feature("b"), feature("a")],
            [
                "map.geojson:4: the unit 'a' has an area in line 2 already; "
                "write one MultiPolygon with all its parts instead"
            ],
            id="a unit twice",
        ),
        pytest.param(
            [feature(None)],
            [
                "map.geojson:2: the feature does not name its unit; "
                'write "properties": {"unit": "an id of units.csv"} instead'
            ],
            id="no unit",
        ),
        pytest.param(
            [feature("a", "Point", [105.0, 18.0])],
            ["map.geojson:2: the geometry of 'a' is 'Point'; write a Polygon or a MultiPolygon instead"],
            id="a point",
        ),
        pytest.param(
            [feature("a", coordinates=[[[y, x] for x, y in SQUARE]])],
            [
                "map.geojson:2: the point [18.0, 105.0] of 'a' has its latitude first; "
                "write the longitude first, then the latitude instead"
            ],
            id="latitude first",
        ),
        pytest.param(
            [feature("a", coordinates=[[*SQUARE[:-1], [104.9, 18.0]]])],
            [
                "map.geojson:2: an outline of 'a' is not closed: it begins at [105.0, 18.0] and ends at [104.9, 18.0]; "
                "write the first point again at its end instead"
            ],
            id="not closed",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_its_line(
    folder: Path, features: list[Any], problems: list[str]
) -> None:
    assert problems_of(written(folder, *features)) == problems


@pytest.mark.parametrize(
    "coordinates", [[], [[]], [[[105.0, "x"]] * 4], "x", 7, [SQUARE[:3]], [[[200.0, 18.0]] * 4]]
)
def test_coordinates_that_are_none_are_told_where_they_stand(folder: Path, coordinates: Any) -> None:
    found = problems_of(written(folder, feature("b"), feature("a", coordinates=coordinates)))
    assert found and all(problem.startswith("map.geojson:3: ") for problem in found)


def test_what_is_too_short_says_how_long_it_must_be(folder: Path) -> None:
    written(folder, feature("a", coordinates=[SQUARE[:3]]))
    assert problems_of(folder) == ["map.geojson:2: a part of 'polygons' has only 3; write at least 4 instead"]


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"features": {}}', '{"features": []}', "null"])
def test_a_file_that_is_no_collection_is_told(folder: Path, text: str) -> None:
    (folder / "map.geojson").write_text(text)
    assert all(problem.startswith("map.geojson:1: ") for problem in problems_of(folder))


def test_another_map_is_told_in_numbers_and_changes_no_score(folder: Path) -> None:
    before = load_pack(written(folder, feature("a")))
    moved = [[x + 1, y] for x, y in SQUARE]
    after = load_pack(written(folder, feature("a", coordinates=[moved]), feature("b")))
    told = diff(before, after)
    assert [str(change.text) for change in told.changes] == ["areas: 1 new, 1 drawn otherwise"]
    assert not any(told.scores.values())
