"""Pieces of SELECT lists that several panels share: how a rank, an interval, a move and invented figures are written."""

from collections.abc import Mapping
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


_STEPS: Final[dict[str, tuple[str, str]]] = {
    "door_to_log": ("1 cửa nhận → log", "1 door → log"),
    "log_to_applied": ("2 log → tính", "2 log → applied"),
    "applied_to_ranked": ("3 tính → xếp hạng", "3 applied → ranked"),
    "ranked_to_board": ("4 xếp hạng → bảng", "4 ranked → board"),
    "door_to_board": ("Σ cửa nhận → bảng", "Σ door → board"),
    "door_to_stored": ("cửa nhận → kho", "door → store"),
}

_BESIDE: Final = {
    "repeat": ("trùng lặp", "repeats"),
    "correction": ("đính chính", "corrections"),
    "dead letter": ("bản ghi lỗi", "dead letters"),
    "old": ("đọc lại", "read again"),
}


def step(say: Say) -> str:
    """A step of an event's way, in words."""
    return _in_words("step", _STEPS, say)


def beside(say: Say) -> str:
    """What an event was beside new, in words."""
    return _in_words("kind", _BESIDE, say)


def _in_words(column: str, words: Mapping[str, tuple[str, str]], say: Say) -> str:
    given = ", ".join(f"'{name}'" for name in words)
    told = ", ".join(f"'{say(*both)}'" for both in words.values())
    return f"transform({column}, [{given}], [{told}], {column})"


def simulated(say: Say) -> str:
    return f"if(simulated, '{say.simulated}', '')"
