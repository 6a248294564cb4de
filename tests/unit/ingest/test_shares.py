"""What one key may take of the door: its rate, its requests and bytes under way, its turn."""

from collections.abc import Callable
from contextlib import AsyncExitStack

import msgspec
import pytest

from services.contracts.metrics import IngestMetrics
from services.contracts.principals import Principal, Role
from services.contracts.problems import LogUnavailable, TooMuchAtOnce
from services.ingest.memory_log import InMemoryEventLog
from services.ingest.settings import IngestSettings
from services.ingest.shares import BYTES_AN_EVENT, Shares
from tests.door_samples import principal


def holder(key: str, role: Role = "unit") -> Principal:
    return msgspec.structs.replace(principal(role), id=key)


class LateLog(InMemoryEventLog):
    """Acknowledges late, while `is_late`."""

    is_late = False

    @property
    def acknowledges(self) -> bool:
        return self.is_available and not self.is_late


class World:
    """Shares with a clock that only sleeping moves."""

    def __init__(self, **settings: float) -> None:
        limits = {
            "ingest_unit_events_per_s": 100,
            "ingest_department_events_per_s": 1_000,
            "ingest_burst_s": 2.0,
            "ingest_key_requests": 2,
            "ingest_key_bytes": 10_000,
            "ingest_key_wait_s": 1.0,
        }
        self.now = 50.0
        self.slept: list[float] = []
        self.metrics = IngestMetrics()
        self.log = LateLog()
        self.on_sleep: Callable[[], None] = lambda: None
        self.shares = Shares(
            IngestSettings.model_validate(limits | settings),
            self.metrics,
            self.log,
            lambda: self.now,
            self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()
        self.now += seconds

    async def send(self, key: str, events: int, size_bytes: int = 0) -> None:
        async with self.shares.entered(holder(key), size_bytes) as visit:
            visit.is_read = True
            visit.spend(events)


async def test_a_key_within_its_burst_does_not_wait() -> None:
    world = World()
    await world.send("a", 150)
    await world.send("a", 50)
    assert world.slept == []


async def test_a_key_over_its_rate_waits_until_its_debt_is_paid() -> None:
    world = World()
    await world.send("a", 250)
    await world.send("a", 1)
    assert world.slept == [0.5]


async def test_a_key_far_over_its_rate_is_refused_after_a_wait_with_the_seconds_that_are_left() -> None:
    world = World()
    await world.send("a", 500)
    with pytest.raises(TooMuchAtOnce) as refused:
        await world.send("a", 1)
    assert world.slept == [1.0]
    assert refused.value.headers == {"Retry-After": "2"}
    world.now += 2
    await world.send("a", 1)


async def test_over_any_time_a_key_sends_its_burst_and_its_rate_and_no_more() -> None:
    world, sent = World(), 0
    while world.now < 60:
        await world.send("a", 30)
        sent += 30
    assert sent == pytest.approx(200 + 10 * 100, abs=60)


async def test_a_quiet_key_saves_no_more_than_its_burst() -> None:
    world = World()
    await world.send("a", 1)
    world.now += 3600
    await world.send("a", 300)
    await world.send("a", 1)
    assert world.slept == [1.0]


async def test_many_requests_at_a_time_cannot_all_spend_the_same_credit() -> None:
    world = World(ingest_key_requests=10, ingest_key_bytes=10_000_000)
    large = 150 * BYTES_AN_EVENT
    async with AsyncExitStack() as under_way:
        for _ in range(2):
            await under_way.enter_async_context(world.shares.entered(holder("a"), large))
        assert world.slept == []
        await under_way.enter_async_context(world.shares.entered(holder("a"), large))
        assert world.slept == [1.0]
        with pytest.raises(TooMuchAtOnce):
            await world.send("a", 1)


async def test_a_body_that_was_never_read_costs_nothing_and_one_that_was_no_batch_costs_its_bytes() -> None:
    world = World(ingest_key_bytes=10_000_000)
    async with world.shares.entered(holder("a"), 1_000 * BYTES_AN_EVENT):
        pass
    await world.send("a", 200)
    assert world.slept == []
    async with world.shares.entered(holder("a"), 50 * BYTES_AN_EVENT) as visit:
        visit.is_read = True
    await world.send("a", 1)
    assert world.slept == [0.5]


async def test_what_a_request_really_held_counts_and_not_the_estimate() -> None:
    world = World()
    await world.send("a", 1, size_bytes=400 * BYTES_AN_EVENT)
    await world.send("a", 199)
    await world.send("a", 1)
    assert world.slept == []


async def test_one_key_over_its_share_costs_the_others_nothing() -> None:
    world = World()
    await world.send("noisy", 500)
    await world.send("quiet", 1)
    assert world.slept == []


async def test_more_requests_of_a_key_than_may_be_under_way_are_refused_at_once() -> None:
    world = World()
    async with AsyncExitStack() as under_way:
        for _ in range(2):
            await under_way.enter_async_context(world.shares.entered(holder("a"), 1))
        with pytest.raises(TooMuchAtOnce, match="2 requests"):
            await world.send("a", 1)
        await world.send("b", 1)
    await world.send("a", 1)
    assert world.slept == []


async def test_more_bytes_of_a_key_than_may_be_under_way_are_refused_at_once() -> None:
    world = World()
    async with world.shares.entered(holder("a"), 6_000):
        with pytest.raises(TooMuchAtOnce, match="6000 bytes"):
            await world.send("a", 1, size_bytes=4_001)
        await world.send("a", 1, size_bytes=4_000)


async def test_a_single_request_may_have_any_size_that_a_request_may_have() -> None:
    await World().send("a", 1, size_bytes=1_000_000)


async def test_a_request_that_fails_is_no_longer_under_way() -> None:
    world = World(ingest_key_requests=1)
    with pytest.raises(ZeroDivisionError):
        async with world.shares.entered(holder("a"), 9_000):
            raise ZeroDivisionError
    await world.send("a", 1, size_bytes=9_000)


async def test_a_share_that_is_held_by_what_the_log_does_not_acknowledge_is_the_logs_fault() -> None:
    world = World(ingest_key_requests=1)
    async with world.shares.entered(holder("a"), 1):
        world.log.is_late = True
        with pytest.raises(LogUnavailable, match="1 requests .* not sent"):
            await world.send("a", 1)
        await world.send("b", 1)
        world.log.is_late = False
        with pytest.raises(TooMuchAtOnce):
            await world.send("a", 1)


async def test_nobody_waits_for_credit_while_the_log_is_away() -> None:
    world = World()
    await world.send("a", 250)
    world.log.goes_down()
    with pytest.raises(LogUnavailable):
        await world.send("a", 1)
    assert world.slept == []
    world.log.comes_back()
    await world.send("a", 1)
    assert world.slept == [0.5]


async def test_a_key_far_over_its_rate_is_over_it_also_when_the_log_is_late() -> None:
    world = World()
    await world.send("a", 500)
    world.log.is_late = True
    with pytest.raises(TooMuchAtOnce):
        await world.send("a", 1)


async def test_a_key_that_waits_for_credit_when_the_log_goes_away_is_told_of_the_log() -> None:
    world = World()
    await world.send("a", 500)
    world.on_sleep = world.log.goes_down
    with pytest.raises(LogUnavailable):
        await world.send("a", 1)
    assert world.slept == [1.0]


async def test_a_departments_key_has_a_larger_share_than_a_units() -> None:
    world = World()
    async with world.shares.entered(holder("d", "department"), 0) as visit:
        visit.is_read = True
        visit.spend(2_000)
    await world.send("a", 1)
    async with world.shares.entered(holder("d", "department"), 0):
        assert world.slept == []
