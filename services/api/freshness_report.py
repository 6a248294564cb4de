"""What `/v1/freshness` answers: each step of the events' way over the last minutes, what was beside, and how far the services are behind."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from services.api.freshness import Freshness
from services.api.kept import Kept
from services.api.lag import Lag
from services.api.live import Live
from services.api.stored_waits import FIVE_MINUTES_S, MINUTE_S
from services.api.way import Way
from services.contracts.ids import BlockId
from services.contracts.spread import Percentiles
from services.contracts.steps import STEPS, Step
from services.contracts.stored_rows import StoredStep, StoredWait


class StepTimes(msgspec.Struct, frozen=True):
    """Milliseconds: half, 95 % and 99 % of the events took no longer."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


class Window(msgspec.Struct, frozen=True):
    """What came to the board in the last minute, or five (`door_to_stored`: what was stored). A step that nothing took is null.

    `old` could not be measured: it was read again, or waited out an hour. `dead_letters` are those that are held
    (docs/decisions/0091-the-api-holds-the-newest-dead-letters.md).
    """

    events: int
    steps: dict[str, StepTimes | None]
    repeats: int
    corrections: int
    dead_letters: int
    old: int


class BlockFreshness(Freshness, frozen=True, kw_only=True):
    """One block: what the board tells of it, and the way of its events."""

    last_minute: Window
    last_5_minutes: Window


class FreshnessReport(msgspec.Struct, frozen=True):
    """`unknown` names steps that cannot be told now, each with the reason; they are null everywhere."""

    as_of: datetime
    last_minute: Window
    last_5_minutes: Window
    unknown: dict[str, str]
    lag: Lag
    blocks: list[BlockFreshness]


class FreshnessReports:
    """What `/v1/freshness` answers, made at most once in a while (`api_freshness_kept_s`) and shared by all who ask: `as_of` says of when."""

    def __init__(self, live: Live) -> None:
        kept_s = live.settings.api_freshness_kept_s
        self._reports: Kept[None, FreshnessReport] = Kept(lambda _: report_of(live), kept_s)
        self._steps: Kept[tuple[str, int], list[StoredStep]] = Kept(
            lambda asked: live.store.steps(*asked), kept_s
        )

    def now(self, wanted: Collection[str] | None = None) -> FreshnessReport:
        """The whole, and each wanted block; None is all of them. May block, as `report_of`."""
        report = self._reports.of(None)
        if wanted is None:
            return report
        blocks = [one for one in report.blocks if one.block in wanted]
        return msgspec.structs.replace(report, blocks=blocks)

    def history(self, scope: str, seconds: int) -> list[StoredStep]:
        """As the store's `steps`, and raises as it does."""
        return self._steps.of((scope, seconds))


def report_of(live: Live) -> FreshnessReport:
    """The whole, and each block. Blocks for the store's time-out where ClickHouse hangs: not on the event loop."""
    stored, unknown = live.stored_waits.now()

    def window(seconds: int, block: BlockId | None = None) -> Window:
        letters = live.letters.recent(within=timedelta(seconds=seconds), block=block)
        return _window(live.way.of(seconds, block), stored.get(seconds, {}).get(block or ""), letters)

    blocks = [
        BlockFreshness(
            **msgspec.structs.asdict(one),
            last_minute=window(MINUTE_S, one.block),
            last_5_minutes=window(FIVE_MINUTES_S, one.block),
        )
        for one in live.freshness_now()
    ]
    told = {} if unknown is None else {"door_to_stored": unknown}
    return FreshnessReport(live.now(), window(MINUTE_S), window(FIVE_MINUTES_S), told, live.lag(), blocks)


def _window(way: Way, stored: StoredWait | None, letters: int) -> Window:
    steps: dict[str, StepTimes | None] = {step: _times(way.steps.get(step)) for step in STEPS}
    if stored is not None:
        stored_step: Step = "door_to_stored"
        steps[stored_step] = StepTimes(stored.p50_ms, stored.p95_ms, stored.p99_ms)
    tally = way.tally
    return Window(way.events, steps, tally.repeats, tally.corrections, letters, tally.old)


def _times(found: Percentiles | None) -> StepTimes | None:
    return None if found is None else StepTimes(*found)
