"""What became of each alert: the value of `campaign.alerts`. It names roles and channels, never people or addresses.

An alert is one message to one role by one channel about the flags of one occasion. Each step replaces the one before on the compacted
topic, and holds all that the next one needs, so a service that starts again goes on from the newest step.
"""

import hashlib
from datetime import datetime
from typing import Final, Literal, NewType

import msgspec

from services.contracts.flags import Flag
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.people import Channel

ALERT_SCHEMA: Final = b"alert/1"

AlertId = NewType("AlertId", str)
"""Hash of what the alert is about and whom it goes to; see `alert_id`."""

AlertStep = Literal["sending", "sent", "failed", "skipped", "acknowledged", "escalated"]
"""`sending` is written before the message goes out, `sent` and `failed` after it. `skipped`: it was too old, or nobody can be reached.
After `sent`, or after the last `failed`: `acknowledged` when the flags were decided or have ended, `escalated` when nobody did within the
pack's hours."""


class Alert(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One step of an alert. Steps of one alert are counted by `number`, from 1; readers keep the highest."""

    id: AlertId
    block: BlockId
    evaluation: EvaluationId
    occasion: str
    """`evaluation`, `decision:<partition>:<offset>:<index>`, or `escalation:<role>`: what the flags changed by."""
    role: str
    channel: Channel
    part: int = 0
    """Counts further messages of the same occasion: flags that came after the first one was begun."""
    step: AlertStep
    number: int
    attempts: int = 0
    """Sendings begun."""
    at: datetime
    """When the step was taken; never part of a result."""
    flags: list[Flag]
    reason: str | None = None
    """Why it failed or was skipped."""
    retry_at: datetime | None = None
    """Of a failed one: when it is tried again; null when it is not."""
    simulated: bool = False


def alert_id(
    block: BlockId, evaluation: EvaluationId, occasion: str, role: str, channel: Channel, part: int = 0
) -> AlertId:
    """The first 32 hexadecimal digits of SHA-256 over the six: the same message has the same id, whoever makes it, and whenever."""
    parts = msgspec.json.encode([block, evaluation, occasion, role, channel, part])
    return AlertId(hashlib.sha256(parts).hexdigest()[:32])


def is_given_up(alert: Alert) -> bool:
    """Whether it failed and is not tried again: nobody was told by it. `thidua alerts retry` begins anew."""
    return alert.step == "failed" and alert.retry_at is None


def asked_again(alert: Alert, at: datetime) -> Alert:
    """The next step of an alert that a person wants sent after all: it is due at once, with all its sendings before it."""
    return msgspec.structs.replace(
        alert,
        step="failed",
        number=alert.number + 1,
        attempts=0,
        at=at,
        retry_at=at,
        reason="asked for again",
    )


decode_alert: Final = msgspec.json.Decoder(Alert).decode
encode_alert: Final = msgspec.json.Encoder().encode
