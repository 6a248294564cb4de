"""The checks at the end. Each gives how many things it looked at, and every one that is not as it must be."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from services.cli.broker import Held
from services.contracts.ids import BlockId
from services.contracts.results import decode_dead_letter, decode_evaluation
from tests.chaos.campaign import FACTS, INDICATORS
from tests.chaos.expected import Cell, Folded
from tests.chaos.history import History, Key

_SHOWN: Final = 5


@dataclass
class Check:
    """One promise. To have looked at nothing is a violation too, for it proves nothing, except where a calm run has `none_to_see`."""

    promise: str
    looked_at: int = 0
    violations: list[str] = field(default_factory=list)
    none_to_see: bool = False

    @property
    def holds(self) -> bool:
        return (self.looked_at > 0 or self.none_to_see) and not self.violations

    def line(self) -> str:
        verdict = (
            "holds"
            if self.holds
            else f"{len(self.violations)} VIOLATIONS"
            if self.violations
            else "SAW NOTHING"
        )
        shown = "".join(f"\n      {one}" for one in self.violations[:_SHOWN])
        return f"{self.promise:66} {self.looked_at:>8}  {verdict}{shown}"


@dataclass
class Found:
    """What is there at the end, read from outside."""

    log: dict[Key, int]
    """Readable events of the log, with how often each stands there."""
    folded: dict[BlockId, Folded]
    evaluations: dict[BlockId, list[bytes]]
    """Every copy in Kafka."""
    stored_evaluations: dict[BlockId, list[bytes]]
    """Every different body in ClickHouse."""
    stored_events: dict[Key, int]
    """Rows of ClickHouse, replaced ones left out."""
    flags: dict[str, bytes]
    """The value with the highest cause of each flag in the compacted topic."""
    dead_letters: dict[BlockId, list[bytes]]
    log_values: set[bytes]
    shown: dict[BlockId, dict[str, Any]]
    """The board's ranking of each block, from the api."""
    counting: dict[Cell, Key]
    sums: dict[Cell, float]


def checks(history: History, found: Found) -> Iterator[Check]:
    yield accepted_are_there(history, found)
    yield rejected_are_nowhere(history, found)
    yield unknown_at_most_once(history, found)
    yield stored_once(found)
    yield cells_count(found)
    yield facts_add_up(found)
    yield evaluations_equal(
        "every copy of an evaluation in Kafka equals a fold of the log", found.folded, found.evaluations
    )
    yield evaluations_equal("every copy in ClickHouse does", found.folded, found.stored_evaluations)
    yield flags_equal(found)
    yield dead_letters_equal(history, found)
    yield board_is_newest(found)


def accepted_are_there(history: History, found: Found) -> Check:
    keys = history.answered("accepted")
    missing = [f"{key} was accepted and is not in the log" for key in keys if key not in found.log]
    return Check("every accepted event is in the log", len(keys), missing)


def rejected_are_nowhere(history: History, found: Found) -> Check:
    keys = history.answered("rejected")
    there = [
        f"{key} was rejected and is there" for key in keys if key in found.log or key in found.stored_events
    ]
    return Check("no rejected event is anywhere", len(keys), there)


def unknown_at_most_once(history: History, found: Found) -> Check:
    keys = history.answered("unknown")
    twice = [
        f"{key} is stored {found.stored_events[key]} times"
        for key in keys
        if found.stored_events.get(key, 0) > 1
    ]
    # a calm run leaves no event without an answer
    return Check("an event without an answer is there at most once", len(keys), twice, none_to_see=True)


def stored_once(found: Found) -> Check:
    wrong = [
        f"{key}: {found.stored_events.get(key, 0)} rows"
        for key in found.log
        if found.stored_events.get(key) != 1
    ]
    wrong += [f"{key} is stored and not in the log" for key in found.stored_events if key not in found.log]
    return Check("every event of the log is in ClickHouse once", len(found.log), wrong)


def cells_count(found: Found) -> Check:
    """By the last evaluation of each block and period, against the senders' own histories."""
    check = Check("every cell shows the report that the histories say counts")
    for block, fold in found.folded.items():
        for period, body in _last_by_period(fold.evaluations).items():
            _compare_cells(check, found.counting, period, body, block)
    return check


def facts_add_up(found: Found) -> Check:
    check = Check("every sum of facts is that of the accepted ones, each once")
    for fold in found.folded.values():
        for period, body in _last_by_period(fold.evaluations).items():
            for unit in decode_evaluation(body).units:
                expected = found.sums.get((unit.unit, FACTS, period))
                check.looked_at += expected is not None
                if unit.criteria[-1].actual != expected:
                    check.violations.append(
                        f"{unit.unit} {period}: {unit.criteria[-1].actual} instead of {expected}"
                    )
    return check


def _last_by_period(bodies: Iterable[bytes]) -> dict[str, bytes]:
    return {decode_evaluation(body).period: body for body in bodies}


def _compare_cells(check: Check, counting: dict[Cell, Key], period: str, body: bytes, block: BlockId) -> None:
    for unit in decode_evaluation(body).units:
        for indicator, criterion in zip(INDICATORS, unit.criteria, strict=False):
            check.looked_at += 1
            shown = None if criterion.id is None else (criterion.source, criterion.id)
            if shown != counting.get((unit.unit, indicator, period)):
                expected = counting.get((unit.unit, indicator, period))
                check.violations.append(
                    f"{block} {unit.unit} {indicator} {period}: {shown} instead of {expected}"
                )


def evaluations_equal(
    promise: str, folded: dict[BlockId, Folded], copies: dict[BlockId, list[bytes]]
) -> Check:
    check = Check(promise)
    for block, fold in folded.items():
        expected = {decode_evaluation(body).id: body for body in fold.evaluations}
        held = defaultdict(list)
        for body in copies.get(block, []):
            held[decode_evaluation(body).id].append(body)
        check.looked_at += sum(map(len, held.values()))
        check.violations += [f"{block} {id} is missing" for id in expected if id not in held]
        check.violations += [f"{block} {id} is of no log" for id in held if id not in expected]
        check.violations += [
            f"{block} {id} differs"
            for id, bodies in held.items()
            if any(body != expected.get(id) for body in bodies)
        ]
    return check


def flags_equal(found: Found) -> Check:
    expected = {id: body for fold in found.folded.values() for id, body in fold.flags.items()}
    wrong = [f"{id} differs or is missing" for id, body in expected.items() if found.flags.get(id) != body]
    wrong += [f"{id} is of no log" for id in found.flags if id not in expected]
    return Check("the newest value of every flag is that of the log", len(expected), wrong)


def dead_letters_equal(history: History, found: Found) -> Check:
    check = Check("what cannot be applied is a dead letter, and nothing else is", len(history.poison))
    for block, fold in found.folded.items():
        held = set(found.dead_letters.get(block, []))
        check.violations += [
            f"{block}: {_place(body)} has no dead letter" for body in fold.dead_letters - held
        ]
        check.violations += [
            f"{block}: {_place(body)} is a dead letter of no log" for body in held - fold.dead_letters
        ]
    check.violations += [
        f"{value[:60]!r} was put there and is gone"
        for value in history.poison
        if value not in found.log_values
    ]
    letters = sum(len(fold.dead_letters) for fold in found.folded.values())
    if letters < len(set(history.poison)):
        check.violations.append(f"{letters} dead letters for {len(set(history.poison))} records of poison")
    return check


def _place(body: bytes) -> str:
    letter = decode_dead_letter(body)
    return f"{letter.place} ({letter.reason})"


def board_is_newest(found: Found) -> Check:
    """The live ranking that readers are left with: of the whole log of its block, whatever a woken worker wrote late."""
    check = Check("the board shows the fold of the whole log of each block", len(found.folded))
    for block, fold in found.folded.items():
        shown = found.shown.get(block, {})
        if (shown.get("events"), shown.get("chain")) != (fold.events, fold.chain):
            check.violations.append(
                f"{block}: {json.dumps({k: shown.get(k) for k in ('events', 'chain')})} instead of {fold.events}"
            )
    return check


def of_campaign(records: Iterable[Held], prefix: str) -> dict[BlockId, list[bytes]]:
    """Values by block."""
    by_block: dict[BlockId, list[bytes]] = defaultdict(list)
    for record in records:
        if record.key.startswith(prefix) and record.value is not None:
            by_block[BlockId(record.key)].append(record.value)
    return by_block
