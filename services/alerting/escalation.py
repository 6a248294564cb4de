"""Proposals that nobody decides about: after the hours that the pack names, the next role hears of them too."""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.alerting.courier import Courier
from services.alerting.directory import Directory
from services.alerting.ledger import Ledger
from services.alerting.occasions import OccasionKey
from services.contracts.alerts import Alert
from services.contracts.flags import UNDECIDED, Flag, FlagState
from services.contracts.ids import FlagId


class Escalation:
    """Looks at what was sent, or given up, and not answered. A decision, or the flag's end, is the answer: it acknowledges the alert.

    The unit's reply is no answer of the council's, and what a hold mutes waits until the unit is released.
    """

    def __init__(
        self,
        directory: Directory,
        ledger: Ledger,
        courier: Courier,
        state_of: Callable[[FlagId], FlagState | None],
        is_muted: Callable[[FlagId], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._courier = courier
        self._state_of = state_of
        self._is_muted = is_muted
        self._now = now

    def run(self) -> None:
        """A flag whose newest state was not seen yet is left alone."""
        for alert in self._ledger.unanswered():
            proposed = [flag for flag in alert.flags if flag.state == "proposed"]
            states = {flag.id: self._state_of(flag.id) for flag in proposed}
            if None in states.values():
                continue
            undecided = [flag for flag in proposed if states[flag.id] in UNDECIDED]
            if not undecided:
                self._courier.answered(alert, "acknowledged")
            elif self._is_overdue(alert) and (
                heard := [one for one in undecided if not self._is_muted(one.id)]
            ):
                self._escalate(alert, heard)

    def _is_overdue(self, alert: Alert) -> bool:
        role = self._directory.role(alert.block, alert.role)
        if role is None or role.escalate_after_hours is None:
            return False
        return self._now() - _told_since(alert) > timedelta(hours=role.escalate_after_hours)

    def _escalate(self, alert: Alert, undecided: list[Flag]) -> None:
        role = self._directory.role(alert.block, alert.role)
        key = OccasionKey(alert.block, alert.evaluation, f"escalation:{alert.role}")
        next_role = role.escalate_to if role is not None else None
        recipients = self._directory.channels_of(alert.block, next_role) if next_role is not None else []
        for recipient in recipients:
            self._courier.tell(key, recipient, undecided)
        if recipients:
            self._courier.answered(alert, "escalated")


def _told_since(alert: Alert) -> datetime:
    """When the role heard. One that could not be reached never did: its hours run from the evaluation."""
    return alert.at if alert.step == "sent" else min(flag.as_of for flag in alert.flags)
