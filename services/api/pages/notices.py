"""Notices about the feed, in words: figures that stand still, a group that leaps. They are about the feed, so no unit is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.api.fold import EvaluationHead
from services.api.pages.formatting import Formatter
from services.api.views import RankingView
from services.contracts.results import Notice, NoticeKind

MOST: Final = 2
"""More than two are not stacked; frozen figures come first."""


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A notice of an official evaluation, ready for the list."""

    kind: NoticeKind
    why: str
    simulated: bool


def notice_items(head: EvaluationHead | None, view: RankingView, write: Formatter) -> list[NoticeItem]:
    """What the evaluation noticed; `view` is the block's live ranking, which names the groups."""
    titles = {group.id: getattr(group.title, write.language) for group in view.groups}
    simulated = view.simulated or (head is not None and head.simulated)
    return [
        NoticeItem(notice.kind, _why(notice, titles, write), simulated) for notice in notices_of(head)[:MOST]
    ]


def notices_of(head: EvaluationHead | None) -> Sequence[Notice]:
    return head.notices or [] if head is not None else []


def _why(notice: Notice, titles: dict[str, str], write: Formatter) -> str:
    group = notice.group or ""
    return write.texts[f"{notice.kind}_why"].format(
        share=write.percent(notice.value),
        limit=write.scale(notice.limit),
        group=titles.get(group, group),
        units=len(notice.units),
        of=notice.of,
        since=write.period(notice.since),
    )
