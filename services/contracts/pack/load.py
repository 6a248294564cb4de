"""Reads a campaign pack from its folder, collecting everything that is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from services.contracts.pack.area import Area, read_geojson
from services.contracts.pack.area_check import area_problems
from services.contracts.pack.bounds import bounds_problems
from services.contracts.pack.council import CouncilRole, council_problems
from services.contracts.pack.crossing import crossing_problems
from services.contracts.pack.hints import hints
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.lineage_check import lineage_problems
from services.contracts.pack.model import Block, Campaign, Pack, Unit
from services.contracts.pack.placed import M, Placed, known_columns, place, place_all, written
from services.contracts.pack.problem import BadPack, PackProblem
from services.contracts.pack.scheme import Scheme
from services.contracts.pack.sources import Document, read_csv, read_yaml

CAMPAIGN: Final = "campaign.yaml"
BLOCKS: Final = "blocks.yaml"
SCHEMES: Final = "schemes.yaml"
INDICATORS: Final = "indicators.yaml"
UNITS: Final = "units.csv"

COUNCIL: Final = "council.yaml"
"""Left out where nobody is told of flags."""

LINEAGE: Final = "lineage.csv"
"""Left out where no unit changes."""

MAP: Final = "map.geojson"
"""Left out where there is no map."""

FILES: Final = (CAMPAIGN, BLOCKS, SCHEMES, INDICATORS, UNITS)


def load_pack(folder: Path) -> Pack:
    """The pack of a folder. Raises `BadPack` with every fault that could be found; pure apart from reading the files."""
    problems: list[PackProblem] = []
    campaign = _campaign(folder, problems)
    blocks = _entries(folder, BLOCKS, read_yaml, Block, problems)
    schemes = _entries(folder, SCHEMES, read_yaml, Scheme, problems)
    indicators = _entries(folder, INDICATORS, read_yaml, Indicator, problems)
    units = _entries(folder, UNITS, read_csv, Unit, problems)
    council = _council(folder, problems)
    lineage = _lineage(folder, problems)
    areas = _areas(folder, problems)
    problems.extend(council_problems(council, written(blocks, "id")))
    problems.extend(crossing_problems(campaign, blocks, schemes, indicators, units))
    problems.extend(bounds_problems(campaign, blocks, schemes, indicators))
    problems.extend(lineage_problems(lineage, units, indicators))
    problems.extend(area_problems(areas, units))
    if problems or campaign is None:
        raise BadPack(problems)
    return Pack(
        campaign=campaign.value,
        blocks=tuple(block.value for block in blocks),
        schemes=tuple(scheme.value for scheme in schemes),
        indicators=tuple(indicator.value for indicator in indicators),
        units=tuple(unit.value for unit in units),
        council=tuple(role.value for role in council),
        lineage=tuple(edge.value for edge in lineage),
        areas=tuple(area.value for area in areas),
    )


def pack_hints(folder: Path) -> tuple[PackProblem, ...]:
    """What looks like a slip in a folder that `load_pack` reads without a fault, in the order of files and lines."""
    ignored: list[PackProblem] = []
    campaign = _campaign(folder, ignored)
    assert campaign is not None, "the pack has no fault"
    found = hints(
        campaign,
        _entries(folder, BLOCKS, read_yaml, Block, ignored),
        _entries(folder, SCHEMES, read_yaml, Scheme, ignored),
        _entries(folder, INDICATORS, read_yaml, Indicator, ignored),
        _entries(folder, UNITS, read_csv, Unit, ignored),
    )
    return tuple(sorted(set(found)))


def _campaign(folder: Path, problems: list[PackProblem]) -> Placed[Campaign] | None:
    document = _read(folder, CAMPAIGN, read_yaml, problems)
    return None if document is None else place(document, (), Campaign, problems)


def _council(folder: Path, problems: list[PackProblem]) -> list[Placed[CouncilRole]]:
    if not (folder / COUNCIL).exists():
        return []
    return _entries(folder, COUNCIL, read_yaml, CouncilRole, problems)


def _lineage(folder: Path, problems: list[PackProblem]) -> list[Placed[LineageEdge]]:
    return _entries(folder, LINEAGE, read_csv, LineageEdge, problems) if (folder / LINEAGE).exists() else []


def _areas(folder: Path, problems: list[PackProblem]) -> list[Placed[Area]]:
    return _entries(folder, MAP, read_geojson, Area, problems) if (folder / MAP).exists() else []


def _entries(
    folder: Path,
    file: str,
    read: Callable[[Path, str], Document],
    model: type[M],
    problems: list[PackProblem],
) -> list[Placed[M]]:
    document = _read(folder, file, read, problems)
    if document is not None and document.columns:
        document = known_columns(document, model, problems)
    return [] if document is None else place_all(document, model, problems)


def _read(
    folder: Path, file: str, read: Callable[[Path, str], Document], problems: list[PackProblem]
) -> Document | None:
    try:
        return read(folder, file)
    except BadPack as bad:
        problems.extend(bad.problems)
        return None
