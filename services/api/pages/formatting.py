"""Numbers, periods and times as a reader of the language writes them. `board.js` formats the same way, with `Intl`."""

import math
from datetime import datetime

from services.api.pages.texts import TEXTS, WEEKDAYS
from services.contracts.language import Language, interval_in_words, number, period_in_words, signed

WARD = "Phường "


class Formatter:
    def __init__(self, language: Language) -> None:
        self.language = language
        self.texts = TEXTS[language]

    def number(self, value: float, decimals: int = 0) -> str:
        return number(value, self.language, decimals)

    def signed(self, value: float, decimals: int) -> str:
        return signed(value, self.language, decimals)

    def percent(self, share: float) -> str:
        """Whole percent, rounded down, so that 100 means all."""
        return str(math.floor(share * 100 + 1e-9))

    def interval(self, interval: tuple[int, int]) -> str:
        return interval_in_words(interval)

    def short_name(self, name: str) -> str:
        """For narrow columns: wards by their customary abbreviation, which the key spells out."""
        return "P. " + name.removeprefix(WARD) if name.startswith(WARD) else name

    def scale(self, scale: float) -> str:
        return self.number(scale, 0 if scale == int(scale) else 2)

    def period(self, text: str) -> str:
        return period_in_words(text, self.language)

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

    def instant(self, at: datetime, now: datetime) -> str:
        """The time of day, with the day unless it is today."""
        return self.time(at) if at.date() == now.date() else f"{self.time(at)} {at.strftime('%d/%m')}"

    def moment(self, at: datetime, now: datetime) -> str:
        """The time of day when it was today, else the day."""
        return self.time(at) if at.date() == now.date() else at.strftime("%d/%m")
