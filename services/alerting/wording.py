"""Words an alert: subject, text and HTML from the templates, and the same as data for a webhook."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.alerting.directory import Directory, Recipient
from services.alerting.occasions import BY_EVALUATION
from services.alerting.ports import Message
from services.contracts.alerts import Alert
from services.contracts.flag_words import KINDS, doubts_in_words, signs_in_words
from services.contracts.flags import UNDECIDED, Flag, FlagDecision, FlagReply
from services.contracts.ids import BlockId
from services.contracts.language import Language, interval_in_words, number, period_in_words, signed
from services.contracts.pack.base import Text
from services.contracts.pack.model import Pack
from services.contracts.routing import block_id, campaign_of

_OTHER: Final[dict[Language, Language]] = {"vi": "en", "en": "vi"}
_MOST_MOVERS: Final = 3
"""The criteria that moved a unit most: more are not read on a phone."""

_SHORT_REASON: Final = 300


@dataclass(frozen=True)
class Line:
    """One flag, as a template shows it."""

    flag: Flag
    name: str
    rank: str
    of: int
    interval: str
    since: str
    gap: str
    is_above: bool
    movers: list[str]
    reason: str
    reply: str
    what: str
    """What the kind of flag says of the unit."""
    is_about_rank: bool
    criteria: list[str]
    """What other flags are about, the first three."""
    more_criteria: int
    signs: str
    doubts: str
    """Could the flag be wrong? Empty where nothing was checked."""


class Letters:
    """The `Writer` of the service. `board_url` is the board's address as the council reaches it."""

    def __init__(self, directory: Directory, board_url: str) -> None:
        self._directory = directory
        self._board_url = board_url.rstrip("/")
        self._templates = Environment(
            loader=PackageLoader(__package__ or "services.alerting"),
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    def write(self, alert: Alert, to: Recipient) -> Message:
        """In the recipient's language first, the other one below. Without a pack, ids stand for names."""
        first: Language = to.role.language
        views = [self._view(alert, to, language) for language in (first, _OTHER[first])]
        return Message(
            id=alert.id,
            subject=self._render(f"subject.{first}.txt", views[0]).strip(),
            text="\n---\n\n".join(self._render(f"letter.{v['language']}.txt", v) for v in views),
            html="\n<hr>\n".join(self._render(f"letter.{v['language']}.html", v) for v in views),
            data=self._data(alert, to, views[0]),
        )

    def _render(self, template: str, view: dict[str, Any]) -> str:
        return self._templates.get_template(template).render(view)

    def _view(self, alert: Alert, to: Recipient, language: Language) -> dict[str, Any]:
        pack = self._directory.pack(alert.block, alert.flags[0].pack)
        lines = [_line(flag, pack, language) for flag in alert.flags]
        return {
            "language": language,
            "role": getattr(to.role.title, language),
            "campaign": getattr(pack.campaign.title, language) if pack else campaign_of(alert.block),
            "block": _block_title(alert.block, pack, language),
            "period": period_in_words(alert.flags[0].period, language),
            "lines": lines,
            "proposed": sum(flag.state in UNDECIDED for flag in alert.flags),
            "proposals": [
                (count, KINDS[kind][language]) for kind in KINDS if (count := _count(alert, kind, "proposed"))
            ],
            "replied": sum(flag.state == "replied" for flag in alert.flags),
            "confirmed": sum(flag.state == "confirmed" for flag in alert.flags),
            "ended": sum(flag.state == "ended" for flag in alert.flags),
            "escalated": alert.occasion.startswith("escalation:"),
            "simulated": alert.simulated,
            "link": f"{self._board_url}/?block={quote(alert.block, safe='/')}",
        }

    def _data(self, alert: Alert, to: Recipient, view: dict[str, Any]) -> dict[str, Any]:
        own = (
            "id",
            "unit",
            "kind",
            "state",
            "rank",
            "of",
            "interval",
            "score",
            "gap",
            "coverage",
            "hits",
            "window",
            "since",
        )
        return {
            "id": alert.id,
            "role": to.role.role,
            "block": alert.block,
            "block_title": view["block"],
            "evaluation": alert.evaluation,
            "occasion": alert.occasion
            if alert.occasion == BY_EVALUATION
            else alert.occasion.partition(":")[0],
            "period": alert.flags[0].period,
            "simulated": alert.simulated,
            "link": view["link"],
            "flags": [
                {
                    "name": line.name,
                    "reply": line.reply or None,
                    **{field: msgspec.to_builtins(getattr(line.flag, field)) for field in own},
                }
                for line in view["lines"]
            ],
        }


def _count(alert: Alert, kind: str, state: str) -> int:
    return sum((flag.kind, flag.state) == (kind, state) for flag in alert.flags)


def _line(flag: Flag, pack: Pack | None, language: Language) -> Line:
    movers = sorted(flag.movers, key=lambda mover: -abs(mover.points))[:_MOST_MOVERS]
    titles = _criterion_titles(flag.block, pack)
    decision = flag.decision if isinstance(flag.decision, FlagDecision) else None

    def title(criterion: str) -> str:
        return str(getattr(titles[criterion], language)) if criterion in titles else criterion

    criteria = [] if flag.criteria is msgspec.UNSET else [title(one) for one in flag.criteria]
    return Line(
        flag=flag,
        name=_unit_name(flag, pack),
        rank="" if flag.rank is None else str(flag.rank),
        of=flag.of,
        interval="" if flag.interval is None else interval_in_words(flag.interval),
        since=period_in_words(flag.since, language),
        gap="" if flag.gap is None else number(abs(flag.gap), language, 1),
        is_above=flag.gap is not None and flag.gap >= 0,
        movers=[f"{title(m.criterion)} {signed(m.points, language, 1)}" for m in movers],
        reason="" if decision is None else decision.reason[:_SHORT_REASON],
        reply=flag.reply.text[:_SHORT_REASON] if isinstance(flag.reply, FlagReply) else "",
        what=KINDS[flag.kind][language],
        is_about_rank=flag.kind in ("leader", "underperformer"),
        criteria=criteria[:_MOST_MOVERS],
        more_criteria=max(len(criteria) - _MOST_MOVERS, 0),
        signs=signs_in_words(flag, language),
        doubts=doubts_in_words(flag, language, title),
    )


def _unit_name(flag: Flag, pack: Pack | None) -> str:
    rows = pack.rows_by_unit.get(flag.unit, ()) if pack is not None else ()
    here = [row for row in rows if block_id(campaign_of(flag.block), row.block) == flag.block]
    return here[-1].name if here else flag.unit


def _block_title(block: BlockId, pack: Pack | None, language: Language) -> str:
    found = pack.block_by_id.get(block) if pack is not None else None
    return block.partition("/")[2] if found is None else str(getattr(found.title, language))


def _criterion_titles(block: BlockId, pack: Pack | None) -> dict[str, Text]:
    if pack is None or block not in pack.block_by_id:
        return {}
    return {
        leaf.criterion: leaf.title or pack.indicator_by_id[leaf.indicator].title
        for leaf in pack.scheme_of(block).criteria()
    }
