"""Runs the engine's blocking calls on threads, so that one slow statement or silent client holds up nobody else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

import anyio

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Workers:
    """A bounded pool. What waits for a thread waits in the order of its coming."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="statement")
        # KILL must find a thread when every other one is held by what it is to end
        self._rescue = ThreadPoolExecutor(2, thread_name_prefix="kill")

    async def call(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Runs the call to its end, even when the caller is cancelled meanwhile."""
        work = asyncio.get_running_loop().run_in_executor(self._pool, function, *args)
        with anyio.CancelScope(shield=True):
            await asyncio.wait([work])
        return work.result()

    async def call_or_kill(self, kill: Callable[[], None], function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Runs the call; when the caller is cancelled, `kill` makes it end early. Returns only after it has ended."""
        running = self._pool.submit(function, *args)
        work = asyncio.wrap_future(running)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                if not running.cancel():
                    await asyncio.get_running_loop().run_in_executor(self._rescue, kill)
                await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # it ended as it was told to; unread, asyncio would report it as lost
            raise

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._rescue.shutdown(cancel_futures=True)
