"""What `thidua verify` finds, and how it says it: the published table, its parts, and what the feed checks saw on the way."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from services.cli.comparison import Comparison
from services.cli.parts import Stage
from services.contracts.results import Evaluation, Notice

_SHOWN_DIFFERENCES: Final = 20


class SeenNotice(NamedTuple):
    """A notice with the block and the period of its evaluation."""

    block: str
    period: str
    notice: Notice


class Verification(NamedTuple):
    """All of it. Notices are told and decide nothing."""

    table: Comparison
    stages: list[Stage]
    notices: list[SeenNotice]

    @property
    def agrees(self) -> bool:
        return self.table.agrees and agree(self.stages)


def agree(stages: Iterable[Stage]) -> bool:
    """Whether all cells of all stages do."""
    return all(stage.equal == stage.compared for stage in stages)


def stages_as_json(name: str, stages: Iterable[Stage]) -> str:
    """`stages` is a list, each with its counts, its worst error and its first differences."""
    held = list(stages)
    said = [stage._asdict() | {"differences": _shown(stage)} for stage in held]
    return json.dumps({"name": name, "agrees": agree(held), "stages": said}, ensure_ascii=False)


def stages_as_text(name: str, stages: Iterable[Stage]) -> str:
    """A line for each stage, and one for each difference."""
    held = list(stages)
    return "\n".join([f"{name}: {len(held)} stages", *_stage_lines(held), *_difference_lines(held)])


def notices_in(evaluations: Iterable[Evaluation]) -> list[SeenNotice]:
    """In the order of blocks and periods."""
    return sorted(
        (
            SeenNotice(one.block, one.period, notice)
            for one in evaluations
            if not isinstance(one.notices, msgspec.UnsetType)
            for notice in one.notices
        ),
        key=lambda seen: seen[:2],
    )


def as_json_text(campaign: str, outcome: Verification) -> str:
    """The table's counts at the top; `stages` and `notices` are lists."""
    said: dict[str, Any] = {"campaign": campaign, "agrees": outcome.agrees, **outcome.table._asdict()}
    said["differences"] = _shown(outcome.table)
    said["stages"] = [stage._asdict() | {"differences": _shown(stage)} for stage in outcome.stages]
    said["notices"] = [
        {"block": seen.block, "period": seen.period, **msgspec.to_builtins(seen.notice)}
        for seen in outcome.notices
    ]
    return json.dumps(said, ensure_ascii=False)


def as_text(campaign: str, outcome: Verification) -> str:
    table = outcome.table
    evaluated = table.periods - len(table.missing_periods)
    lines = [
        f"{campaign}: {evaluated}/{table.periods} periods evaluated",
        f"  values  {table.values_equal:,}/{table.values:,} equal to the published ones",
        f"  ranks   {table.ranks_equal:,}/{table.ranks:,} equal",
        *_stage_lines(outcome.stages),
        *_difference_lines([table, *outcome.stages]),
        *(f"  not compared, was not read: {unit} {period}" for period, unit in table.unread),
        *(f"  has inputs but no published value: {unit} {period}" for period, unit in table.unpublished),
        *(f"  not ranked, as published: {unit} {period}" for period, unit in table.unranked),
        *(
            f"  not in the published table: {unit} {period}"
            for period, unit in table.unexpected[:_SHOWN_DIFFERENCES]
        ),
        *map(_told, outcome.notices),
    ]
    if table.other_periods:
        lines.append(f"  not compared, nothing was published of it: {', '.join(table.other_periods)}")
    if table.missing_periods:
        lines.append(f"  no evaluation of {', '.join(table.missing_periods)}")
    return "\n".join(lines)


def _stage_lines(stages: Iterable[Stage]) -> Iterator[str]:
    for stage in stages:
        yield f"  {stage.stage}  {stage.equal:,}/{stage.compared:,} equal, worst error {stage.worst_error:.1e}"


def _difference_lines(compared: Iterable[Comparison | Stage]) -> Iterator[str]:
    for one in compared:
        for d in one.differences[:_SHOWN_DIFFERENCES]:
            yield f"  differs: {d.unit} {d.period}: published {d.published}, found {d.computed}"


def _told(seen: SeenNotice) -> str:
    notice = seen.notice
    where = f"  feed: {seen.block} {seen.period}"
    if notice.kind == "frozen":
        return (
            f"{where} repeats {notice.since}: {notice.value:.0%} of the figures reported again, "
            f"all of {len(notice.units)} of {notice.of} units"
        )
    if notice.kind == "part_above_whole":
        return f"{where} {notice.group} is above what it is a part of at {', '.join(notice.units)}"
    return (
        f"{where} {notice.group} jumps since {notice.since}: by up to {notice.value:+.2f} points, "
        f"{len(notice.units)} of {notice.of} units ({', '.join(notice.units)})"
    )


def _shown(one: Comparison | Stage) -> list[dict[str, str]]:
    return [difference._asdict() for difference in one.differences[:_SHOWN_DIFFERENCES]]
