"""The map: areas keep their shape and lie inside the box, labels inside their area, and five classes part the scores."""

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from services.api.pages.formatting import Formatter
from services.api.pages.map_drawing import HEIGHT, WIDTH, Shape, drawn_land, shapes_of
from services.api.pages.map_model import class_words, cuts_of, level_of
from services.contracts.pack.area import Area
from tests.support.maps import mapped_pack, square


def outline(shape: Shape) -> list[tuple[float, float]]:
    first = shape.path.removeprefix("M").split("Z")[0]
    return [(float(x), float(y)) for x, y in (point.split(",") for point in first.split())]


def test_north_is_up_and_a_square_kilometre_is_square() -> None:
    south_west, north_east = (outline(shape) for shape in shapes_of([square("a", 0, 0), square("b", 1, 1)]))
    assert max(y for _, y in north_east) <= min(y for _, y in south_west)
    assert max(x for x, _ in south_west) <= min(x for x, _ in north_east)
    width = max(x for x, _ in south_west) - min(x for x, _ in south_west)
    height = max(y for _, y in south_west) - min(y for _, y in south_west)
    assert width / height == pytest.approx(cos(radians(18.1)), rel=0.01)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=8, unique=True))
def test_every_area_lies_in_the_box_and_its_label_inside_it(places: list[tuple[int, int]]) -> None:
    for shape in shapes_of([square(f"u{at}", *place) for at, place in enumerate(places)]):
        points = outline(shape)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
        assert Polygon(points).contains(Point(shape.x, shape.y))


def test_the_label_stands_in_the_largest_part_and_not_in_a_hole() -> None:
    island = ((105.0, 18.0), (105.01, 18.0), (105.01, 18.01), (105.0, 18.0))
    land = ((106.0, 18.0), (107.0, 18.0), (107.0, 19.0), (106.0, 19.0), (106.0, 18.0))
    lake = ((106.2, 18.2), (106.8, 18.2), (106.8, 18.8), (106.2, 18.8), (106.2, 18.2))
    (shape,) = shapes_of([Area(unit="a", polygons=((island,), (land, lake)))])
    assert shape.path.count("M") == 3
    whole = [[tuple(map(float, p.split(","))) for p in part.split()] for part in shape.path[1:-1].split("ZM")]
    assert Polygon(whole[1], [whole[2]]).contains(Point(shape.x, shape.y))


def test_a_pack_without_areas_has_no_shapes() -> None:
    assert shapes_of([]) == []


@given(st.lists(st.floats(0, 100), max_size=70), st.sampled_from([1.0, 10.0, 100.0, 1000.0]))
def test_four_rising_cuts_part_any_scores(scores: list[float], scale: float) -> None:
    cuts = cuts_of([score * scale / 100 for score in scores], scale)
    assert len(cuts) == 4
    assert cuts == sorted(set(cuts))
    assert {level_of(score, cuts) for score in (cuts[0] - 1e-6, *cuts)} == {"1", "2", "3", "4", "5"}


def test_spread_scores_fill_all_classes_and_the_words_say_the_cuts() -> None:
    scores = [66.95 + place * 0.35 for place in range(67)]
    cuts = cuts_of(scores, 100)
    assert {level_of(score, cuts) for score in scores} == {"1", "2", "3", "4", "5"}
    assert class_words(cuts, Formatter("vi")) == [
        "dưới 70",
        "70–75",
        "75–80",
        "80–85",
        "từ 85",
        "chưa xếp",
    ]


def test_cuts_with_decimals_are_written_whole() -> None:
    words = class_words(cuts_of([0.31, 0.42], 1.0), Formatter("en"))
    assert words[:2] == ["below 0.325", "0.325–0.350"]


def test_a_unit_without_a_score_has_a_class_of_its_own() -> None:
    assert level_of(None, [1, 2, 3, 4]) == "n"


def test_the_land_of_a_pack_is_drawn_once_for_the_units_that_are_there() -> None:
    pack, same = mapped_pack("ban-do", 5).pack, mapped_pack("ban-do", 5).pack
    units = [unit.id for unit in pack.units]
    drawn = drawn_land(pack.areas, units)
    assert drawn_land(pack.areas, list(reversed(units))) is drawn
    assert list(drawn) == shapes_of(pack.areas)
    assert [shape.unit for shape in drawn_land(pack.areas, units[:2])] == units[:2]
    assert drawn_land(same.areas, units) is not drawn
