"""Takes an occasion to everybody who is to be told, and writes down each step.

The order is fixed: `sending` is recorded, the message goes out, `sent` is recorded. So a crash loses nothing, and repeats at most the one
message that was on its way.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from services.alerting.directory import Directory, Recipient
from services.alerting.ledger import Ledger
from services.alerting.occasions import Occasion, OccasionKey
from services.alerting.ports import AlertLog, Message, NotSent, Refused, Sender
from services.contracts.alerts import Alert, AlertStep, alert_id
from services.contracts.flag_words import KINDS
from services.contracts.flags import Flag, FlagDecision, FlagReply
from services.contracts.people import Channel

_log = structlog.get_logger("thidua.alerting")

_ORDER: Final = {kind: at for at, kind in enumerate(KINDS)}

_MOST_AT_ONCE: Final = 10
"""Alerts that are sent again in one turn: where a server is silent each takes seconds, and new flags wait meanwhile."""


class Policy(NamedTuple):
    """How old a flag may be, and how often and how patiently a message is tried."""

    max_age: timedelta
    attempts: int
    refused_attempts: int
    retry: timedelta
    retry_max: timedelta

    def pause_after(self, attempts: int, refused: bool) -> timedelta | None:
        """Until the next sending; None when there were enough. What was refused waits longest at once: only a person can mend that."""
        if attempts >= (self.refused_attempts if refused else self.attempts):
            return None
        if refused:
            return self.retry_max
        return min(self.retry * float(2 ** min(attempts - 1, 32)), self.retry_max)


class Writer(Protocol):
    """Words an alert for its recipient."""

    def write(self, alert: Alert, to: Recipient) -> Message: ...


class Courier:
    """One thread."""

    def __init__(
        self,
        directory: Directory,
        ledger: Ledger,
        log: AlertLog,
        senders: Mapping[Channel, Sender],
        writer: Writer,
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._log = log
        self._senders = senders
        self._writer = writer
        self._policy = policy
        self._now = now

    def is_news(self, occasion: OccasionKey, flag: Flag) -> bool:
        """Whether somebody is to be told of this change and was not."""
        return not self._ledger.is_overtaken(flag) and any(
            not self._ledger.is_told(occasion.name, flag, one.role.role, one.channel)
            for one in self._directory.recipients(occasion.block)
        )

    def deliver(self, occasion: Occasion) -> None:
        """Begins an alert to each recipient about the flags that it was not told of. Every one is recorded when this returns."""
        for recipient in self._directory.recipients(occasion.key.block):
            self.tell(occasion.key, recipient, list(occasion.flags.values()))

    def tell(self, key: OccasionKey, to: Recipient, flags: list[Flag]) -> None:
        """One message with those of the flags that the recipient was not told of on this occasion; none when there are no such."""
        role, channel = to.role.role, to.channel
        untold = [flag for flag in flags if not self._ledger.is_told(key.name, flag, role, channel)]
        if not untold:
            return
        alert = self._new(key, to, sorted(untold, key=_in_order))
        if all(self._now() - _instant(flag) > self._policy.max_age for flag in untold):
            self._step(alert, "skipped", reason=f"older than {self._policy.max_age / timedelta(hours=1):g} h")
        else:
            self._send(alert, to)

    def resume(self) -> None:
        """Sends again what a crash cut off and what failed long enough ago: the oldest few, the others in the next turns."""
        for alert in self._ledger.due(self._now())[:_MOST_AT_ONCE]:
            to = self._directory.recipient(alert.block, alert.role, alert.channel)
            if to is None:
                self._step(alert, "skipped", reason="nobody holds the role, or has that contact, any more")
            else:
                self._send(alert, to)

    def answered(self, alert: Alert, step: AlertStep) -> None:
        """Records that an alert was acknowledged or escalated; why it had failed stays with it."""
        self._step(alert, step, reason=alert.reason)

    def _new(self, key: OccasionKey, to: Recipient, flags: list[Flag]) -> Alert:
        role, channel = to.role.role, to.channel
        part = self._ledger.parts(key, role, channel)
        return Alert(
            id=alert_id(*key, role, channel, part),
            block=key.block,
            evaluation=key.evaluation,
            occasion=key.name,
            role=role,
            channel=channel,
            part=part,
            step="sending",
            number=0,
            at=self._now(),
            flags=flags,
            simulated=any(flag.simulated for flag in flags),
        )

    def _send(self, alert: Alert, to: Recipient) -> None:
        alert = self._step(alert, "sending", attempts=alert.attempts + 1)
        try:
            self._senders[alert.channel].send(to, self._writer.write(alert, to))
        except NotSent as error:
            pause = self._policy.pause_after(alert.attempts, isinstance(error, Refused))
            retry_at = None if pause is None else self._now() + pause
            self._step(alert, "failed", reason=str(error), retry_at=retry_at)
        else:
            self._step(alert, "sent")

    def _step(
        self,
        alert: Alert,
        step: AlertStep,
        *,
        attempts: int | None = None,
        reason: str | None = None,
        retry_at: datetime | None = None,
    ) -> Alert:
        taken = msgspec.structs.replace(
            alert,
            step=step,
            number=alert.number + 1,
            attempts=alert.attempts if attempts is None else attempts,
            at=self._now(),
            reason=reason,
            retry_at=retry_at,
        )
        self._log.record(taken)
        self._ledger.apply(taken)
        told = {"alert": taken.id, "block": taken.block, "role": taken.role, "channel": taken.channel}
        level = _log.warning if step == "failed" else _log.info
        level(step, **told, flags=len(taken.flags), attempts=taken.attempts, reason=reason)
        return taken


def _instant(flag: Flag) -> datetime:
    """When the flag came into its state: its decision, or the evaluation that its figures are of."""
    if flag.state == "replied" and isinstance(flag.reply, FlagReply):
        return flag.reply.at
    if flag.state == "confirmed" and isinstance(flag.decision, FlagDecision):
        return flag.decision.at
    return flag.as_of


def _in_order(flag: Flag) -> tuple[bool, bool, int, bool, int, str]:
    """What asks for a decision first, what ended last; then leaders before other kinds, by rank, the unranked behind them."""
    return (
        flag.state != "proposed",
        flag.state == "ended",
        _ORDER[flag.kind],
        flag.rank is None,
        flag.rank or 0,
        flag.unit,
    )
