"""What the draws start from: a block as it was scored, and which of its units are ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.pack.model import Unit
from services.scoring.engine.figures.cell_arrays import Cells
from services.scoring.engine.figures.planned import Targets
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.scoring.plan import Plan


@dataclass(frozen=True, slots=True)
class Observed:
    """Rows are the block's units, columns its criteria, as in an `Assessment`."""

    plan: Plan
    units: Sequence[Unit]
    cells: Cells
    scores: Floats
    """(units, criteria)."""
    root: Floats
    """(units,) totals in 0..1."""
    ranked: Integers
    """Rows of the ranked units."""
    targets: Targets
    """(units,) what figures are scored against, for criteria with a path that they are scored by."""
    beside: Floats | None = None
    """(units,) what the council added to the totals, in shares of the scale; null where nothing."""

    @property
    def beside_ranked(self) -> Floats | None:
        """The same, of the ranked units."""
        return None if self.beside is None else self.beside[self.ranked]
