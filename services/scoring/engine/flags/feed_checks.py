"""Does the feed look right? Compares an evaluation's figures with those of the evaluated period before: all the same, or a group that leaps.

Both were seen in a published index: on 7 October 2026 every figure of every province was that of the day before, and a day later one
group of one province moved by 8 points (DOMAIN 5). They are faults of a feed more often than of a unit, so they are notices, never flags.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from services.contracts.ids import UnitId
from services.contracts.pack.model import FeedChecks
from services.contracts.pack.scheme import name_of
from services.contracts.periods import Period
from services.contracts.results import Notice, NoticeKind
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.log.state import Evaluated
from services.scoring.engine.numbers.rounding import DIGITS, significant
from services.scoring.engine.results.comparing import Pair, is_comparable, pairs_of, repeated

_SLACK = 10.0 ** (2 - DIGITS)
"""Points are differences of rounded doubles: a move of exactly the limit is no jump."""


def period_before(history: Sequence[Evaluated], period: Period) -> Period | None:
    """The newest evaluated period of the same cadence before `period`."""
    before = [held.period for held in history if held.period.cadence == period.cadence]
    return max((held for held in before if held < period), default=None)


def notices_of(checks: FeedChecks, before: Assessment, now: Assessment) -> list[Notice]:
    """Frozen first, then jumps in the order of the groups. Both assessments are of one plan; units in one of them only are left out."""
    pairs = pairs_of(before, now)
    return list(chain(_frozen(checks, before, now, pairs), _jumps(checks, before, now, pairs)))


def _frozen(
    checks: FeedChecks, before: Assessment, now: Assessment, pairs: Sequence[Pair]
) -> Iterator[Notice]:
    repeats = {pair[1]: repeated(before, now, pair) for pair in pairs}
    again = {row: list(same.values()) for row, same in repeats.items() if same}
    figures = sum(map(len, again.values()))
    share = sum(map(sum, again.values())) / figures if figures else 0.0
    if checks.frozen is not None and figures and share >= checks.frozen - _SLACK:
        units = [row for row, same in again.items() if all(same)]
        yield _notice("frozen", before, now, None, units, len(again), share, checks.frozen)


def _jumps(
    checks: FeedChecks, before: Assessment, now: Assessment, pairs: Sequence[Pair]
) -> Iterator[Notice]:
    """Moves of each top-level group, where the same criteria count before and now: a late report is a matter of coverage."""
    if checks.jump is None:
        return
    plan = now.plan
    for group, node in zip(plan.scheme.top_groups(), plan.top, strict=True):
        compared = [pair for pair in pairs if is_comparable(before, now, pair, node)]
        moves = {
            row: plan.points(node) * float(now.nodes[node][row] - before.nodes[node][old])
            for old, row in compared
        }
        far = [row for row, move in moves.items() if abs(move) > checks.jump + _SLACK]
        if far:
            furthest = max((moves[row] for row in far), key=abs)
            yield _notice("jump", before, now, name_of(group), far, len(compared), furthest, checks.jump)


def _notice(
    kind: NoticeKind,
    before: Assessment,
    now: Assessment,
    group: str | None,
    rows: Sequence[int],
    of: int,
    value: float,
    limit: float,
) -> Notice:
    units = [UnitId(now.units[row].id) for row in rows]
    return Notice(kind, before.period.text, group, units, of, significant(value), limit)
