"""What the council may adjust in a scheme: its extras, within what each is worth, and the groups that the pack names adjustable."""

from typing import NamedTuple

from services.contracts.pack.methods import Penalty
from services.contracts.pack.scheme import Criterion, Group, Scheme


class Limits(NamedTuple):
    """The least and the most points of the scale that stand there in the end, however many adjustments come."""

    least: float
    most: float


def adjustable_members(scheme: Scheme) -> dict[str, Limits]:
    """By the id of an extra or a group. A bonus never takes points, a penalty never gives any; what facts and reports made of an extra
    counts towards its limit."""
    extras = {extra.criterion: _of_extra(extra) for extra in scheme.extras}
    return extras | {
        group.group: Limits(-group.adjustable, group.adjustable)
        for group in _groups(scheme.root)
        if group.adjustable is not None
    }


def _of_extra(extra: Criterion) -> Limits:
    return Limits(-extra.weight, 0.0) if isinstance(extra.scoring, Penalty) else Limits(0.0, extra.weight)


def _groups(group: Group) -> list[Group]:
    inner = [found for member in group.members if isinstance(member, Group) for found in _groups(member)]
    return [group, *inner]
