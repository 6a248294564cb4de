"""A pack whose units lie side by side on a map, for tests of the map's page."""

from services.contracts.pack.area import Area
from services.contracts.pack.compiled import CompiledPack, compile_pack
from tests.support.boards import build_pack

WEST, SOUTH, SIDE = 105.0, 18.0, 0.1


def mapped_pack(campaign: str, units: int, *, undrawn: int = 0) -> CompiledPack:
    """`build_pack` with squares of a tenth of a degree, eight in a row; the last `undrawn` units have none."""
    pack = build_pack(campaign, units).pack
    drawn = pack.units[: units - undrawn]
    areas = tuple(square(unit.id, place % 8, place // 8) for place, unit in enumerate(drawn))
    return compile_pack(pack.model_copy(update={"areas": areas}))


def square(unit: str, column: int, row: int) -> Area:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + SIDE, south + SIDE
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Area(unit=unit, polygons=((ring,),))
