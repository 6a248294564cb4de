"""Which blocks stand still, why, and what is to be done about it."""

from datetime import datetime
from typing import Final

import msgspec

from services.api.live import Live
from services.api.naming import halt_of
from services.api.views import Words
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.results import DeadLetter, Halt, HaltReason

WHAT_TO_DO: Final[dict[HaltReason, str]] = {
    "engine_crashed": "Start a version of the worker that mends the fault: the block goes on from this place by itself and loses nothing. "
    "If the fault lay in the machine (memory, disk), stop the worker there and run: thidua halts release {block}",
    "too_many_refused": "Find the cause: thidua dead-letters list --block {block}. Mend the writers, the pack or the version of the worker; "
    "what is in the log already passes with a higher THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW or _SHARE. Then start the worker again.",
}


class HaltView(msgspec.Struct, frozen=True):
    """A block that stands still. `shown` is the time of the ranking that its board shows, null where it never had one."""

    block: BlockId
    title: Words
    why: HaltReason
    since: datetime
    place: Place
    """Partition, offset, index (-1: the whole record) of what is not applied, as `thidua dead-letters show` takes it."""
    error: str
    engine: str | None
    shown: datetime | None
    next: str


def halts(live: Live) -> list[HaltView]:
    """The newest first. A block's newest ranking says whether it stands still; of one that never had a ranking, its dead letter does."""
    rankings = {held.value.block: held.value for held in live.fold.rankings()}
    found = [
        _view(live, ranking.block, halt, ranking.engine, ranking.as_of)
        for ranking in rankings.values()
        if (halt := halt_of(ranking)) is not None
    ]
    found += [_of_letter(live, letter) for letter in live.letters.halts() if letter.key not in rankings]
    return sorted(found, key=lambda halt: (halt.since, halt.block), reverse=True)


def _of_letter(live: Live, letter: DeadLetter) -> HaltView:
    halt = Halt("engine_crashed", letter.place, letter.at, letter.detail)
    return _view(live, BlockId(letter.key), halt, None, None)


def _view(live: Live, block: BlockId, halt: Halt, engine: str | None, shown: datetime | None) -> HaltView:
    next = WHAT_TO_DO[halt.why].format(block=block)
    return HaltView(
        block, live.names(block).title, halt.why, halt.since, halt.place, halt.error, engine, shown, next
    )
