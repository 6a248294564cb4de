"""The two sets of dashboards: Vietnamese first, the same in English beside it."""

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Say:
    """Chooses between a text and its translation: `say("Hạng", "Rank")`."""

    language: Language

    def __call__(self, vi: str, en: str) -> str:
        return vi if self.language == "vi" else en

    @property
    def title(self) -> str:
        """The column of a view that holds a title in this language."""
        return f"title_{self.language}"

    @property
    def simulated(self) -> str:
        """The mark of invented figures, wherever they show."""
        return self("MÔ PHỎNG", "MÔ PHỎNG / SIMULATED")

    def uid(self, name: str) -> str:
        """The uid of a dashboard or folder: the two sets stand side by side in one Grafana."""
        return f"thidua-{name}" if self.language == "vi" else f"thidua-{name}-en"

    @property
    def tag(self) -> str:
        """Links find the dashboards of a set by it."""
        return f"thidua-{self.language}"
