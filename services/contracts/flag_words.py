"""Flags in words, for pages, panels and letters: what each kind says of a unit, and what could be wrong with a flag. Vietnamese first."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from services.contracts.flags import CounterCheck, Flag, FlagKind, ReviewSign
from services.contracts.language import Language, number

Tone = Literal["lead", "urge", "look"]
"""Praise, a push, or figures that a person should look at: the colour and sign of a mark."""

KINDS: Final[dict[FlagKind, dict[Language, str]]] = {
    "leader": {"vi": "dẫn đầu", "en": "leader"},
    "underperformer": {"vi": "cần đôn đốc", "en": "needs a push"},
    "off_path": {"vi": "chậm tiến độ", "en": "behind its path"},
    "silent": {"vi": "chậm báo cáo", "en": "reports overdue"},
    "sudden_change": {"vi": "biến động đột ngột", "en": "sudden change"},
    "frozen": {"vi": "số liệu lặp lại", "en": "figures repeat"},
    "review": {"vi": "số liệu cần rà soát", "en": "figures to review"},
}
"""What a proposal proposes, in lower case: `đề xuất: cần đôn đốc`."""

TONES: Final[dict[FlagKind, Tone]] = {
    "leader": "lead",
    "underperformer": "urge",
    "off_path": "urge",
    "silent": "urge",
    "sudden_change": "look",
    "frozen": "look",
    "review": "look",
}

SIGNS: Final[dict[ReviewSign, dict[Language, str]]] = {
    "heaped": {"vi": "số liệu dồn ngay trên ngưỡng", "en": "figures heaped just over their target"},
    "burst": {"vi": "dồn vào cuối kỳ", "en": "bunched at the end of the period"},
    "revised": {"vi": "sửa nhiều sau hạn báo cáo", "en": "changed much after they were due"},
}

_SMALL: Final = 0.25
"""A denominator below a quarter of the block's median is worth a word."""

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "held": {"vi": "đơn vị đang bị xem xét", "en": "the unit is under inspection"},
    "transition": {"vi": "đơn vị mới sắp xếp lại", "en": "the unit was reorganised lately"},
    "decides": {
        "vi": "nếu “{criterion}” được báo cáo ở mức trung vị của khối thì hạng là {rank} và không còn đạt ngưỡng",
        "en": "with “{criterion}” reported at the block's median it would be rank {rank} and no longer within the threshold",
    },
    "missing": {
        "vi": "{overdue} báo cáo quá hạn; “{criterion}” ở mức trung vị của khối thì hạng là {rank}",
        "en": "{overdue} overdue; with “{criterion}” at the block's median it would be rank {rank}",
    },
    "overdue": {"vi": "{overdue} báo cáo quá hạn", "en": "{overdue} overdue"},
    "small": {
        "vi": "mẫu số nhỏ ở “{criterion}”: {denominator} (trung vị khối {median})",
        "en": "small denominator in “{criterion}”: {denominator} (block median {median})",
    },
    "nothing": {"vi": "không thấy dấu hiệu trong số liệu", "en": "nothing in the figures says so"},
}


def signs_in_words(flag: Flag, language: Language) -> str:
    """Why figures are on the review list; empty for other kinds."""
    return ", ".join(SIGNS[sign][language] for sign in flag.signs) if flag.signs is not msgspec.UNSET else ""


def doubts_in_words(flag: Flag, language: Language, title: Callable[[str], str]) -> str:
    """What the counter-check found, in one line: what weighs most first. Empty for a flag that has none. `title` names a criterion."""
    check = flag.check
    if check is msgspec.UNSET:
        return ""
    doubts = [*_missing(check, language, title), *_small(check, language, title)]
    doubts += [_WORDS[name][language] for name in ("held", "transition") if getattr(check, name)]
    return "; ".join(doubts) or _WORDS["nothing"][language]


def _missing(check: CounterCheck, language: Language, title: Callable[[str], str]) -> list[str]:
    if check.missing is None:
        return [_WORDS["overdue"][language].format(overdue=check.overdue)] if check.overdue else []
    one = check.missing
    name = "decides" if one.decides else "missing"
    words = _WORDS[name][language]
    return [words.format(overdue=check.overdue, criterion=title(one.criterion), rank=one.rank)]


def _small(check: CounterCheck, language: Language, title: Callable[[str], str]) -> list[str]:
    base = check.smallest
    if base is None or base.denominator >= _SMALL * base.median:
        return []
    figures = {
        "denominator": number(base.denominator, language, 0),
        "median": number(base.median, language, 0),
    }
    return [_WORDS["small"][language].format(criterion=title(base.criterion), **figures)]
