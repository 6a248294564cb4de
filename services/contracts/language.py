"""Numbers and periods as readers of Vietnamese and of English write them. Pages, scripts and alerts say them the same way."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from services.contracts.periods import BadPeriod, Period, parse_period

Language = Literal["vi", "en"]

MINUS: Final = "−"
_SEPARATORS: Final[dict[Language, dict[int, str]]] = {"vi": {ord(","): ".", ord("."): ","}, "en": {}}

PERIODS: Final[dict[str, tuple[str, str]]] = {
    "year": ("năm {year}", "{year}"),
    "half_1": ("6 tháng đầu năm {year}", "first half of {year}"),
    "half_2": ("6 tháng cuối năm {year}", "second half of {year}"),
    "quarter": ("quý {n}/{year}", "Q{n} {year}"),
    "nine_months": ("9 tháng đầu năm {year}", "first 9 months of {year}"),
    "month": ("tháng {n}/{year}", "month {n}/{year}"),
    "week": ("tuần {n}/{year}", "week {n} of {year}"),
    "day": ("{day}/{month}/{year}", "{day}/{month}/{year}"),
    "span": ("{year}–{end}", "{year}–{end}"),
}
"""Forms of a period by its cadence (of a half with its number), Vietnamese and English."""


def number(value: float, language: Language, decimals: int = 0) -> str:
    """`1.234,5` in Vietnamese, `1,234.5` in English, with a true minus; what rounds to nothing bears no sign.

    Half away from zero on the shortest decimal form, as `Intl` rounds: a page drawn by its script shows the same.
    """
    rounded = Decimal(repr(abs(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    written = f"{rounded:,f}".translate(_SEPARATORS[language])
    return MINUS + written if value < 0 and rounded else written


def signed(value: float, language: Language, decimals: int = 0) -> str:
    """The same with a plus before what is above nothing."""
    written = number(value, language, decimals)
    is_above = value > 0 and written != number(0, language, decimals)
    return f"+{written}" if is_above else written


def period_in_words(text: str, language: Language) -> str:
    """A period in words; what is none is given back."""
    try:
        period = parse_period(text)
    except BadPeriod:
        return text
    number = period.text.partition("-")[2].lstrip("HQW0")
    form = f"half_{number}" if period.cadence == "half" else period.cadence
    return PERIODS[form][language == "en"].format(n=number, **_days(period))


def interval_in_words(interval: tuple[int, int]) -> str:
    """Of ranks: `2–5`, or the one rank."""
    low, high = interval
    return str(low) if low == high else f"{low}–{high}"


def _days(period: Period) -> dict[str, str]:
    return {
        "year": f"{period.first.year}",
        "end": f"{period.last.year}",
        "day": f"{period.first.day:02d}",
        "month": f"{period.first.month:02d}",
    }
