"""What the scenarios find: named figures, each with its bar, and how stale the board was."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bench.pipeline_board import Accepted


class Figure(NamedTuple):
    """`holds` is whether it keeps its bar; a figure without one always holds."""

    what: str
    value: str
    bar: str = ""
    holds: bool = True
    is_time: bool = False
    """Whether the bar is of time, which a machine that does much else may miss now and then."""


class Stale(NamedTuple):
    """An accepted record: when the door took it (seconds since 1970), and how long until its block's board showed it."""

    block: str
    at: float
    seconds: float


def staleness(accepted: Iterable[Accepted], seen: dict[str, list[tuple[int, float]]]) -> list[Stale]:
    """Each record waits for the first ranking of its block whose cause lies at it or behind it. Raises `ValueError` when one has none."""
    shown = {block: (np.array([o for o, _ in s]), np.array([at for _, at in s])) for block, s in seen.items()}
    found = []
    for record in accepted:
        offsets, arrivals = shown[record.block]
        at = int(np.searchsorted(offsets, record.offset))
        if at == len(offsets):
            raise ValueError(f"the board never showed offset {record.offset} of {record.block}")
        found.append(Stale(record.block, record.at, float(arrivals[at]) - record.at))
    return found


def p95(values: Iterable[float]) -> float:
    """Of one value or more."""
    return float(np.percentile(list(values), 95))


def equal(what: str, found: int, wanted: int) -> Figure:
    return Figure(what, f"{found:,}", f"{wanted:,}", found == wanted)


def below(what: str, found: float, bar: float, unit: str = "s") -> Figure:
    return Figure(what, f"{found:.3f} {unit}", f"under {bar:g} {unit}", found < bar, unit == "s")
