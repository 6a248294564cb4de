"""Why a unit has the score that it has: from a published result and its pack alone, by the same function for everyone who asks."""

from services.contracts.explanation.explain import explain
from services.contracts.explanation.model import (
    Comparison,
    Explanation,
    Line,
    NotExplained,
    OtherFigure,
    Part,
    Words,
)

__all__ = ["Comparison", "Explanation", "Line", "NotExplained", "OtherFigure", "Part", "Words", "explain"]
