"""Joins results with the names in their pack. Without a pack (not read yet) the ids stand in for the names."""

from collections.abc import Sequence
from functools import cached_property
from statistics import median
from typing import Any

import msgspec

from services.api.views import (
    CriterionView,
    FlagView,
    GroupView,
    MoverView,
    Official,
    RankingView,
    UnitView,
    Words,
)
from services.contracts.flag_words import TONES, doubts_in_words
from services.contracts.flags import Flag
from services.contracts.ids import BlockId
from services.contracts.pack.base import Text
from services.contracts.pack.model import Pack
from services.contracts.pack.scheme import Criterion, Group, Scheme
from services.contracts.results import (
    CellState,
    CriterionResult,
    Evaluation,
    Halt,
    Ranking,
    UnitResult,
)
from services.contracts.routing import block_id, campaign_of

_BARE_DECIMALS = 2
_BARE_SCALE = 100.0


def words(text: Text) -> Words:
    return Words(text.vi, text.en)


def plain(text: str) -> Words:
    """A text that is the same in both languages."""
    return Words(text, text)


class BlockNames:
    """The names of one block, from one pack."""

    def __init__(self, block: BlockId, pack: Pack | None) -> None:
        self.block = block
        self.pack = pack if pack is not None and block in pack.block_by_id else None

    @property
    def title(self) -> Words:
        if self.pack is None:
            return plain(self.block.partition("/")[2])
        return words(self.pack.block_by_id[self.block].title)

    @property
    def campaign_title(self) -> Words:
        return plain(campaign_of(self.block)) if self.pack is None else words(self.pack.campaign.title)

    @property
    def source(self) -> Words | None:
        source = self.pack.campaign.source if self.pack else None
        return words(source) if source else None

    @property
    def simulated(self) -> bool:
        return self.pack is not None and self.pack.campaign.simulated

    @property
    def scheme(self) -> Scheme | None:
        return self.pack.scheme_of(self.block) if self.pack else None

    def unit(self, unit: str) -> tuple[str, str]:
        """(name, kind) of a unit, as it is in this block."""
        rows = self.pack.rows_by_unit.get(unit, ()) if self.pack else ()  # type: ignore[call-overload] # a UnitId is a str
        here = [row for row in rows if block_id(campaign_of(self.block), row.block) == self.block]
        row = (here or list(rows) or [None])[-1]
        return (row.name, row.kind) if row else (unit, "")

    def criterion(self, criterion: str) -> Words:
        """The criterion's own title, or its indicator's."""
        return self._criteria.get(criterion) or plain(criterion)

    @cached_property
    def _criteria(self) -> dict[str, Words]:
        leaves = self.scheme.criteria() if self.scheme else ()
        return {leaf.criterion: self._leaf_title(leaf) for leaf in leaves}

    def _leaf_title(self, leaf: Criterion) -> Words:
        if leaf.title is not None:
            return words(leaf.title)
        assert self.pack is not None
        return words(self.pack.indicator_by_id[leaf.indicator].title)

    def member_title(self, member: Group | Criterion) -> Words:
        return words(member.title) if isinstance(member, Group) else self._leaf_title(member)


def ranking_view(result: Ranking | Evaluation, names: BlockNames, *, full: bool) -> RankingView:
    """The result with its names; `full` adds every criterion of every unit."""
    scheme = names.scheme
    ranked = [unit for unit in result.units if unit.rank is not None]
    spans = _spans(scheme)
    halt = halt_of(result)
    return RankingView(
        block=result.block,
        campaign=campaign_of(result.block),
        title=names.title,
        campaign_title=names.campaign_title,
        period=result.period,
        official=_official(result),
        as_of=result.as_of,
        cause=result.cause,
        pack=result.pack,
        engine=result.engine,
        events=result.events,
        chain=result.chain,
        baseline=result.baseline,
        intervals_at=result.intervals_at if isinstance(result, Ranking) else result.cause,
        simulated=result.simulated or names.simulated,
        halted=halt is not None,
        halted_since=halt.since if halt else None,
        source=names.source,
        scale=scheme.scale if scheme else _BARE_SCALE,
        decimals=scheme.decimals if scheme else _BARE_DECIMALS,
        ranked=len(ranked),
        groups=_groups(scheme, names, ranked),
        units=[_unit_view(unit, names, spans, full=full) for unit in result.units],
        **_official_only(result),
    )


def halt_of(result: Ranking | Evaluation) -> Halt | None:
    """None while the block goes on, and of an evaluation. A worker of an earlier version says only that the block is halted."""
    if not isinstance(result, Ranking) or not result.halted:
        return None
    return result.halt or Halt("engine_crashed", result.cause, result.as_of, "")


def flag_view(flag: Flag, names: BlockNames) -> FlagView:
    """The flag with its names. What a flag says beyond the fields of the view stays out of it."""
    shown = set(FlagView.__struct_fields__) - {"movers", "simulated"}
    said = (
        doubts_in_words(flag, "vi", lambda criterion: names.criterion(criterion).vi),
        doubts_in_words(flag, "en", lambda criterion: names.criterion(criterion).en),
    )
    own = {name: getattr(flag, name) for name in flag.__struct_fields__ if name in shown}
    return FlagView(
        **own,
        block_title=names.title,
        name=names.unit(flag.unit)[0],
        movers=[MoverView(m.criterion, names.criterion(m.criterion), m.points) for m in flag.movers],
        simulated=flag.simulated or names.simulated,
        tone=TONES[flag.kind],
        doubts=Words(*said) if any(said) else msgspec.UNSET,
    )


def _official_only(result: Ranking | Evaluation) -> dict[str, Any]:
    """What only an evaluation says: of its period's closing, of what it corrects, and its shortlist."""
    if isinstance(result, Ranking):
        return {}
    own = ("correction", "closed", "pending", "shortlist")
    return {name: getattr(result, name) for name in own}


def _official(result: Ranking | Evaluation) -> Official | None:
    return Official(result.id, result.edition, result.seed) if isinstance(result, Evaluation) else None


def _groups(scheme: Scheme | None, names: BlockNames, ranked: Sequence[UnitResult]) -> list[GroupView]:
    if scheme is None:
        return []
    members = scheme.top_groups()
    weight = sum(member.weight for member in members)
    adds_up = scheme.root.aggregate == "arithmetic"
    return [
        GroupView(
            id=member.group if isinstance(member, Group) else member.criterion,
            title=names.member_title(member),
            short=_short(member, names),
            share=round(member.weight / weight, 6),
            points=round(scheme.scale * member.weight / weight, 6) if adds_up else None,
            median=_median(ranked, place),
        )
        for place, member in enumerate(members)
    ]


def _short(member: Group | Criterion, names: BlockNames) -> Words:
    """Two or three letters for the head of a column: the pack's, or the first letters of the title's first words."""
    if isinstance(member, Group) and member.short is not None:
        return words(member.short)
    title = names.member_title(member)
    return Words(*("".join(word[0] for word in text.split()[:2]).upper() for text in (title.vi, title.en)))


def _median(ranked: Sequence[UnitResult], place: int) -> float | None:
    known = [
        score for unit in ranked if len(unit.groups) > place and (score := unit.groups[place]) is not None
    ]
    return round(median(known), 6) if known else None


def _spans(scheme: Scheme | None) -> list[slice]:
    """Which of a unit's criteria belong to each top-level group."""
    spans, start = [], 0
    for member in scheme.top_groups() if scheme else ():
        end = start + _leaves(member)
        spans.append(slice(start, end))
        start = end
    return spans


def _leaves(member: Group | Criterion) -> int:
    return sum(map(_leaves, member.members)) if isinstance(member, Group) else 1


def _unit_view(unit: UnitResult, names: BlockNames, spans: list[slice], *, full: bool) -> UnitView:
    name, kind = names.unit(unit.unit)
    states = [_group_state(unit.criteria[span]) for span in spans]
    return UnitView(
        unit=unit.unit,
        name=name,
        kind=kind,
        rank=unit.rank,
        tied=unit.tied,
        score=unit.score,
        coverage=unit.coverage,
        interval=unit.interval,
        groups=unit.groups,
        moved=unit.moved,
        delta=unit.delta,
        simulated=unit.simulated,
        median_rank=unit.median_rank,
        p_top=unit.p_top,
        p_bottom=unit.p_bottom,
        score_interval=unit.score_interval,
        shrunk=unit.shrunk,
        quadrant=unit.quadrant or None,
        no_delta=unit.no_delta or None,
        held=unit.held,
        adjustments=unit.adjustments,
        states=states if any(state != "reported" for state in states) else None,
        criteria=criteria_views(unit, names) if full else None,
    )


def _group_state(criteria: Sequence[CriterionResult]) -> CellState:
    """Reported when anything was; else the state that asks most of the unit."""
    states = {criterion.state for criterion in criteria}
    order: tuple[CellState, ...] = ("reported", "not_reported", "inherited", "not_due", "not_applicable")
    return next((state for state in order if state in states), "reported")


def criteria_views(unit: UnitResult, names: BlockNames) -> list[CriterionView]:
    """The unit's criteria by name, in the pack's order."""
    scheme, pack = names.scheme, names.pack
    if scheme is None or pack is None:
        return []
    rates = unit.shrunk_rates or [None] * len(unit.criteria)
    return [
        CriterionView(
            criterion=leaf.criterion,
            title=names.criterion(leaf.criterion),
            unit_of_measure=pack.indicator_by_id[leaf.indicator].unit_of_measure,
            shrunk=rate,
            **{field: getattr(result, field) for field in result.__struct_fields__},
        )
        for leaf, result, rate in zip(scheme.criteria(), unit.criteria, rates, strict=False)
    ]
