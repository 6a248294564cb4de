"""Everything that the addresses are served from, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from services.api.dead_letters import DeadLetterShelf
from services.api.evaluation_store import EvaluationStore
from services.api.fold import CampaignFold, Change
from services.api.freshness import Freshness, FreshnessMeter
from services.api.lag import Lag
from services.api.naming import BlockNames
from services.api.settings import ApiSettings
from services.api.stored_waits import StoredWaits
from services.api.stream import Hub
from services.api.way import WayMeter
from services.contracts.following import Record
from services.contracts.ids import BlockId, PackHash
from services.contracts.metrics import ApiMetrics
from services.contracts.principals import Principals
from services.contracts.results import Ranking
from services.contracts.steps import Sighting, decode_showing, micros_of
from services.contracts.topics import DEAD_LETTERS, PRINCIPALS

log = structlog.get_logger("thidua.api")


@dataclass(frozen=True, slots=True)
class Health:
    """`live`: the follower's thread runs; `caught_up`: everything that stood in the topics at the start was applied; `stale_since`: since
    when no broker answers, so that nothing new can be shown."""

    live: bool
    caught_up: bool
    detail: str = ""
    stale_since: datetime | None = None


class Live:
    """The fold, what is measured on it, the streams that tell of it, and the store of what is official.

    `apply` is called by the follower's thread alone. `health` says how the follower does.
    """

    def __init__(
        self,
        settings: ApiSettings,
        store: EvaluationStore,
        now: Callable[[], datetime],
        health: Callable[[], Health],
        lag: Callable[[], Lag] = lambda: Lag(None, []),
        sight: Callable[[Sighting], None] = lambda _: None,
    ) -> None:
        """`lag`: how far the services are behind, as heard last; `sight` is told of each ranking that reached the streams."""
        self.settings = settings
        self.store = store
        self.now = now
        self.health = health
        self.letters = DeadLetterShelf(
            now, settings.api_dead_letters_per_block, settings.api_dead_letters_mb * 1_000_000
        )
        self.principals = Principals()
        beside = {DEAD_LETTERS.name: self.letters.apply, PRINCIPALS.name: self.principals.apply}
        self.fold = CampaignFold(now, self._changed, beside)
        self.freshness = FreshnessMeter(now)
        self.hub = Hub(self.fold, settings.api_stream_queue)
        self.metrics = ApiMetrics()
        self.way = WayMeter(now, self.metrics.steps)
        self.stored_waits = StoredWaits(store)
        self.lag = lag
        self._sight = sight
        self._watch_state()

    def apply(self, record: Record) -> None:
        """Applies a record of one of the followed topics."""
        self.fold.apply(record)
        self.metrics.records.labels(record.topic).inc()

    def _watch_state(self) -> None:
        metrics = self.metrics
        metrics.watch(metrics.readers, lambda: len(self.hub))
        metrics.watch(metrics.dropped_readers, lambda: self.hub.dropped)
        metrics.watch(metrics.unreadable_records, lambda: self.fold.unreadable)
        metrics.watch(metrics.ready, lambda: float(self.health().live and self.health().caught_up))

    def _changed(self, change: Change) -> None:
        if isinstance(change.held.value, Ranking):
            live = self.health().caught_up
            self.freshness.observe(change.held.value, change.held.arrived, live=live)
            if live and change.held.shows is not None:
                self.hub.announce(change, self._handed)
                return
        self.hub.announce(change)

    def freshness_now(self) -> list[Freshness]:
        """Of every block, with the word that all of it is stale while no broker answers."""
        stale_since = self.health().stale_since
        return [_as_of(one, stale_since) for one in self.freshness.all()]

    def freshness_of(self, block: BlockId) -> Freshness | None:
        """As `freshness_now`, of one block; None when it has no ranking yet."""
        found = self.freshness.of(block)
        return _as_of(found, self.health().stale_since) if found else None

    def _handed(self, change: Change) -> None:
        """A ranking reached the streams: from here on the events that it shows first are on the board."""
        board, shows = micros_of(self.now()), change.held.shows or b""
        try:
            self.way.take(change.block, decode_showing(shows), board)
        except ValueError as error:
            log.warning("unreadable_showing", block=change.block, error=str(error))
        else:
            at = change.held.value.cause
            self._sight(Sighting(change.block, at.partition, at.offset, at.index, board, shows.decode()))

    def names(self, block: BlockId, pack: PackHash | None = None) -> BlockNames:
        """The block's names by the pack of that hash, or by the campaign's newest."""
        compiled = self.fold.pack(block, pack)
        return BlockNames(block, compiled.pack if compiled else None)

    def blocks(self) -> list[BlockId]:
        """Every block that a pack names or that has a ranking: packs in the order of their ids, blocks in the pack's order."""
        named = [block for compiled in self.fold.packs() for block in compiled.pack.block_by_id]
        ranked = sorted(held.value.block for held in self.fold.rankings())
        return list(dict.fromkeys([*named, *ranked]))


def _as_of(freshness: Freshness, stale_since: datetime | None) -> Freshness:
    return msgspec.structs.replace(freshness, stale_since=stale_since) if stale_since else freshness
