"""What changed between two packs, in words, in the order that matters: units, blocks, criteria, weights, targets, rules, words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from services.contracts.ids import BlockId, block_id
from services.contracts.pack.base import Model
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.model import Block, Pack, Unit
from services.contracts.pack.rules import rules_hash
from services.contracts.pack.scheme import Criterion, Group, Scheme, name_of

Subject = Literal["units", "blocks", "criteria", "weights", "targets", "rules", "words"]

ORDER: Final[tuple[Subject, ...]] = ("units", "blocks", "criteria", "weights", "targets", "rules", "words")

_WORDS: Final = frozenset({"title", "short", "unit_of_measure", "source"})


class Change(NamedTuple):
    """One change. `where` is the part of the pack: `scheme communes`, `unit xa-an`; `text` a clause without a full stop."""

    subject: Subject
    where: str
    text: str


class PackDiff(NamedTuple):
    """`changes` in the order of `ORDER`, then of the pack. `scores` says of each block whether the same figures could score otherwise now:
    by other rules, among other units, or because the block is new or gone."""

    changes: list[Change]
    scores: dict[BlockId, bool]


def diff(old: Pack, new: Pack) -> PackDiff:
    """What the new pack says otherwise than the old one. Equal packs give no change."""
    changes = [
        *_units(old, new),
        *_lineage(old, new),
        *_blocks(old, new),
        *_schemes(old, new),
        *_indicators(old, new),
        *_fields("campaign", old.campaign, new.campaign, frozenset()),
        *_map(old, new),
        *_others(old, new),
    ]
    changes.sort(key=lambda change: ORDER.index(change.subject))
    blocks = dict.fromkeys((*_by_own_id(old), *_by_own_id(new)))
    return PackDiff(changes, {_named(new, block): _may_score_otherwise(old, new, block) for block in blocks})


# --- units --------------------------------------------------------------------------------------------------------------------


def _units(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = _rows(old), _rows(new)
    for unit in before | after:
        where = f"unit {unit}"
        then, now = before.get(unit, []), after.get(unit, [])
        if not then:
            yield Change("units", where, f"is new, in {_stay(now[0])}")
        elif not now:
            yield Change("units", where, f"is gone, was in {_stay(then[-1])}")
        elif [_place(row) for row in then] != [_place(row) for row in now]:
            said = ", then ".join(_stay(row) for row in then), ", then ".join(_stay(row) for row in now)
            yield Change("units", where, f"was in {said[0]}, is in {said[1]}")
        for one, other in zip(then, now, strict=False):
            yield from _fields(where, one, other, frozenset({"id", "block", "valid_from", "valid_to"}))


def _lineage(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = _edges(old), _edges(new)
    for key in before | after:
        then, now = before.get(key), after.get(key)
        if then != now:
            where = f"lineage {key[0]} > {key[1]} on {key[2]}"
            yield Change("units", where, _went_over(then, now))


def _edges(pack: Pack) -> dict[tuple[str, str, str], LineageEdge]:
    return {(edge.old, edge.new, edge.date.isoformat()): edge for edge in pack.lineage}


def _went_over(then: LineageEdge | None, now: LineageEdge | None) -> str:
    if now is None:
        return "is gone"
    said = f"share {now.part:g}" + ("" if now.weight is None else f", weight {now.weight:g}")
    if then is None:
        return f"is new, with {said}"
    was = f"share {then.part:g}" + ("" if then.weight is None else f", weight {then.weight:g}")
    return f"was {was}, is {said}"


def _rows(pack: Pack) -> dict[str, list[Unit]]:
    return {str(unit): list(rows) for unit, rows in pack.rows_by_unit.items()}


def _place(row: Unit) -> tuple[object, ...]:
    return row.block, row.valid_from, row.valid_to


def _stay(row: Unit) -> str:
    since = f" from {row.valid_from}" if row.valid_from else ""
    return f"{row.block}{since}{f' to {row.valid_to}' if row.valid_to else ''}"


# --- blocks and schemes -------------------------------------------------------------------------------------------------------


def _blocks(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = _by_own_id(old), _by_own_id(new)
    yield from _came_and_went("blocks", "block", before, after)
    for id in (id for id in before if id in after):
        yield from _fields(f"block {id}", before[id], after[id], frozenset({"id"}), subject="blocks")


def _schemes(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.scheme_by_id, new.scheme_by_id
    yield from _came_and_went("criteria", "scheme", before, after)
    for id in (id for id in before if id in after):
        where = f"scheme {id}"
        yield from _trees(where, before[id], after[id])
        yield from _fields(where, before[id], after[id], frozenset({"id", "root", "extras"}))


class _Standing(NamedTuple):
    """A member of a scheme: its group, its share of the whole (of an extra, points of the scale), and itself."""

    within: str
    share: float
    member: Group | Criterion
    is_extra: bool

    @property
    def worth(self) -> str:
        return f"{self.share:g} points" if self.is_extra else f"{_percent(self.share)} of the whole"


def _trees(where: str, old: Scheme, new: Scheme) -> Iterator[Change]:
    before, after = _standings(old), _standings(new)
    for name in before | after:
        then, now = before.get(name), after.get(name)
        if then is None and now is not None:
            yield Change("criteria", where, f"{_kind(now)} {name} is new, {now.worth}")
        elif now is None and then is not None:
            yield Change("criteria", where, f"{_kind(then)} {name} is gone, was {then.worth}")
        elif then is not None and now is not None:
            yield from _member(where, name, then, now)


def _member(where: str, name: str, then: _Standing, now: _Standing) -> Iterator[Change]:
    if then.within != now.within:
        yield Change("criteria", where, f"{_kind(now)} {name} moved from {then.within} to {now.within}")
    if then.worth != now.worth:
        yield Change("weights", where, f"{_kind(now)} {name}: {then.worth} -> {now.worth}")
    own = f"{where}, {_kind(now)} {name}"
    yield from _fields(own, then.member, now.member, frozenset({"criterion", "group", "weight", "members"}))


def _standings(scheme: Scheme) -> dict[str, _Standing]:
    found: dict[str, _Standing] = {}

    def walk(member: Group | Criterion, within: str, share: float) -> None:
        found[name_of(member)] = _Standing(within, share, member, False)
        if isinstance(member, Group):
            total = sum(inner.weight for inner in member.members)
            for inner in member.members:
                walk(inner, member.group, share * inner.weight / total)

    walk(scheme.root, "the scheme", 1.0)
    return found | {
        extra.criterion: _Standing("extras", extra.weight, extra, True) for extra in scheme.extras
    }


def _kind(standing: _Standing) -> str:
    return "extra" if standing.is_extra else "group" if isinstance(standing.member, Group) else "criterion"


# --- indicators and the rest --------------------------------------------------------------------------------------------------


def _indicators(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.definitions, new.definitions
    yield from _came_and_went("rules", "indicator", before, after)
    for id in (id for id in before if id in after):
        then, now = before[id], after[id]
        if len(then) != len(now):
            yield Change("rules", f"indicator {id}", f"had {len(then)} definitions, has {len(now)}")
        for one, other in zip(then, now, strict=False):
            yield from _fields(f"indicator {id}", one, other, frozenset({"id"}))


def _map(old: Pack, new: Pack) -> Iterator[Change]:
    """In numbers: outlines say nothing in words."""
    before, after = ({area.unit: area.polygons for area in pack.areas} for pack in (old, new))
    counts = {
        "new": len(after.keys() - before.keys()),
        "gone": len(before.keys() - after.keys()),
        "drawn otherwise": sum(before[unit] != after[unit] for unit in before.keys() & after.keys()),
    }
    if said := ", ".join(f"{count} {what}" for what, count in counts.items() if count):
        yield Change("words", "map", f"areas: {said}")


def _others(old: Pack, new: Pack) -> Iterator[Change]:
    """Parts that have no form of their own here: how many entries they have, or that they differ."""
    told = {"campaign", "blocks", "schemes", "indicators", "units", "lineage", "areas"}
    for part in (name for name in Pack.model_fields if name not in told):
        then, now = getattr(old, part), getattr(new, part)
        if then == now:
            continue
        if isinstance(then, tuple) and isinstance(now, tuple) and len(then) != len(now):
            yield Change("rules", part, f"had {len(then)} entries, has {len(now)}")
        else:
            yield Change("rules", part, "entries changed")


def _came_and_went(
    subject: Subject, kind: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield Change(subject, f"{kind} {name}", "is new")
        elif name not in after:
            yield Change(subject, f"{kind} {name}", "is gone")


# --- fields, whatever a part may come to have ---------------------------------------------------------------------------------


def _fields(
    where: str, old: Model, new: Model, told: frozenset[str], subject: Subject = "rules"
) -> Iterator[Change]:
    """Every field that differs, save those `told` elsewhere. Parameters of a method are targets, texts are words."""
    for name in type(new).model_fields:
        then, now = getattr(old, name), getattr(new, name)
        if name in told or then == now:
            continue
        kind: Subject = (
            "words"
            if name in _WORDS or name == "name"
            else "targets"
            if name in ("scoring", "path")
            else subject
        )
        for path, one, other in _leaves(name, _plain(then), _plain(now)):
            yield Change(kind, where, f"{path}: {_shown(one)} -> {_shown(other)}")


def _leaves(path: str, then: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Paths at which two plain values differ; lists are compared as they are."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then | now:
            if then.get(key) != now.get(key):
                yield from _leaves(f"{path}.{key}", then.get(key), now.get(key))
    else:
        yield path, then, now


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.model_dump(mode="json")
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(one)}" for key, one in value.items() if one is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"


# --- scores -------------------------------------------------------------------------------------------------------------------


def _by_own_id(pack: Pack) -> dict[str, Block]:
    return {block.id: block for block in pack.blocks}


def _named(pack: Pack, block: str) -> BlockId:
    return block_id(pack.campaign.id, block)


def _may_score_otherwise(old: Pack, new: Pack, block: str) -> bool:
    if block not in _by_own_id(old) or block not in _by_own_id(new):
        return True
    return _of_both(old, new, block, rules_hash) or _of_both(old, new, block, _company)


def _of_both(old: Pack, new: Pack, block: str, of: Callable[[Pack, BlockId], Sequence[object] | str]) -> bool:
    return of(old, _named(old, block)) != of(new, _named(new, block))


def _company(pack: Pack, block: BlockId) -> Sequence[object]:
    """Who is in the block, and when."""
    own = (unit for unit in pack.units if block_id(pack.campaign.id, unit.block) == block)
    return sorted((unit.id, str(unit.valid_from), str(unit.valid_to)) for unit in own)
