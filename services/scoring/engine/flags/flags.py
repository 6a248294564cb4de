"""Flags open and end by the block's rules: a standing that lasts, or figures that a person should look at. They are proposals until a person
decides.

A dismissed flag stays in the state, unpublished, until its streak is over: so it does not come back before.
"""

from collections.abc import Iterator

import msgspec

from services.contracts.flags import Flag, FlagKind
from services.contracts.ids import UnitId
from services.scoring.engine.flags.flag_record import record_of
from services.scoring.engine.flags.flag_rules import (
    COUNTED,
    UNCOUNTED,
    Count,
    CountedRule,
    rule_of,
    stayed,
    verdict_of,
    worded,
)
from services.scoring.engine.flags.judgement import Judgement

FlagKey = tuple[FlagKind, UnitId]
OpenFlags = dict[FlagKey, Flag]


def judge(flags: OpenFlags, judgement: Judgement) -> tuple[Flag, ...]:
    """Opens, updates and ends flags in `flags`, and returns the records to publish: leaders first, each kind in board order.

    An open flag's figures follow each evaluation of the newest period; a new edition of an older one only opens and ends flags, of units
    that are still there and by rules that still hold. A flag ends as well when its unit leaves the block, the pack drops its rule. In a
    transition window nothing opens and what stands stays as it is; a hold mutes leaders, see `holds`. Silence is judged apart, in
    `silent_flags`.
    """
    if not judgement.is_by_the_newest_rules:
        return ()
    return tuple(flag for kind in COUNTED for flag in _judge_kind(flags, judgement, kind))


def keep(flags: OpenFlags, key: FlagKey, flag: Flag) -> Iterator[Flag]:
    """Holds the flag; its record, unless people dismissed it."""
    flags[key] = flag
    if flag.state != "dismissed":
        yield flag


def end(flags: OpenFlags, key: FlagKey, flag: Flag) -> Iterator[Flag]:
    """Forgets the flag; its last record, unless people dismissed it."""
    del flags[key]
    if flag.state != "dismissed":
        yield msgspec.structs.replace(flag, state="ended")


def _judge_kind(flags: OpenFlags, judgement: Judgement, kind: FlagKind) -> Iterator[Flag]:
    rule = rule_of(judgement.assessment.plan, kind)
    if rule is not None:
        for row in judgement.evaluation.units:
            if judgement.is_still_there(row.unit):
                yield from _judge_unit(flags, judgement, (kind, row.unit), rule)
    if not judgement.is_of_newest_period:
        return
    orphans = [key for key in flags if key[0] == kind and (rule is None or key[1] not in judgement.row_of)]
    for key in sorted(orphans):
        yield from end(flags, key, _record(judgement, key, flags[key], rule, UNCOUNTED))


def _judge_unit(flags: OpenFlags, judgement: Judgement, key: FlagKey, rule: CountedRule) -> Iterator[Flag]:
    kind, unit = key
    verdict = verdict_of(rule, kind, unit, judgement.history)
    held = flags.get(key)
    if judgement.in_transition(unit):
        return
    if held is None:
        is_muted = judgement.muting(kind, unit) is not msgspec.UNSET
        if verdict.opens and not is_muted:
            yield from keep(flags, key, _record(judgement, key, None, rule, verdict.tally))
    elif verdict.ends and stayed(rule, held.since, judgement.history):
        yield from end(flags, key, _record(judgement, key, held, rule, verdict.tally))
    elif judgement.is_of_newest_period:
        yield from keep(flags, key, _record(judgement, key, held, rule, verdict.tally))


def _record(
    judgement: Judgement, key: FlagKey, held: Flag | None, rule: CountedRule | None, counted: Count
) -> Flag:
    return record_of(judgement, *key, held, rule, worded(key[0], rule), counted)
