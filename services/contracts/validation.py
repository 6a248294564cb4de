"""The one validator of events: it serves the door, the api and the command.

`EventValidator.check` takes one event as it came and says either which block it goes to, or what is wrong with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.contracts.campaign_rules import CampaignRules
from services.contracts.decoding import decode_checked
from services.contracts.events import AnyEvent, EvaluationDue, Report, Retraction, type_of
from services.contracts.ids import BlockId, CampaignId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import CompiledPack
from services.contracts.principals import ALLOWED_TYPES, Principal
from services.contracts.problems import ClockAhead, SourceOutsidePrefix, TypeNotAllowed, UnknownCampaign

MAX_CLOCK_AHEAD: Final = timedelta(minutes=10)
"""An event may claim to have happened this far ahead of the door's clock; the past is unlimited."""


@dataclass(slots=True)
class Accepted:
    """A checked event, stamped by the door (`receivedtime`, `principal`, `origin`), with the block that its record is keyed by."""

    event: AnyEvent
    block: BlockId


class EventValidator:
    """Checks events against the newest published pack of the sender's campaign. For one thread; the catalog may grow in another."""

    def __init__(self, catalog: PackCatalog) -> None:
        self._catalog = catalog
        self._rules: dict[CampaignId, tuple[CompiledPack, CampaignRules]] = {}

    def check(self, raw: bytes | msgspec.Raw, principal: Principal, now: datetime) -> Accepted:
        """The event, stamped, with its block. `now` is the aware time of receipt.

        Raises the `EventProblem` of the first fault, in this order: size, JSON, form of the type, type allowed to the role, source, clock,
        campaign, then unit, indicator, period and figure.
        """
        event = decode_checked(raw)
        if type(event) not in ALLOWED_TYPES[principal.role]:
            raise _type_not_allowed(event, principal)
        check_source(event.source, principal, "/source")
        if event.time > now + MAX_CLOCK_AHEAD:
            detail = f"The event's time is {event.time.isoformat()}; the door's clock says {now.isoformat()}."
            raise ClockAhead(detail, pointer="/time")
        block = self._block_of(event, principal)
        event.receivedtime, event.principal, event.origin = now, principal.id, principal.origin
        return Accepted(event, block)

    def _block_of(self, event: AnyEvent, principal: Principal) -> BlockId:
        rules = self._rules_of(principal.campaign)
        match event:
            case Report():
                return rules.block_of_report(event, principal)
            case Retraction():
                check_source(event.data.source, principal, "/data/source")
                return rules.block_of_retraction(event, principal)
            case EvaluationDue():
                return rules.block_of_evaluation(event)
            case _:
                raise _type_not_allowed(event, principal)

    def _rules_of(self, campaign: CampaignId) -> CampaignRules:
        newest = self._catalog.newest(campaign)
        if newest is None:
            raise UnknownCampaign(f"The campaign {campaign!r} of this key has no published pack.")
        held = self._rules.get(campaign)
        if held is None or held[0] is not newest:
            held = self._rules[campaign] = (newest, CampaignRules(newest.pack))
        return held[1]


def check_source(source: str, principal: Principal, pointer: str) -> None:
    """That the source begins with the principal's prefix and that the prefix ends there: `/units/12` is not inside `/units/1`.

    Raises `SourceOutsidePrefix`.
    """
    prefix = principal.source_prefix
    if not source.startswith(prefix) or _goes_on(source, len(prefix)):
        detail = f"The source {source!r} is not inside {prefix!r}."
        raise SourceOutsidePrefix(detail, pointer=pointer)


def _goes_on(source: str, cut: int) -> bool:
    """Whether a word or a number runs across the cut."""
    return 0 < cut < len(source) and source[cut - 1].isalnum() and source[cut].isalnum()


def _type_not_allowed(event: AnyEvent, principal: Principal) -> TypeNotAllowed:
    allowed = ", ".join(sorted(type_of(allowed) for allowed in ALLOWED_TYPES[principal.role]))
    detail = f"A key of role {principal.role!r} may send {allowed}, not {type_of(type(event))}."
    return TypeNotAllowed(detail, pointer="/type")
