"""Blocks that stand still, as the api tells of them: every process may be well, and a board not."""

from dataclasses import dataclass
from typing import Any, Self

from deploy.embedded.health import told


@dataclass(frozen=True)
class StandingBlock:
    """`what` is one sentence with time, place and fault; `advice` is what to do."""

    block: str
    what: str
    advice: str

    @classmethod
    def of(cls, halt: dict[str, Any]) -> Self:
        place = ":".join(map(str, halt["place"]))
        what = f"stands still since {halt['since']} at {place}: {halt['error'] or halt['why']}"
        return cls(halt["block"], what, halt["next"])


def standing_blocks(api_port: int) -> tuple[StandingBlock, ...]:
    """None of them when the api does not answer: that is told elsewhere."""
    return tuple(StandingBlock.of(halt) for halt in told(api_port, "/v1/halts") or ())
