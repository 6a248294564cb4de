"""Numbers, periods and times as a reader of the language writes them. `board.js` formats the same way, with `Intl`."""

import math
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from services.api.pages.texts import TEXTS, WEEKDAYS, Language
from services.contracts.periods import BadPeriod, Period, parse_period

MINUS = "−"
WARD = "Phường "


class Formatter:
    def __init__(self, language: Language) -> None:
        self.language = language
        self.texts = TEXTS[language]

    def number(self, value: float, decimals: int = 0) -> str:
        """`1.234,5`, with a true minus."""
        plain = f"{_rounded(abs(value), decimals):,f}"
        swapped = plain.translate({ord(","): self.texts["thousands"], ord("."): self.texts["decimal"]})
        return MINUS + swapped if value < 0 and plain.strip("0.,") else swapped

    def signed(self, value: float, decimals: int) -> str:
        text = self.number(value, decimals)
        return text if text.startswith(MINUS) else f"+{text}"

    def percent(self, share: float) -> str:
        """Whole percent, rounded down, so that 100 means all."""
        return str(math.floor(share * 100 + 1e-9))

    def interval(self, interval: tuple[int, int]) -> str:
        low, high = interval
        return str(low) if low == high else f"{low}–{high}"

    def short_name(self, name: str) -> str:
        """For narrow columns: wards by their customary abbreviation, which the key spells out."""
        return "P. " + name.removeprefix(WARD) if name.startswith(WARD) else name

    def scale(self, scale: float) -> str:
        return self.number(scale, 0 if scale == int(scale) else 2)

    def period(self, text: str) -> str:
        """A period in words; what is none is given back."""
        try:
            period = parse_period(text)
        except BadPeriod:
            return text
        return self.texts[f"p_{period.cadence}"].format(**_parts(period))

    def duration(self, seconds: float) -> str:
        s = int(seconds)
        if s < 60:
            return self.texts["d_seconds"].format(s=s)
        if s < 3600:
            return self.texts["d_minutes"].format(m=s // 60, s=s % 60)
        if s < 2 * 86_400:
            return self.texts["d_hours"].format(h=s // 3600, m=s % 3600 // 60)
        return self.texts["d_days"].format(d=s // 86_400)

    def time(self, at: datetime) -> str:
        return at.strftime("%H:%M")

    def date(self, at: datetime) -> str:
        return at.strftime("%d/%m/%Y")

    def weekday(self, at: datetime) -> str:
        return f"{WEEKDAYS[self.language][at.weekday()]}, {self.date(at)}"

    def moment(self, at: datetime, now: datetime) -> str:
        """The time of day when it was today, else the day."""
        return self.time(at) if at.date() == now.date() else at.strftime("%d/%m")


def _rounded(value: float, decimals: int) -> Decimal:
    """Half away from zero on the shortest decimal form, as `Intl` rounds: both pictures of a board show the same."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _parts(period: Period) -> dict[str, str]:
    number = period.text.partition("-")[2].lstrip("HQW0")
    return {
        "year": f"{period.first.year}",
        "end": f"{period.last.year}",
        "n": number,
        "day": f"{period.first.day:02d}",
        "month": f"{period.first.month:02d}",
    }
