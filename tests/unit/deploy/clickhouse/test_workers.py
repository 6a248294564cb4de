"""Blocking calls run beside the event loop, and end when they are told to."""

import asyncio
import threading

import pytest

from deploy.embedded.clickhouse.workers import Workers


@pytest.fixture
def workers() -> Workers:
    return Workers(threads=1)


async def test_a_call_gives_its_result_or_its_failure(workers: Workers) -> None:
    assert await workers.call(lambda text: text.upper(), "a") == "A"
    with pytest.raises(ZeroDivisionError):
        await workers.call(lambda: 1 // 0)


async def test_a_cancelled_call_is_killed_and_has_ended_when_control_comes_back(workers: Workers) -> None:
    started, killed, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        killed.wait()
        ended.set()

    task = asyncio.create_task(workers.call_or_kill(killed.set, work))
    await asyncio.to_thread(started.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_cancelled_call_that_still_waits_for_a_thread_never_runs_and_kills_nothing(
    workers: Workers,
) -> None:
    release, ran, killed = threading.Event(), threading.Event(), threading.Event()
    busy = asyncio.create_task(workers.call(release.wait))
    await asyncio.sleep(0)
    task = asyncio.create_task(workers.call_or_kill(killed.set, ran.set))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    await busy
    workers.close()
    assert not ran.is_set()
    assert not killed.is_set()
