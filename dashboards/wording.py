"""Pieces of SELECT lists that several panels share: how a rank, an interval, a move and invented figures are written."""

from typing import Final

from dashboards.language import Say

RANK: Final = "if(rank IS NULL, '–', toString(rank))"
"""Not ranked is a dash."""

INTERVAL: Final = (
    "if(interval_best IS NULL, '–', concat(toString(interval_best), '–', toString(interval_worst)))"
)

UNDECIDED: Final = "newest AND state != 'ended' AND state != 'dismissed'"
"""The newest state of flags that still stand."""


def moved(say: Say) -> str:
    """Places since the baseline, with their direction as a sign; without a comparable baseline there is none, and that is said."""
    none = say("không có mốc", "no baseline")
    return (
        f"multiIf(moved IS NULL, '{none}', moved > 0, concat('▲ ', toString(moved)), "
        "moved < 0, concat('▼ ', toString(-moved)), '=')"
    )


def simulated(say: Say) -> str:
    return f"if(simulated, '{say.simulated}', '')"
