"""Server-sent events: one frame encoded once for all readers, a bounded queue for each, and resumption by id."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from services.api.fold import CampaignFold, Change, EvaluationHead
from services.api.freshness import Freshness
from services.api.naming import BlockNames, flag_view, ranking_view
from services.api.positions import Positions
from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.results import Ranking

RETRY_MS: Final = 1000
_RECONNECT: Final = f"event: reconnect\nretry: {RETRY_MS}\ndata: {{}}\n\n".encode()

_encode: Final = msgspec.json.Encoder().encode


def frame(event: str, data: bytes, identity: str | None = None) -> bytes:
    """One server-sent event. `data` is one line, as JSON is. Without an identity the reader keeps the id it has."""
    head = f"id: {identity}\n".encode() if identity is not None else b""
    return b"%sevent: %s\ndata: %s\n\n" % (head, event.encode(), data)


class Reader:
    """One open stream. `blocks` None means every block. Used only on the event loop."""

    def __init__(self, blocks: frozenset[BlockId] | None, queue_size: int) -> None:
        self._blocks = blocks
        self._queue_size = queue_size
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()
        self.ended = False

    def wants(self, block: BlockId) -> bool:
        return self._blocks is None or block in self._blocks

    def offer(self, encoded: bytes) -> bool:
        """Queues a frame. False when the queue is full: the reader is ended, and gets the newest of what it missed when it comes again."""
        if len(self._waiting) >= self._queue_size:
            self._waiting.clear()
            self.end()
            return False
        self._waiting.append(encoded)
        self._woken.set()
        return True

    def end(self) -> None:
        self.ended = True
        self._woken.set()

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames as they come, until the reader is ended; then one `reconnect` event."""
        while not self.ended:
            while self._waiting and not self.ended:
                yield self._waiting.popleft()
            if not self.ended:
                await self._woken.wait()
                self._woken.clear()
        yield _RECONNECT


class Hub:
    """All open streams. `announce` may be called from any thread; everything else belongs to the event loop."""

    def __init__(self, fold: CampaignFold, queue_size: int) -> None:
        self._fold = fold
        self._queue_size = queue_size
        self._readers: set[Reader] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._readers)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Names the loop that the streams live on. What is announced before has no reader and is left out."""
        self._loop = loop
        self._closed = False

    def announce(self, change: Change, handed: Callable[[Change], None] = lambda _: None) -> None:
        """Calls `handed` when every stream that wants the change has it in its queue; at once where no stream is open."""
        if self._loop is not None and self._readers:
            self._loop.call_soon_threadsafe(self._publish, change, handed)
        else:
            handed(change)

    def _publish(self, change: Change, handed: Callable[[Change], None]) -> None:
        readers = [reader for reader in self._readers if reader.wants(change.block)]
        if readers:
            self._offer(readers, self.encode(change))
        handed(change)

    def tell(self, freshness: Freshness) -> None:
        """Sends a block's freshness to those who follow it. It has no id: it is of the moment."""
        readers = [reader for reader in self._readers if reader.wants(freshness.block)]
        if readers:
            self._offer(readers, frame("freshness", _encode(freshness)))

    def _offer(self, readers: list[Reader], encoded: bytes) -> None:
        for reader in readers:
            if not reader.offer(encoded):
                self.dropped += 1
                self._readers.discard(reader)

    def reader(self, blocks: frozenset[BlockId] | None) -> Reader:
        """A reader of these blocks, who gets nothing before `follow` runs."""
        return Reader(blocks, self._queue_size)

    def cut_off(self, reader: Reader) -> None:
        """Counts a reader that took nothing for too long, once."""
        if not reader.ended:
            self.dropped += 1
            reader.end()

    async def follow(
        self, reader: Reader, seen: Positions, greeting: Callable[[], list[Freshness]]
    ) -> AsyncIterator[bytes]:
        """The newest of what a reader who came as far as `seen` has missed, then everything as it comes."""
        if self._closed:
            reader.end()
        self._readers.add(reader)
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            for change in self._fold.missed(seen, reader.wants):
                yield self.encode(change)
            for freshness in greeting():
                if reader.wants(freshness.block):
                    yield frame("freshness", _encode(freshness))
            async for encoded in reader.frames():
                yield encoded
        finally:
            self._readers.discard(reader)

    def close(self) -> None:
        """Ends every stream now, and any that is opened later, each with a `reconnect` event."""
        self._closed = True
        for reader in list(self._readers):
            reader.end()

    def encode(self, change: Change) -> bytes:
        """The frame of a change."""
        event, data = self._body(change.held.value)
        return frame(event, data, change.positions.encode())

    def _body(self, value: Ranking | Flag | EvaluationHead) -> tuple[str, bytes]:
        if isinstance(value, EvaluationHead):
            return "evaluation", _encode(value)
        compiled = self._fold.pack(value.block, value.pack)
        names = BlockNames(value.block, compiled.pack if compiled else None)
        if isinstance(value, Ranking):
            return "ranking", _encode(ranking_view(value, names, full=False))
        return "flag", _encode(flag_view(value, names))
