"""What the results must be, said twice: by a fold of the log as it is now, and from the senders' histories by a rule of three lines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from services.cli.broker import Held
from services.contracts.events import AnyEvent, Fact, Report, Retraction, decode_event, split_record
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, FLAGS
from services.scoring.worker.ports import Output
from tests.chaos.history import History, Key
from tests.support import offline

Cell = tuple[str, str, str]
"""(unit, indicator, period)."""


@dataclass
class Folded:
    """All that follows from a block's log."""

    evaluations: list[bytes] = field(default_factory=list)
    flags: dict[str, bytes] = field(default_factory=dict)
    """The last record of each flag."""
    dead_letters: set[bytes] = field(default_factory=set)
    events: int = 0
    chain: str = ""


def folded(records: Sequence[Held], block: BlockId, partitions: int, catalog: PackCatalog) -> Folded:
    """The records of the block, folded by one process that nothing disturbs."""
    fold = offline.folded(records, block, partitions, catalog)
    result = Folded(events=fold.blocks[block].events, chain=fold.blocks[block].chain.hex())
    for output in fold.unconfirmed:
        _sort_in(result, output)
    return result


def _sort_in(result: Folded, output: Output) -> None:
    if output.topic == EVALUATIONS.name:
        result.evaluations.append(output.value)
    elif output.topic == FLAGS.name:
        result.flags[output.key.decode()] = output.value
    elif output.topic == DEAD_LETTERS.name:
        result.dead_letters.add(output.value)


def keys_in(records: Iterable[Held]) -> dict[Key, int]:
    """Every readable event of the log, with how often it stands there."""
    found: dict[Key, int] = defaultdict(int)
    for record in records:
        for event in _events(record.value or b""):
            found[event.source, event.id] += 1
    return dict(found)


def _events(value: bytes) -> list[AnyEvent]:
    try:
        return [decode_event(raw) for raw in split_record(value)]
    except msgspec.DecodeError:
        return []


def counting(history: History, in_log: Iterable[Key]) -> dict[Cell, Key]:
    """By cell the report that counts: of those in the log and not taken back, the greatest by (revision, time, source, id)."""
    there = [history.events[key] for key in in_log if key in history.events]
    gone = {(one.data.source, one.data.id) for one in there if isinstance(one, Retraction)}
    best: dict[Cell, Report] = {}
    for one in there:
        if isinstance(one, Report) and (one.source, one.id) not in gone:
            cell = (str(one.subject), one.data.indicator, one.data.period)
            if cell not in best or _order(one) > _order(best[cell]):
                best[cell] = one
    return {cell: (one.source, one.id) for cell, one in best.items()}


def sums(history: History, in_log: Iterable[Key]) -> dict[Cell, float]:
    """By cell the sum of the facts that are in the log and not taken back, each of them once."""
    there = [history.events[key] for key in in_log if key in history.events]
    gone = {(one.data.source, one.data.id) for one in there if isinstance(one, Retraction)}
    total: dict[Cell, float] = defaultdict(float)
    for one in there:
        if isinstance(one, Fact) and (one.source, one.id) not in gone:
            total[str(one.subject), one.data.indicator, one.data.occurred.isoformat()[:7]] += one.data.amount
    return dict(total)


def _order(report: Report) -> tuple[object, ...]:
    return report.data.revision, report.time, report.source, report.id
