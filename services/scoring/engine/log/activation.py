"""Which pack decides: the newest activation that is valid from the period's end or before."""

from services.contracts.ids import PackHash
from services.contracts.periods import Period, parse_period
from services.scoring.engine.figures.calendar import period_at
from services.scoring.engine.log.state import BlockState
from services.scoring.engine.scoring.plan import PackSource, Plan, plan_of


def active_pack(state: BlockState) -> PackHash | None:
    """The pack activated last, whatever it is valid from: the one whose schedule the block follows."""
    return state.activations[-1].pack if state.activations else None


def plan_for(state: BlockState, packs: PackSource, period: Period) -> Plan | None:
    """The plan of an official evaluation of `period`; null when no activated pack is valid for it. Raises `PackMissing`."""
    for activation in reversed(state.activations):
        if activation.valid_from <= period.last:
            return plan_of(activation.pack, packs, state.block)
    return None


def live_plan(state: BlockState, packs: PackSource) -> tuple[Plan, Period] | None:
    """The plan of the live ranking, and the period that it ranks: the pack's live period that holds the log's clock, inside its span.

    Raises `PackMissing`.
    """
    if state.clock is None:
        return None
    for activation in reversed(state.activations):
        plan = plan_of(activation.pack, packs, state.block)
        campaign = plan.pack.campaign
        period = period_at(state.clock, campaign.live_cadence, parse_period(campaign.span), campaign.days)
        if activation.valid_from <= period.last:
            return plan, period
    return None
