"""Live rankings of the owned blocks: debounced, drawn again seldom, and written again so that a stale value never stays last."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from services.contracts import topics
from services.contracts.event_data import Place
from services.contracts.flags import Flag, FlagState
from services.contracts.ids import BlockId
from services.contracts.results import RANKING_SCHEMA, Halt, Ranking, encode_result
from services.contracts.steps import encode_showing
from services.scoring.engine import BlockState, LiveIntervals, rank_live
from services.scoring.worker.fold import EngineCrash, PackSource, PartitionFold
from services.scoring.worker.outputs import flag_output
from services.scoring.worker.pace import SCORES_EVERY_S
from services.scoring.worker.ports import Output
from services.scoring.worker.showings import Showings

INTERVALS_EVERY_S: Final = 10.0
"""Draws cost as much as hundreds of rankings; an interval ten seconds old is still right about the weights."""

REWRITE_EVERY_S: Final = 10.0
"""A woken zombie may have written an old value last; the owner's copy replaces it within this time."""

SETTLED_EVERY_S: Final = 3600.0
"""Settled flags pile up over the years of a campaign: written as often as the others, they would in the end be most of the traffic."""

_BEFORE_ALL: Final = Place(0, 0, 0)

_SETTLED: Final[frozenset[FlagState]] = frozenset({"ended", "dismissed"})


@dataclass(slots=True)
class _Shown:
    """What was published last for a block."""

    output: Output
    at: float
    written: float
    intervals: LiveIntervals
    drawn: float


class LiveRankings:
    """Decides which rankings and flags of one partition to write now. Times are monotonic seconds, given by the caller."""

    def __init__(self, fold: PartitionFold, packs: PackSource, showings: Showings) -> None:
        self._fold = fold
        self._showings = showings
        self._packs = packs
        self._shown: dict[BlockId, _Shown] = {}
        self._stopped: Halt | None = None
        self._flags_written = self._settled_written = float("-inf")

    def due(self, now: float, every_s: float = SCORES_EVERY_S) -> list[BlockId]:
        """Blocks whose ranking changed and was not shown within the last `every_s`, and quiet ones whose intervals are behind."""
        changed = [block for block in self._fold.dirty if self._may_show(block, now - every_s)]
        return changed + [block for block in self._shown if self._intervals_are_behind(block, now)]

    def rank(self, block: BlockId, now: float) -> Output | None:
        """The block's ranking as it is now; None while no pack is active in it. Raises `EngineCrash`, as the fold does."""
        self._fold.dirty.discard(block)
        state = self._fold.blocks.get(block)
        shown = self._shown.get(block)
        fresh = shown is not None and now - shown.drawn < INTERVALS_EVERY_S
        ranked = None if state is None else self._ranked(state, shown.intervals if shown and fresh else None)
        if ranked is None:
            return None
        ranking, intervals = ranked
        output = self._output(block, ranking)
        drawn = shown.drawn if shown is not None and fresh else now
        self._shown[block] = _Shown(output, now, now, intervals, drawn)
        return output

    def rank_stopped(self, halt: Halt, now: float) -> list[Output]:
        """Every block of the partition as it stands, with the reason why the worker stops. It raises nothing: it is the last that is said."""
        self._stopped = halt
        outputs = []
        for block in self._fold.blocks:
            with suppress(EngineCrash):
                outputs.append(self.rank(block, now))
        return [output for output in outputs if output is not None]

    def _ranked(
        self, state: BlockState, intervals: LiveIntervals | None
    ) -> tuple[Ranking, LiveIntervals] | None:
        try:
            return rank_live(state, self._packs, intervals)
        except Exception as error:
            raise EngineCrash(state.block, state.last or _BEFORE_ALL) from error

    def rewrite(self, now: float) -> list[Output]:
        """Current rankings and flags that were not written for `REWRITE_EVERY_S`; flags that are settled, for `SETTLED_EVERY_S`."""
        outputs = []
        for shown in self._shown.values():
            if now - shown.written >= REWRITE_EVERY_S:
                shown.written = now
                outputs.append(shown.output)
        if now - self._flags_written >= REWRITE_EVERY_S:
            self._flags_written = now
            outputs.extend(flag_output(flag) for flag in self._flags_to_rewrite(now))
        return outputs

    def _flags_to_rewrite(self, now: float) -> list[Flag]:
        flags = [flag for of_block in self._fold.flags.values() for flag in of_block.values()]
        if now - self._settled_written < SETTLED_EVERY_S:
            return [flag for flag in flags if flag.state not in _SETTLED]
        self._settled_written = now
        return flags

    def _may_show(self, block: BlockId, before: float) -> bool:
        shown = self._shown.get(block)
        return shown is None or shown.at <= before

    def _intervals_are_behind(self, block: BlockId, now: float) -> bool:
        shown = self._shown[block]
        if block in self._fold.dirty or now - shown.drawn < INTERVALS_EVERY_S:
            return False
        return shown.intervals.at != self._fold.blocks[block].last

    def _output(self, block: BlockId, ranking: Ranking) -> Output:
        if (halt := self._stopped or self._fold.halted.get(block)) is not None:
            ranking = msgspec.structs.replace(ranking, halted=True, halt=halt)
        body = encode_result(ranking)
        shows = self._showings.show(block)
        return Output(
            topics.RANKINGS.name,
            block.encode(),
            body,
            RANKING_SCHEMA,
            ranking.cause,
            block,
            shows=None if shows is None else encode_showing(shows),
        )
