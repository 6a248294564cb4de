"""What alerting needs from outside, as contracts. `main` builds the real ones; tests have their own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.alerting.directory import Recipient
from services.contracts.alerts import Alert
from services.contracts.following import Record


class Message(NamedTuple):
    """A message as each channel may need it. `id` is the alert's: the same message sent again has the same."""

    id: str
    subject: str
    text: str
    html: str
    data: dict[str, Any]


class NotSent(Exception):  # noqa: N818 - it names what happened
    """The message did not go out, or nobody said that it did. Try again later. The text names no person and no address."""


class Refused(NotSent):
    """The other side took notice and will not take it: an address that does not exist. Trying often is no use; somebody must mend something."""


class Sender(ABC):
    """Sends a message by one channel."""

    @abstractmethod
    def send(self, to: Recipient, message: Message) -> None:
        """Returns when the other side has taken the message. Blocks for seconds at most. Raises `NotSent`, `Refused` when the other side said so."""


class AlertLog(ABC):
    """`campaign.alerts`."""

    @abstractmethod
    def record(self, alert: Alert) -> None:
        """Returns when the broker has acknowledged the step. Raises when it did not: the process must then end, and start again."""


class FlagLog(ABC):
    """`campaign.flags`, from where everything before is recorded."""

    @abstractmethod
    def poll(self, timeout_s: float) -> list[Record]:
        """What has come; waits at most `timeout_s` for the first."""

    @abstractmethod
    def positions(self) -> list[tuple[int, int]]:
        """(partition, offset of the next record) of each partition."""

    @abstractmethod
    def commit(self, next_offsets: Mapping[int, int]) -> None:
        """Everything below is recorded. May fail quietly: it is then read again, and found recorded."""
