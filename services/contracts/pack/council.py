"""`council.yaml` of a pack: the roles that are told of flags. Who holds a role stands on `campaign.people`, never here."""

from collections.abc import Iterator, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from services.contracts.pack.base import Id, Model, Text
from services.contracts.pack.placed import Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.wording import did_you_mean
from services.contracts.people import Channel


class CouncilRole(Model):
    """A role of the council (Hội đồng Thi đua - Khen thưởng), and how it is told."""

    role: Id
    title: Text
    blocks: tuple[Id, ...] | None = None
    """Blocks whose flags it is told of by itself. Null: all; empty: none, for a role that only hears of escalations."""
    channels: tuple[Channel, ...] = Field(default=("email",), min_length=1)
    language: Literal["vi", "en"] = "vi"
    """The language that comes first; the other one stands below."""
    escalate_after_hours: float | None = Field(default=None, gt=0)
    """A proposal that nobody has decided about for so long goes to `escalate_to` as well."""
    escalate_to: Id | None = None

    @model_validator(mode="after")
    def _escalation_is_whole(self) -> Self:
        if (self.escalate_after_hours is None) != (self.escalate_to is None):
            raise ValueError("escalate_after_hours and escalate_to go together")
        return self

    def hears_of(self, block: str) -> bool:
        """Whether flags of the block, by its own id, go to this role."""
        return self.blocks is None or block in self.blocks


def council_problems(roles: Sequence[Placed[CouncilRole]], blocks: list[str]) -> Iterator[PackProblem]:
    """What does not fit between the roles, and between them and the pack's blocks."""
    known = written(roles, "role")
    first: dict[str, int] = {}
    for placed in roles:
        role = placed.value
        if role.role in first:
            yield placed.problem(
                (), f"the role {role.role!r} stands in line {first[role.role]} already", "another id"
            )
        first.setdefault(role.role, placed.line())
        for number, block in enumerate(role.blocks or ()):
            if blocks and block not in blocks:
                yield placed.problem(
                    ("blocks", number), f"there is no block {block!r}", did_you_mean(block, blocks)
                )
        if role.escalate_to is not None and role.escalate_to not in known:
            yield placed.problem(
                ("escalate_to",),
                f"there is no role {role.escalate_to!r}",
                did_you_mean(role.escalate_to, known),
            )
        elif role.escalate_to == role.role:
            yield placed.problem(("escalate_to",), "a role cannot escalate to itself", "another role")
