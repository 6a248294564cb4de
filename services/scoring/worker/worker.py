"""The scoring worker: owns partitions as they come and go, and runs what goes on beside delivery.

A framework (Faust, or a plain loop in tests) calls `assign`, `revoke` and `deliver`; everything else is here. Any exception in a loop or a
load ends the process: a partition must never stay owned and silent.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

import structlog

from services.contracts.metrics import ScoringMetrics
from services.contracts.results import Halt
from services.scoring.engine import ENGINE_VERSION
from services.scoring.worker.asking import Asking, Clock
from services.scoring.worker.crash_memory import CrashMemory
from services.scoring.worker.dead_letter_limit import DeadLetterLimit, TooManyDeadLetters
from services.scoring.worker.fold import EngineCrash, PartitionFold
from services.scoring.worker.halting import error_text
from services.scoring.worker.live import LiveRankings
from services.scoring.worker.partition import PartitionWorker
from services.scoring.worker.ports import (
    CheckpointLog,
    Confirmed,
    ConfirmedOffsets,
    EventLog,
    LogReader,
    LogRecord,
    OutputLog,
    Packs,
)
from services.scoring.worker.ranking_loop import RankingLoop
from services.scoring.worker.saving import Checkpoints, SavePolicy, Saver
from services.scoring.worker.showings import Showings
from services.scoring.worker.watchdog import Watchdog

SWEEP_EVERY_S: Final = 0.5
"""A record that the group never delivered (ENGINEERING 1) waits at most twice as long."""

COMMIT_EVERY_S: Final = 0.3
"""Bounds what is published again after a kill: 350 events over five kills instead of 2,569 at 2.8 s."""

SAVE_LOOK_EVERY_S: Final = 0.5

SCHEDULE_EVERY_S: Final = 1.0

LAST_WORDS_WITHIN_S: Final = 3.0
"""A broker that is there acknowledges in milliseconds; without one the boards stay as they are."""

log = structlog.get_logger("thidua.scoring")


class ScoringWorker:
    """All partitions that this process owns."""

    def __init__(
        self,
        partitions: int,
        reader: LogReader,
        outputs: OutputLog,
        events: EventLog,
        offsets: ConfirmedOffsets,
        checkpoints: CheckpointLog,
        save_policy: SavePolicy,
        packs: Packs,
        crashes: CrashMemory,
        new_limit: Callable[[], DeadLetterLimit],
        clock: Clock,
        watchdog: Watchdog,
        end: Callable[[str], NoReturn],
        metrics: ScoringMetrics | None = None,
    ) -> None:
        self._partitions = partitions
        self._reader = reader
        self._outputs = outputs
        self._asking = Asking(events, packs, clock)
        self._offsets = offsets
        self._checkpoints = checkpoints
        self._save_policy = save_policy
        self._packs = packs
        self._crashes = crashes
        self._new_limit = new_limit
        self._clock = clock
        self._watchdog = watchdog
        self._end = end
        self._metrics = metrics or ScoringMetrics()
        self._ends: dict[int, int] = {}
        self._owned: dict[int, PartitionWorker] = {}
        self._live: dict[int, LiveRankings] = {}
        self._rankings = RankingLoop(self._owned, self._live, outputs, clock.monotonic)
        self._lost: dict[int, PartitionWorker] = {}
        self._committed: dict[int, Confirmed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._saver = Saver()
        self._joined = False
        self._stopped = False

    # --- called by the framework -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the loops. Called once, in the running loop, before the first assignment."""
        for loop in (
            self._watchdog.run,
            self._sweeps,
            self._commits,
            self._saves,
            self._rankings.run,
            self._schedules,
        ):
            self._spawn(loop(), loop.__qualname__)

    def assign(self, partitions: Sequence[int]) -> None:
        """The partitions that this process owns from now on, all of them. Returns at once; loading goes on in tasks.

        After `stop` nothing is gained any more: the group may still give partitions to a member that is leaving.
        """
        if self._stopped:
            return
        self._joined = True
        for partition in set(self._owned) - set(partitions):
            self._lose(partition)
        for partition in partitions:
            if partition not in self._owned:
                self._gain(partition)

    def revoke(self, partitions: Sequence[int]) -> None:
        """These may belong to somebody else from now on. State is kept, and not acted on."""
        for partition in set(partitions) & set(self._owned):
            self._lose(partition)

    async def deliver(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Records of one partition as the group delivered them: late, doubled or with gaps, it makes no difference."""
        worker = self._owned.get(partition)
        if worker is not None:
            await self._guarded(worker.deliver(records))

    async def stop(self) -> None:
        """Ends the loops, lets what is under way come to a record's end, and commits what is confirmed. Called before the process leaves
        the group."""
        self._stopped = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in list(self._owned.values()):  # some may be revoked while this waits
            worker.lose()
            async with worker.lock:
                pass
        await self._commit()
        for partition in list(self._owned):
            self._lose(partition)

    def health(self) -> dict[str, Any]:
        """For the health endpoint: what is owned, loaded, applied and confirmed, and how long ago the loop ran."""
        return {
            "joined": self._joined,
            "stalled_s": round(self._clock.monotonic() - self._watchdog.last_beat, 3),
            "partitions": {
                str(partition): {
                    "loaded": worker.loaded,
                    "next_offset": worker.fold.next_offset,
                    "confirmed": worker.fold.confirmed,
                    "saved": worker.checkpoints.next_offset,
                    "blocks": len(worker.fold.blocks),
                    "halted": sorted(worker.fold.halted),
                }
                for partition, worker in sorted(self._owned.items())
            },
        }

    def watch(self, metrics: ScoringMetrics) -> None:
        """Shows what is owned as it is whenever it is asked for, from whichever thread asks."""

        def owned() -> list[PartitionWorker]:
            return list(self._owned.values())

        metrics.watch(metrics.partitions, lambda: len(owned()))
        metrics.watch(metrics.loaded_partitions, lambda: sum(worker.loaded for worker in owned()))
        metrics.watch(metrics.blocks, lambda: sum(len(worker.fold.blocks) for worker in owned()))
        metrics.watch(metrics.halted_blocks, lambda: sum(len(worker.fold.halted) for worker in owned()))
        metrics.watch(metrics.stalled_seconds, lambda: self._clock.monotonic() - self._watchdog.last_beat)
        metrics.watch_behind(self._behind)

    def _behind(self) -> dict[str, float]:
        """Records that the newest sweep saw in the log and that are not applied yet, by partition."""
        return {
            str(partition): float(max(0, end - worker.fold.next_offset))
            for partition, end in list(self._ends.items())
            if (worker := self._owned.get(partition)) is not None
        }

    # --- ownership ---------------------------------------------------------------------------------------------------------

    def _gain(self, partition: int) -> None:
        before = self._lost.pop(partition, None)
        fold = self._new_fold(partition) if before is None else before.fold
        showings = Showings(fold, self._clock.wall_s, self._metrics)
        worker = PartitionWorker(
            fold,
            self._reader,
            self._outputs,
            self._offsets,
            self._packs,
            Checkpoints(partition, self._checkpoints, self._save_policy, self._clock.monotonic, self._saver),
            self._metrics,
        )
        self._owned[partition] = worker
        self._live[partition] = LiveRankings(fold, self._packs.get, showings)
        fold.dirty.update(fold.blocks)  # the owner writes its current values again when it gains a partition
        self._spawn(self._load(worker, None if before is None else before.lock), f"load-{partition}")

    def _new_fold(self, partition: int) -> PartitionFold:
        halts, mended = self._crashes.halts(partition), self._crashes.mended(partition)
        released, limit = self._crashes.released(partition), self._new_limit()
        return PartitionFold(partition, self._partitions, self._packs.get, limit, halts, mended, released)

    def _lose(self, partition: int) -> None:
        worker = self._owned.pop(partition)
        worker.lose()
        self._lost[partition] = worker
        del self._live[partition]
        self._saver.forget(partition)
        self._committed.pop(partition, None)

    async def _load(self, worker: PartitionWorker, after: asyncio.Lock | None) -> None:
        started = self._clock.monotonic()
        await worker.load(after)
        if worker.loaded:
            self._metrics.load_seconds.observe(self._clock.monotonic() - started)
            self._crashes.forget_mended(worker.partition)
        log.info(
            "partition loaded",
            partition=worker.partition,
            owned=worker.owned,
            checkpoint=worker.checkpoints.next_offset,
            next_offset=worker.fold.next_offset,
            took_s=round(self._clock.monotonic() - started, 3),
        )

    # --- loops -------------------------------------------------------------------------------------------------------------

    async def _sweeps(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            loaded = [partition for partition, worker in self._owned.items() if worker.loaded]
            if not loaded:
                continue
            self._ends = await self._reader.high_watermarks(loaded)
            for partition, end in self._ends.items():
                worker = self._owned.get(partition)
                if worker is not None and worker.stands_still(end):
                    await worker.sweep(end)

    async def _commits(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY_S)
            await self._commit()

    async def _commit(self) -> None:
        offsets = {
            partition: worker.confirmed()
            for partition, worker in self._owned.items()
            if worker.loaded and worker.confirmed() != self._committed.get(partition)
        }
        if offsets:
            await self._offsets.commit(offsets)
            self._committed.update({p: o for p, o in offsets.items() if p in self._owned})

    async def _saves(self) -> None:
        while True:
            await asyncio.sleep(SAVE_LOOK_EVERY_S)
            for worker in list(self._owned.values()):
                if worker.loaded and worker.checkpoints.is_due(worker.fold):
                    await worker.save()

    async def _schedules(self) -> None:
        while True:
            await asyncio.sleep(SCHEDULE_EVERY_S)
            self._asking.forget()
            for partition, worker in list(self._owned.items()):
                if worker.loaded:
                    for block, state in list(worker.fold.blocks.items()):
                        stands_still = block in worker.fold.halted
                        await self._asking.append_due(partition, block, state, stands_still=stands_still)

    # --- faults ------------------------------------------------------------------------------------------------------------

    def _spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(self._guarded(coroutine), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except asyncio.CancelledError:
            raise
        except EngineCrash as crash:
            count = self._crashes.remember(crash.block, crash.place, error_text(crash.__cause__))
            log.exception(
                "engine crashed",
                block=crash.block,
                place=str(crash.place),
                times=count,
                engine=ENGINE_VERSION,
            )
            self._end(f"{crash} (crash {count} there; at 3 the block is halted)")
        except TooManyDeadLetters as stop:
            log.exception("too many events are refused")
            await self._tell_of_stop(stop)
            self._end(f"The worker ends: {stop}")
        except BaseException as error:
            with suppress(Exception):
                log.exception("worker ends")
            self._end(
                f"The worker ends: {error!r}. Nothing is committed past what was published; it starts again by itself."
            )

    async def _tell_of_stop(self, stop: TooManyDeadLetters) -> None:
        """The boards of the partition say that they stand still, and why. Nothing else of the process goes on meanwhile: a record may be
        applied in part, so that nothing may be saved or committed any more."""
        for worker in self._owned.values():
            worker.lose()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        partition = stop.letter.place.partition
        halt = Halt("too_many_refused", stop.letter.place, stop.letter.at, str(stop))
        with suppress(Exception):
            async with asyncio.timeout(LAST_WORDS_WITHIN_S):
                outputs = self._live[partition].rank_stopped(halt, self._clock.monotonic())
                await self._outputs.publish(partition, outputs)
