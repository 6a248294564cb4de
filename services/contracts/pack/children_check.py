"""Checks of what is made of children: that the block, the criterion and the parents are there, and that the figure is a ratio."""

from collections.abc import Iterator, Sequence

from services.contracts.pack.children import FromChildren
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Block, Unit
from services.contracts.pack.placed import Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Scheme
from services.contracts.pack.wording import did_you_mean

Problems = Iterator[PackProblem]


def children_problems(
    indicators: Sequence[Placed[Indicator]],
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    units: Sequence[Placed[Unit]],
) -> Problems:
    """Every fault of parents, and of the indicators that are made of their children."""
    for placed in indicators:
        if placed.value.from_children is not None:
            yield from _figure(placed)
            yield from _sources(placed, placed.value.from_children, blocks, schemes, units)
    known = written(units, "id")
    for unit in units:
        parent = unit.value.parent
        if parent is not None and parent not in known:
            yield unit.problem((), f"there is no unit {parent!r}, the parent", did_you_mean(parent, known))
        elif parent == unit.value.id:
            yield unit.problem((), f"{parent!r} is no parent of itself", "another unit, or none")


def _figure(placed: Placed[Indicator]) -> Problems:
    indicator = placed.value
    if indicator.measure != "ratio":
        yield placed.problem(("measure",), "a share of units is a ratio", "measure: ratio")
    if "automatic" not in indicator.origins:
        yield placed.problem(
            ("origins",), "what is made of children is reported automatically", "origins: [automatic]"
        )


def _sources(
    placed: Placed[Indicator],
    source: FromChildren,
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    units: Sequence[Placed[Unit]],
) -> Problems:
    inside, known = ("from_children", "block"), written(blocks, "id")
    if known and source.block not in known:
        yield placed.problem(inside, f"there is no block {source.block!r}", did_you_mean(source.block, known))
        return
    if not any(unit.value.block == source.block and unit.value.parent for unit in units):
        yield placed.problem(
            inside,
            f"no unit of {source.block!r} has a parent",
            "their parents into the column 'parent' of units.csv",
        )
    for block in (one.value for one in blocks if one.value.id == source.block):
        cadence = placed.value.cadence
        if block.schedule is not None and block.schedule.cadence != cadence:
            yield placed.problem(
                ("cadence",),
                f"{block.id!r} is evaluated by the {block.schedule.cadence}, not by the {cadence}",
                f"cadence: {block.schedule.cadence}",
            )
        for scheme in (one.value for one in schemes if one.value.id == block.scheme):
            criteria = [criterion.criterion for criterion in scheme.criteria()]
            if source.criterion not in criteria:
                yield placed.problem(
                    ("from_children", "criterion"),
                    f"{block.id!r} has no criterion {source.criterion!r}",
                    did_you_mean(source.criterion, criteria),
                )
