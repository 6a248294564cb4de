"""Identifiers that must not be mixed up, each with its own type."""

from typing import NamedTuple, NewType

CampaignId = NewType("CampaignId", str)
"""Id of a campaign, the name of its pack folder: `hdi`."""

BlockId = NewType("BlockId", str)
"""`<campaign>/<block>`: the key of `campaign.events`, the unit of consistency."""

UnitId = NewType("UnitId", str)
"""Stable id of a unit inside its campaign; never a name, never an official code alone."""

IndicatorId = NewType("IndicatorId", str)
CriterionId = NewType("CriterionId", str)
GroupId = NewType("GroupId", str)

PackHash = NewType("PackHash", str)
"""SHA-256 of a compiled pack, 64 hexadecimal digits: the pack's version."""

EvaluationId = NewType("EvaluationId", str)
"""Hash of (block, period, as_of, edition); see `evaluation_id`."""

FlagId = NewType("FlagId", str)
"""`<block>:<kind>:<unit>:<evaluation that opened it>`."""

EventKey = tuple[str, str]
"""(source, id) of an event: what identifies it."""


class FlagParts(NamedTuple):
    """What a flag's id says. `kind` is whatever stands there."""

    block: BlockId
    kind: str
    unit: UnitId
    opened_by: EvaluationId


def flag_parts(flag: str) -> FlagParts | None:
    """The parts of a flag's id, or None when it has not the form of one."""
    parts = flag.split(":")
    if len(parts) != 4 or not all(parts):
        return None
    return FlagParts(BlockId(parts[0]), parts[1], UnitId(parts[2]), EvaluationId(parts[3]))


def block_id(campaign: str, block: str) -> BlockId:
    """`<campaign>/<block>`, the key of a block's records."""
    return BlockId(f"{campaign}/{block}")
