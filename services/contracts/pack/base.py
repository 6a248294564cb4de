"""What every part of a pack is made of: ids, texts, shares, and the model that refuses what it does not know."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""Ids hold letters, digits, `_`, `.` and `-`: they stand in keys, addresses and file names."""

NOT_BLANK = r"\S"
"""A text says something."""

Share = Annotated[float, Field(gt=0, le=1)]


class Model(BaseModel):
    """Base of the parts of a pack: unknown fields are refused, numbers are finite, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def later(default: Any, **limits: Any) -> Any:
    """A field that came after packs were first published: left out of the canonical JSON where it holds its default.

    So a pack that does not use it keeps its hash, and with it its activation and the baselines of its evaluations.
    """
    return Field(default=default, exclude_if=lambda value: value == default, **limits)


class Text(Model):
    """A text for users: Vietnamese first, English beside it."""

    vi: str = Field(min_length=1, pattern=NOT_BLANK)
    en: str = Field(min_length=1, pattern=NOT_BLANK)
