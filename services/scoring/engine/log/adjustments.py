"""What the council adjusted, as the fold keeps it: the pack says in each evaluation what of it counts (`adjusting`)."""

from bisect import insort

from services.contracts.events import Adjustment
from services.contracts.ids import UnitId
from services.contracts.measures import GREATEST_FIGURE
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.reports import period_named
from services.scoring.engine.log.state import Adjusted, BlockState


def apply_adjustment(state: BlockState, event: Adjustment) -> None:
    """Keeps it. Raises `NotApplicable`."""
    data = event.data
    if event.subject is None or not abs(data.points) <= GREATEST_FIGURE:
        raise NotApplicable(
            "bad-event", "the adjustment has no unit or no number of points", "Send it with the unit's id."
        )
    of_unit = state.adjustments.setdefault((UnitId(event.subject), period_named(data.period).text), [])
    insort(of_unit, Adjusted(data.criterion, data.points, (event.source, event.id)))
