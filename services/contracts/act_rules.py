"""What the office, the council and units may do beside reporting figures: checked against the published pack, and routed to a block."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.contracts.campaign_rules import CampaignRules
from services.contracts.events import (
    Adjustment,
    Decision,
    EvaluationDue,
    EvaluationPublished,
    Hold,
    PeriodClosed,
    PeriodReopened,
    Release,
    Reply,
)
from services.contracts.ids import BlockId, flag_parts
from services.contracts.pack.adjusting import adjustable_members
from services.contracts.pack.calendar import ends_at
from services.contracts.periods import parse_period
from services.contracts.principals import Principal
from services.contracts.problems import (
    AdjustmentNotAllowed,
    EventProblem,
    PeriodNotEnded,
    UnitNotYours,
    UnknownCriterion,
)

Act = (
    EvaluationDue
    | EvaluationPublished
    | PeriodClosed
    | PeriodReopened
    | Decision
    | Reply
    | Adjustment
    | Hold
    | Release
)


def block_of_act(act: Act, rules: CampaignRules, principal: Principal, now: datetime) -> BlockId:
    """The block that the act is about. `now` is the time of receipt: an act about a unit goes to the block that holds it then, an
    adjustment to the one that holds it at the end of its period. Raises `EventProblem`."""
    match act:
        case EvaluationDue():
            block = rules.require_block(act.subject)
            rules.require_evaluable(block, act.data.period)
            return block
        case EvaluationPublished():
            return rules.require_block(act.subject)
        case PeriodClosed():
            _require_ended(act.data.period, rules, now)
            return rules.require_block(act.subject)
        case PeriodReopened():
            rules.require_period(act.data.period)
            return rules.require_block(act.subject)
        case Decision():
            return _block_of_flag(act.subject, act.data.flag, rules)
        case Reply():
            return _block_of_reply(act, rules, principal)
        case Adjustment():
            return _block_of_adjustment(act, rules)
        case Hold() | Release():
            today = now.astimezone(ZoneInfo(rules.zone)).date()
            return rules.block_on(rules.require_unit(act.subject), today, "today")


def _require_ended(text: str, rules: CampaignRules, now: datetime) -> None:
    ends = ends_at(rules.require_period(text), rules.days)
    if ends > now:
        raise PeriodNotEnded(f"{text!r} ends at {ends.isoformat()}.", pointer="/data/period")


def _block_of_flag(subject: str | None, id: str, rules: CampaignRules) -> BlockId:
    """The block of the flag, whose unit is the event's subject."""
    flag = flag_parts(id)
    if flag is None:
        raise EventProblem(
            f"{id!r} is no id of a flag; GET /v1/flags of the api lists them.", pointer="/data/flag"
        )
    if rules.require_unit(subject) != flag.unit:
        raise EventProblem(
            f"The flag is about {flag.unit!r}, the subject is {subject!r}.", pointer="/subject"
        )
    return rules.require_block(flag.block, "/data/flag")


def _block_of_reply(reply: Reply, rules: CampaignRules, principal: Principal) -> BlockId:
    """Only the unit itself answers."""
    block = _block_of_flag(reply.subject, reply.data.flag, rules)
    if not principal.may_report_for(str(reply.subject)):
        detail = f"The key {principal.id!r} does not hold the unit {reply.subject!r}."
        raise UnitNotYours(detail, pointer="/subject")
    return block


def _block_of_adjustment(adjustment: Adjustment, rules: CampaignRules) -> BlockId:
    data = adjustment.data
    unit = rules.require_unit(adjustment.subject)
    rules.require_period(data.period)
    block = rules.block_on(unit, parse_period(data.period).last)
    members = adjustable_members(rules.pack.scheme_of(block))
    limits = members.get(data.criterion)
    if limits is None:
        known = ", ".join(sorted(members)) or "nothing that may be adjusted"
        detail = f"The scheme of {block} has {known}, not {data.criterion!r}."
        raise UnknownCriterion(detail, pointer="/data/criterion")
    most = max(-limits.least, limits.most)
    if not 0 < abs(data.points) <= most:
        detail = f"{data.points:g} points for {data.criterion!r}; at most {most:g} may be given or taken."
        raise AdjustmentNotAllowed(detail, pointer="/data/points")
    return block
