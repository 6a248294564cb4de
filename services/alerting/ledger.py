"""What was done about each alert: the fold of `campaign.alerts`. It decides what is still to be done."""

import threading
from datetime import datetime

from services.alerting.occasions import BY_EVALUATION, OccasionKey
from services.contracts.alerts import Alert, AlertId, is_given_up
from services.contracts.event_data import Place
from services.contracts.flags import Flag, FlagState
from services.contracts.ids import FlagId
from services.contracts.people import Channel
from services.contracts.records import is_newer

Told = tuple[str, FlagId, FlagState, str, Channel]
"""(occasion, flag, state, role, channel)."""


class Ledger:
    """One thread asks and writes, another follows the topic: every method may be called from both."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[AlertId, int] = {}
        self._told: set[Told] = set()
        self._causes: dict[FlagId, Place] = {}
        self._parts: dict[tuple[OccasionKey, str, Channel], int] = {}
        self._unfinished: dict[AlertId, Alert] = {}
        self._unanswered: dict[AlertId, Alert] = {}
        self._steps: dict[str, int] = {}

    def apply(self, alert: Alert) -> None:
        """Takes a step in. An earlier step than the one held, or the same again, changes nothing."""
        with self._lock:
            if alert.number <= self._numbers.get(alert.id, 0):
                return
            self._numbers[alert.id] = alert.number
            self._steps[alert.step] = self._steps.get(alert.step, 0) + 1
            self._note_told(alert)
            _keep(self._unfinished, alert, _is_unfinished(alert))
            _keep(self._unanswered, alert, _awaits_an_answer(alert))

    def _note_told(self, alert: Alert) -> None:
        place = (key_of(alert), alert.role, alert.channel)
        self._parts[place] = max(self._parts.get(place, 0), alert.part + 1)
        for flag in alert.flags:
            self._told.add((alert.occasion, flag.id, flag.state, alert.role, alert.channel))
            if is_newer(flag.cause, self._causes.get(flag.id)):
                self._causes[flag.id] = flag.cause

    def is_told(self, occasion: str, flag: Flag, role: str, channel: Channel) -> bool:
        """Whether an alert about this change is recorded for the role and channel, at whatever step."""
        with self._lock:
            return (occasion, flag.id, flag.state, role, channel) in self._told

    def is_overtaken(self, flag: Flag) -> bool:
        """Whether an alert tells of a later change of the flag: the record is then an old value, written late."""
        with self._lock:
            return not is_newer(flag.cause, self._causes.get(flag.id))

    def parts(self, key: OccasionKey, role: str, channel: Channel) -> int:
        """How many messages of the occasion were begun."""
        with self._lock:
            return self._parts.get((key, role, channel), 0)

    def due(self, now: datetime) -> list[Alert]:
        """What is to be sent now: what a crash cut off, and what failed and has waited long enough. Oldest first."""
        with self._lock:
            due = [one for one in self._unfinished.values() if one.retry_at is None or one.retry_at <= now]
        return sorted(due, key=lambda alert: (alert.at, alert.id))

    def unanswered(self) -> list[Alert]:
        """Alerts with proposals that nobody was seen to decide about: sent ones, and those that reached nobody and were given up."""
        with self._lock:
            return list(self._unanswered.values())

    def steps(self) -> dict[str, int]:
        """How often each step was taken, as far as the compacted topic tells."""
        with self._lock:
            return dict(self._steps)

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._unfinished)


def key_of(alert: Alert) -> OccasionKey:
    return OccasionKey(alert.block, alert.evaluation, alert.occasion)


def _is_unfinished(alert: Alert) -> bool:
    return alert.step == "sending" or (alert.step == "failed" and alert.retry_at is not None)


def _awaits_an_answer(alert: Alert) -> bool:
    proposes = any(flag.state == "proposed" for flag in alert.flags)
    is_over = alert.step == "sent" or is_given_up(alert)
    return is_over and alert.occasion == BY_EVALUATION and proposes


def _keep(held: dict[AlertId, Alert], alert: Alert, wanted: bool) -> None:
    if wanted:
        held[alert.id] = alert
    else:
        held.pop(alert.id, None)
