"""Pieces of SELECT lists that several panels share: how a rank, an interval, a move and invented figures are written."""

from typing import Final

from dashboards.language import Say
from services.contracts.flag_words import KINDS, TONES, Tone
from services.contracts.flags import FlagKind

RANK: Final = "if(rank IS NULL, '–', toString(rank))"
"""Not ranked is a dash."""

INTERVAL: Final = (
    "if(interval_best IS NULL, '–', concat(toString(interval_best), '–', toString(interval_worst)))"
)

UNDECIDED: Final = "newest AND state != 'ended' AND state != 'dismissed'"
"""The newest state of flags that still stand."""


_SIGNS: Final[dict[Tone, str]] = {"lead": "★", "urge": "◆", "look": "△"}

OPEN_FLAGS: Final = (
    "countIf(kind = 'leader') AS leaders, countIf(kind = 'underperformer') AS underperformers, "
    "countIf(kind NOT IN ('leader', 'underperformer')) AS other_flags"
)
"""Counts of flags by what they ask for."""


def kind_words(kind: FlagKind, say: Say) -> str:
    """A flag's kind with its sign, as on the board."""
    words = KINDS[kind]
    sign = _SIGNS[TONES[kind]]
    return say(f"{sign} {words['vi']}", f"{sign} {words['en']}")


def moved(say: Say) -> str:
    """Places since the baseline, with their direction as a sign; without a comparable baseline there is none, and that is said."""
    none = say("không có mốc", "no baseline")
    return (
        f"multiIf(moved IS NULL, '{none}', moved > 0, concat('▲ ', toString(moved)), "
        "moved < 0, concat('▼ ', toString(-moved)), '=')"
    )


def simulated(say: Say) -> str:
    return f"if(simulated, '{say.simulated}', '')"
