"""Who waits for others before the log is asked, and for how long."""

import asyncio

from services.ingest.gathering import Gathering

FOR_EVER = 3_600.0


def of(gathering: Gathering, size: int = 1, *, is_alone: bool = False) -> asyncio.Task[None]:
    return asyncio.create_task(gathering.turn(size, is_alone=is_alone))


async def settled() -> None:
    """What can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_lone_append_never_waits() -> None:
    gathering = Gathering(FOR_EVER, 100)
    for _ in range(3):
        await gathering.turn(1, is_alone=True)


async def test_one_beside_others_waits_for_those_that_come_until_they_are_enough() -> None:
    gathering = Gathering(FOR_EVER, 100)
    await gathering.turn(1, is_alone=True)
    group = [of(gathering, 50), of(gathering, 49)]
    await settled()
    assert not any(one.done() for one in group)
    await gathering.turn(1, is_alone=False)
    await asyncio.gather(*group)


async def test_after_a_group_the_next_waits_even_when_all_are_acknowledged() -> None:
    gathering = Gathering(FOR_EVER, 2)
    await gathering.turn(1, is_alone=True)
    await asyncio.gather(of(gathering), of(gathering))
    waiting = of(gathering, is_alone=True)
    await settled()
    assert not waiting.done()
    await asyncio.gather(waiting, of(gathering))


async def test_the_window_lets_a_group_go_that_is_not_enough() -> None:
    gathering = Gathering(0.01, 100)
    await gathering.turn(1, is_alone=True)
    async with asyncio.timeout(5):
        await asyncio.gather(of(gathering), of(gathering))
        await gathering.turn(1, is_alone=False)


async def test_one_that_is_given_up_takes_no_other_with_it() -> None:
    gathering = Gathering(FOR_EVER, 3)
    await gathering.turn(1, is_alone=True)
    given_up, waiting = of(gathering), of(gathering)
    await settled()
    given_up.cancel()
    await gathering.turn(1, is_alone=False)
    await waiting
    assert given_up.cancelled()
