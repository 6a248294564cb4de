"""Which requests wait for others, and for how long."""

import asyncio
from contextlib import AsyncExitStack

from services.ingest.gathering import Gathering

FOR_EVER = 3_600.0


async def pass_through(gathering: Gathering, size: int = 1) -> None:
    async with gathering.turn(size):
        pass


def passing(gathering: Gathering, size: int = 1) -> asyncio.Task[None]:
    return asyncio.create_task(pass_through(gathering, size))


async def settled() -> None:
    """What can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_after_the_other_never_waits() -> None:
    gathering = Gathering(FOR_EVER, 100)
    for _ in range(3):
        await pass_through(gathering)


async def test_one_beside_another_waits_for_those_that_come_until_they_are_enough() -> None:
    gathering = Gathering(FOR_EVER, 100)
    async with gathering.turn(1):
        group = [passing(gathering, 50), passing(gathering, 49)]
        await settled()
        assert not any(one.done() for one in group)
        await pass_through(gathering)
        await asyncio.gather(*group)


async def test_after_a_group_the_next_waits_even_when_all_are_through() -> None:
    gathering = Gathering(FOR_EVER, 2)
    async with gathering.turn(1):
        await asyncio.gather(passing(gathering), passing(gathering))
    waiting = passing(gathering)
    await settled()
    assert not waiting.done()
    await asyncio.gather(waiting, passing(gathering))


async def test_the_window_lets_a_group_go_that_is_not_enough() -> None:
    gathering = Gathering(0.01, 100)
    async with AsyncExitStack() as under_way, asyncio.timeout(5):
        await under_way.enter_async_context(gathering.turn(1))
        await asyncio.gather(passing(gathering), passing(gathering))
        await pass_through(gathering)


async def test_one_that_is_given_up_takes_no_other_with_it() -> None:
    gathering = Gathering(FOR_EVER, 3)
    async with gathering.turn(1):
        given_up, waiting = passing(gathering), passing(gathering)
        await settled()
        given_up.cancel()
        await pass_through(gathering)
        await waiting
    assert given_up.cancelled()


async def test_one_that_fails_is_no_longer_under_way() -> None:
    gathering = Gathering(FOR_EVER, 100)
    try:
        async with gathering.turn(1):
            raise KeyError
    except KeyError:
        pass
    await pass_through(gathering)
