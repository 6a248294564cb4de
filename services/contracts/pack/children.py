"""A parent's indicator that is made of its children: the share of the units of a block that pass a criterion."""

from pydantic import Field

from services.contracts.pack.base import Id, Model


class FromChildren(Model):
    """Each official evaluation of `block` reports, for every unit that has children there (the column `parent` of units.csv), how many pass.

    The denominator is the children for which the criterion counts; the numerator those of them that score at least `at_least`. The report is of
    the evaluation's period and goes to the parent's block, where it counts like any other.
    """

    block: Id
    criterion: Id
    at_least: float = Field(default=1.0, gt=0)
    """Of the criterion's score, 0 to 1: with 1 a child passes that has all its points."""
