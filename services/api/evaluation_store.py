"""The port to the official evaluations, which ClickHouse keeps."""

from typing import Protocol

from services.api.views import HistoryPoint
from services.contracts.event_data import Place
from services.contracts.ids import BlockId, EvaluationId, UnitId
from services.contracts.results import Evaluation
from services.contracts.stored_rows import StoredAppearance, StoredStep, StoredWait


class EvaluationStore(Protocol):
    """Reads official evaluations. May block for the store's time-out: called from worker threads, never from the event loop.

    Every method raises `EvaluationsUnavailable` when the store cannot be asked or does not answer in time.
    """

    def evaluation(self, evaluation: EvaluationId) -> Evaluation | None:
        """The evaluation as it was published, or None."""

    def stored_waits(self, seconds: int) -> list[StoredWait]:
        """From the door until stored, of what was stored in the last `seconds`: each block, and all as the block ''."""

    def steps(self, scope: str, seconds: int) -> list[StoredStep]:
        """Each minute of the last `seconds`; `scope` is a block, a campaign, or empty for all."""

    def history(self, block: BlockId, unit: UnitId) -> list[HistoryPoint]:
        """The unit in the block's official evaluations, newest edition of each period, oldest first."""

    def appearances(self, block: BlockId, source: str, id: str, since: Place) -> list[StoredAppearance]:
        """Every place of the event in the block's log from the record of `since` on, the first first, and why it was refused there."""
