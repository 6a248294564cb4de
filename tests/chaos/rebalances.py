"""Two workers under a steady stream of events, and one of them leaves and joins again, in turn by SIGTERM and by kill -9.

    python -m tests.chaos.rebalances        # twenty rebalances, two to five minutes
    python -m tests.chaos.rebalances 6

At the end every evaluation, in every copy, must be what one fold of the log gives. Exits with 1 when one is missing or differs.
"""

import signal
import sys
import threading
import time
from typing import Final

from kafka import KafkaProducer

from bench.stacks import temporary_stack
from services.cli.topics import create_topics
from services.contracts.events import EVENT_SCHEMA
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVENTS, TOPICS
from tests.contract.scoring.history import History, month_of_blocks

EVERY_S: Final = 0.4
"""Whatever the stream asks for is computed a second time at the end, by one process: at ten rounds a second that took longer than the rebalances."""

LEAVING: Final = (signal.SIGTERM, signal.SIGKILL)


class Stream(threading.Thread):
    """Figures and an evaluation of every block, every `EVERY_S`, until stopped."""

    def __init__(self, bootstrap: str, history: History) -> None:
        super().__init__(daemon=True)
        self.rounds = 0
        self._history = history
        self._stopping = threading.Event()
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")

    def run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            self.rounds += 1
            for block, value in month_of_blocks(self.rounds, "2026-01", self._history.blocks, self.rounds):
                self._producer.send(
                    EVENTS.name,
                    key=block.encode(),
                    value=value,
                    partition=partition_of(block, DEFAULT_PARTITIONS),
                    headers=[("schema", EVENT_SCHEMA)],
                )

    def stop(self) -> None:
        self._stopping.set()
        self.join(10)
        self._producer.close()


def main() -> int:
    """Prints what was done, and what was wrong."""
    rebalances = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with temporary_stack(("kafka",)) as stack:
        history = History("faust", stack, stack.layout.data_dir)
        create_topics(history.broker, TOPICS, DEFAULT_PARTITIONS, 1)
        history.publish_pack()
        try:
            rounds = _disturbed(history, Stream(stack.urls["kafka"], history), rebalances)
        finally:
            history.group.leave_all(signal.SIGKILL)
        expected, found = history.expected(), history.evaluations()
    missing = sum(id not in found[block] for block, own in expected.items() for id in own)
    different = sum(
        found[block][id] != body
        for block, own in expected.items()
        for id, body in own.items()
        if id in found[block]
    )
    print(
        f"{rebalances} rebalances, {rounds} rounds, {sum(map(len, expected.values()))} evaluations: "
        f"{missing} missing, {different} different"
    )
    return int(missing + different > 0 or any(len(own) != rounds for own in expected.values()))


def _disturbed(history: History, stream: Stream, rebalances: int) -> int:
    """Each change of the group is over when everybody in it owns partitions. Gives the rounds that were sent."""
    history.group.join()
    history.group.wait_applied()
    stream.start()
    for number in range(rebalances):
        started = time.monotonic()
        if number % 2:
            history.group.leave(how := LEAVING[number // 2 % 2])
        else:
            history.group.join()
        history.group.wait_applied()
        what = f"left by {how.name}" if number % 2 else "joined"
        print(
            f"{number + 1}: one {what}, all partitions again after {time.monotonic() - started:.1f} s",
            flush=True,
        )
    stream.stop()
    history.group.wait_applied()
    return stream.rounds


if __name__ == "__main__":
    sys.exit(main())
