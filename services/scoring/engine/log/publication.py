"""Publication: what the office has published stands. A correction is the next edition, signed, and says what it corrects.

Before the first publication any number of editions may be tried out. Published numbers follow one another without a gap.
"""

import msgspec

from services.contracts.events import EvaluationDue, EvaluationPublished
from services.contracts.ids import EvaluationId
from services.contracts.problems import CorrectionUnsigned, EditionFrozen, UnknownEvaluation
from services.contracts.results import Correction
from services.scoring.engine.log.refusal import refused
from services.scoring.engine.log.state import BlockState


def correction_of(state: BlockState, due: EvaluationDue) -> Correction | msgspec.UnsetType:
    """What the evaluation that is due corrects; unset while nothing of its period is published.

    Raises `NotApplicable` for an edition that is not the one after the published one, and for one that nobody of the office signed:
    what the door has not stamped with a principal, or what gives no reason.
    """
    published = state.published.get(due.data.period)
    if published is None:
        return msgspec.UNSET
    edition = state.evaluated[published].number
    if due.data.edition != edition + 1:
        raise refused(
            EditionFrozen,
            f"edition {edition} of {due.data.period} is published; asked for is {due.data.edition}",
        )
    if due.principal is None or due.data.reason is None:
        raise refused(
            CorrectionUnsigned,
            f"edition {edition} of {due.data.period} is published; edition {edition + 1} corrects it",
        )
    return Correction(published, edition, due.principal, due.data.reason)


def publish_edition(state: BlockState, event: EvaluationPublished) -> None:
    """The evaluation is now the published one of its period. Raises `NotApplicable` for one that was not made, and where another is
    published that it does not correct."""
    id = EvaluationId(event.data.evaluation)
    made = state.evaluated.get(id)
    if made is None:
        raise refused(UnknownEvaluation, f"no evaluation {id!r} was made in this block")
    published = state.published.get(made.period)
    if published not in (None, id, made.corrects):
        raise refused(
            EditionFrozen,
            f"{published!r}, edition {state.evaluated[published].number} of {made.period}, is published, and {id!r} does not correct it",
        )
    state.published[made.period] = id
