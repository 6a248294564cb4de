"""Makes aiokafka wait a moment between two failed looks for a broker.

Without it the producer and the fetcher ask again at once while no broker is there: 1,500 to 3,000 times a second, each with a line in the log,
which takes a whole core (aiokafka 0.14; seen with the broker stopped for 30 s). No setting of the clients bounds it.
"""

import asyncio
from typing import Any, Final

from aiokafka.client import AIOKafkaClient

PAUSE_S: Final = 0.2
"""A broker that is back is found within it."""


def be_patient() -> None:
    """For every client of this process. Called once, before the first is made."""
    ask = AIOKafkaClient._metadata_update

    async def ask_and_pause(client: Any, *arguments: Any) -> bool:
        found = bool(await ask(client, *arguments))
        if not found:
            await asyncio.sleep(PAUSE_S)
        return found

    AIOKafkaClient._metadata_update = ask_and_pause
