"""Numbers and periods as a reader of the language writes them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from services.contracts.periods import BadPeriod, parse_period

Language = Literal["vi", "en"]

_SEPARATORS: Final[dict[Language, dict[int, str]]] = {
    "vi": {ord(","): ".", ord("."): ","},
    "en": {},
}
_PERIODS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "year": "năm {year}",
        "half": "nửa năm {n}/{year}",
        "quarter": "quý {n}/{year}",
        "nine_months": "9 tháng đầu năm {year}",
        "month": "tháng {n}/{year}",
        "week": "tuần {n}/{year}",
        "day": "ngày {day}/{month}/{year}",
        "span": "{year}–{end}",
    },
    "en": {
        "year": "{year}",
        "half": "half {n} of {year}",
        "quarter": "Q{n} {year}",
        "nine_months": "the first 9 months of {year}",
        "month": "month {n}/{year}",
        "week": "week {n} of {year}",
        "day": "{day}/{month}/{year}",
        "span": "{year}–{end}",
    },
}


def number(value: float, language: Language, decimals: int = 1) -> str:
    """`1.234,5` in Vietnamese, `1,234.5` in English; half away from zero, no sign."""
    rounded = Decimal(repr(abs(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded:,f}".translate(_SEPARATORS[language])


def signed(value: float, language: Language, decimals: int = 1) -> str:
    """The same with a plus or a true minus."""
    return ("−" if value < 0 else "+") + number(value, language, decimals)


def period(text: str, language: Language) -> str:
    """A period in words; what is none is given back."""
    try:
        parsed = parse_period(text)
    except BadPeriod:
        return text
    return _PERIODS[language][parsed.cadence].format(
        year=parsed.first.year,
        end=parsed.last.year,
        n=text.partition("-")[2].lstrip("HQW0"),
        day=f"{parsed.first.day:02d}",
        month=f"{parsed.first.month:02d}",
    )


def interval(low_high: tuple[int, int]) -> str:
    low, high = low_high
    return str(low) if low == high else f"{low}–{high}"
