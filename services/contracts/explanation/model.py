"""What an explanation says. Points are on the block's scale, at the published precision; lists of parts add up exactly."""

from datetime import datetime
from typing import Literal

import msgspec

from services.contracts.event_data import Origin
from services.contracts.ids import BlockId, EvaluationId, PackHash, UnitId
from services.contracts.results import CellState, Light, NoDelta, NotRanked, Quadrant

Kind = Literal["group", "criterion", "rounding", "bonus", "penalty", "adjustment", "cap", "floor", "gate"]
"""`rounding`: what rounding a group's points added or took; `adjustment`: what the council gave or took for a group; `cap`: what the scale's
end took of bonuses; `floor`: what the end at 0 spared of penalties; `gate`: what a minimum that was not reached took."""


class NotExplained(Exception):  # noqa: N818 - it names what is not
    """There is nothing to explain: no such unit in the result, or its figures do not make up its score under the pack given."""


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    vi: str
    en: str


class OtherFigure(msgspec.Struct, frozen=True):
    """What another origin reported for the same period, in the indicator's unit of measure."""

    origin: Origin
    actual: float


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a scorecard, in the tree's order: a group before its members, then what stands beside the tree.

    `points` of all lines that are no group add up to the total, and those right inside a group to the group's. Null: it does not count for
    the unit. A criterion's points are what it is worth here less what its score costs: under a geometric mean a low score can cost more
    than it is worth.
    """

    kind: Kind
    id: str
    """Of the group, criterion or extra; of a rounding, adjustment or gate, the group or criterion that it belongs to."""
    title: Words
    depth: int
    """0 for the root."""
    points: float | None
    weight: float | None = None
    """Share of the whole when nothing is missing, 0..1."""
    worth: float | None = None
    """The most points that it has here: more than its weight says where others of its group are left out."""
    score: float | None = None
    """0..1, as published."""
    state: CellState | None = None
    missing: str | None = None
    """Of a figure that is not reported, what the pack does about it."""
    actual: float | None = None
    unit_of_measure: str | None = None
    is_share: bool = False
    """`actual` and `target` are shares: 0.95 is 95 %."""
    target: float | None = None
    """What full marks ask for, in the indicator's unit of measure; null where units are compared with one another."""
    path: float | None = None
    """Where a path is planned, what it asks for on the day that the figure is held against."""
    light: Light | None = None
    """Where the figure stands on that path."""
    adjusted: float | None = None
    """Of a bonus or penalty, what of its points the council gave or took."""
    period: str | None = None
    origin: Origin | None = None
    source: str | None = None
    event: str | None = None
    """(`source`, `event`) is the event that is the evidence."""
    others: list[OtherFigure] = []
    """Origins that report another figure than `origin`, which counts; of an official evaluation of a pack that looks for them."""


class Part(msgspec.Struct, frozen=True):
    """What one line makes of a difference: points of the unit less those of what it is compared with."""

    kind: Kind
    id: str
    title: Words
    points: float


class Comparison(msgspec.Struct, frozen=True):
    """The unit against another one, or against itself earlier. `parts` add up to `gap`, the unit's score less the other; none is 0."""

    unit: UnitId
    name: str
    rank: int
    score: float
    gap: float
    parts: list[Part]
    evaluation: EvaluationId | None = None
    period: str | None = None
    """Both of the earlier evaluation, where it is one."""


class Explanation(msgspec.Struct, frozen=True):
    """A unit's scorecard. `evaluation` and `edition` are null for a live ranking.

    `total` is what the lines add up to: the score, or what it would be where the unit is not ranked; null when nothing counts. `above` and
    `below` are the nearest units of another rank, `middle` the unit in the middle of the board; null where there is none or the unit is
    not ranked. `change` is since the evaluation before; where that cannot be compared `no_change` says why. `common` is the block's median
    change, which `delta` leaves out.
    """

    block: BlockId
    unit: UnitId
    name: str
    evaluation: EvaluationId | None
    edition: int | None
    period: str
    as_of: datetime
    pack: PackHash
    engine: str
    simulated: bool
    scale: float
    decimals: int
    rank: int | None
    of: int
    level_with: list[UnitId]
    score: float | None
    total: float | None
    coverage: float
    interval: tuple[int, int] | None
    moved: int | None
    delta: float | None
    common: float | None
    quadrant: Quadrant | None
    no_delta: NoDelta | None
    not_ranked: NotRanked | None
    lines: list[Line]
    above: Comparison | None
    below: Comparison | None
    middle: Comparison | None
    change: Comparison | None
    no_change: NoDelta | None
