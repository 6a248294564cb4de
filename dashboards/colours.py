"""What colours mean, as on the project's own pages: blue against orange for units, red for broken machines only.

Names are Grafana's, so that they suit the light and the dark theme.
"""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DashboardRegexMapOptions,
    FieldColorModeId,
    RegexMap,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

LEAD: Final = "blue"
URGE: Final = "orange"
DATA: Final = "semi-dark-blue"
BAND: Final = "super-light-blue"
MEDIAN: Final = "text"
QUIET: Final = "text"
HOLD: Final = "purple"
SIMULATED: Final = "dark-yellow"
OK: Final = "green"
SLOW: Final = "yellow"
BROKEN: Final = "red"
"""Systems only, never a unit."""


def fixed(colour: str) -> FieldColor:
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour)


def by_thresholds() -> FieldColor:
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def steps(base: str, *above: tuple[float, str]) -> ThresholdsConfig:
    """A colour below the first threshold, and the colour from each threshold on."""
    levels = [Threshold(value=None, color=base), *(Threshold(value=value, color=c) for value, c in above)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(levels)


def words(*pairs: tuple[str, str, str]) -> list[ValueMapping]:
    """(value, text, colour): a colour never stands alone, a word says the same."""
    return [ValueMap({v: ValueMappingResult(text=t, color=c, index=i) for i, (v, t, c) in enumerate(pairs)})]


def begins(*pairs: tuple[str, str]) -> list[ValueMapping]:
    """(first characters, colour) for texts that keep their own words."""
    return [
        RegexMap(DashboardRegexMapOptions(pattern=f"^{start}.*", result=ValueMappingResult(color=c, index=i)))
        for i, (start, c) in enumerate(pairs)
    ]
