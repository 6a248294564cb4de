"""Readers of the stream."""

import asyncio

from services.api.fold import CampaignFold
from services.api.positions import Positions
from services.api.stream import Hub, Reader, frame
from tests.support.boards import BoardBuilder, Clock, Topics, build_pack


def test_a_frame_is_a_server_sent_event() -> None:
    assert frame("ranking", b"{}", "r:0=1") == b"id: r:0=1\nevent: ranking\ndata: {}\n\n"
    assert frame("freshness", b"{}") == b"event: freshness\ndata: {}\n\n"


async def test_a_reader_gets_frames_in_order_then_is_told_to_reconnect() -> None:
    reader = Reader(None, 8)
    assert reader.offer(b"1")
    assert reader.offer(b"2")
    frames = reader.frames()
    assert [await anext(frames), await anext(frames)] == [b"1", b"2"]
    reader.end()
    assert [frame async for frame in frames] == [b"event: reconnect\nretry: 1000\ndata: {}\n\n"]


async def test_a_reader_with_a_full_queue_is_dropped_and_told_so_at_once() -> None:
    reader = Reader(None, 2)
    assert [reader.offer(b"1"), reader.offer(b"2"), reader.offer(b"3")] == [True, True, False]
    assert [b"reconnect" in frame async for frame in reader.frames()] == [True]


async def test_a_slow_reader_is_dropped_and_the_others_go_on() -> None:
    board, topics = BoardBuilder(build_pack("mau", 8)), Topics()
    fold = CampaignFold(Clock(), lambda change: hub.announce(change))
    hub = Hub(fold, queue_size=4)
    hub.bind(asyncio.get_running_loop())
    slow = hub.follow(hub.reader(None), Positions(), list)
    quick = hub.follow(hub.reader(None), Positions(), list)
    await anext(slow)
    await anext(quick)

    for _ in range(6):
        board.push("u001", 0.5)
        fold.apply(topics.result(board.ranking()))
        async with asyncio.timeout(30):
            while b"event: ranking" not in await anext(quick):
                pass

    assert hub.dropped == 1
    assert len(hub) == 1
    left = [frame async for frame in slow]
    assert b"reconnect" in left[-1]


async def test_a_ranking_is_encoded_once_for_all_readers() -> None:
    board, topics = BoardBuilder(build_pack("mau", 8)), Topics()
    fold = CampaignFold(Clock(), lambda change: hub.announce(change))
    hub = Hub(fold, queue_size=4)
    hub.bind(asyncio.get_running_loop())
    readers = [hub.follow(hub.reader(None), Positions(), list) for _ in range(3)]
    for reader in readers:
        await anext(reader)
    waiting = [asyncio.create_task(anext(reader)) for reader in readers]
    await asyncio.sleep(0)
    fold.apply(topics.result(board.ranking()))
    frames = await asyncio.gather(*waiting)
    assert all(frame is frames[0] for frame in frames)


async def test_a_change_is_handed_over_when_the_open_streams_have_it_in_their_queues() -> None:
    board, topics, handed = BoardBuilder(build_pack("mau", 8)), Topics(), []
    fold = CampaignFold(Clock(), lambda change: hub.announce(change, handed.append))
    hub = Hub(fold, queue_size=4)
    hub.bind(asyncio.get_running_loop())
    fold.apply(topics.result(board.ranking()))
    assert len(handed) == 1, "no stream waits for it"

    stream = hub.follow(hub.reader(None), Positions(), list)
    await anext(stream)
    board.push("u001", 0.5)
    fold.apply(topics.result(board.ranking()))
    assert len(handed) == 1
    await asyncio.sleep(0)
    assert len(handed) == 2
    async with asyncio.timeout(30):
        while b'"cause":[3,%d,0]' % board.offset not in await anext(stream):
            pass
