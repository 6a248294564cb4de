"""The one validator of events: it serves the door, the api and the command.

`EventValidator.check` takes one event as it came and says either which block it goes to, or what is wrong with it.
"""

from dataclasses import dataclass

from services.contracts.events import AnyEvent
from services.contracts.ids import BlockId


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checked event, stamped by the door (`receivedtime`, `principal`, `origin`), with the block that its record is keyed by."""

    event: AnyEvent
    block: BlockId
