"""The one validator of events: it serves the door, the api and the command.

`EventValidator.check` takes one event as it came and says either which block it goes to, or what is wrong with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from services.contracts.act_rules import Act, block_of_act
from services.contracts.campaign_rules import CampaignRules
from services.contracts.decoding import decode_all, decode_checked
from services.contracts.events import AnyEvent, Fact, Report, Retraction, type_of
from services.contracts.ids import BlockId, CampaignId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import CompiledPack
from services.contracts.principals import ALLOWED_TYPES, Principal
from services.contracts.problems import ClockAhead, Problem, TypeNotAllowed, UnknownCampaign
from services.contracts.sender_rules import SenderRules, check_source

MAX_CLOCK_AHEAD: Final = timedelta(minutes=10)
"""An event may claim to have happened, and its period to have begun, this far ahead of the door's clock; the past is unlimited."""

_MAX_SENDERS: Final = 1_000
"""Senders whose rules are kept ready; with more, all begin anew."""


class Accepted(msgspec.Struct, gc=False):
    """A checked event, stamped by the door (`receivedtime`, `principal`, `origin`), with the block that its record is keyed by."""

    event: AnyEvent
    block: BlockId


class AcceptedBatch(NamedTuple):
    """Checked events of one request, stamped; each with its block, at the same index."""

    events: list[AnyEvent]
    blocks: list[BlockId]


class SenderCheck:
    """Checks the events of one request: one principal, one time of receipt, one pack."""

    def __init__(self, principal: Principal, now: datetime, rules: SenderRules | None) -> None:
        """Without rules every event is refused, as its campaign has no pack."""
        self._principal = principal
        self._now = now
        self._latest = now + MAX_CLOCK_AHEAD
        self._allowed = ALLOWED_TYPES[principal.role]
        self._rules = rules
        self._good_source: str | None = None  # the events of a request mostly share one

    def check(self, raw: bytes | msgspec.Raw) -> Accepted:
        """As `EventValidator.check`."""
        event = decode_checked(raw)
        principal = self._principal
        if type(event) not in self._allowed:
            raise _type_not_allowed(event, principal)
        if event.source != self._good_source:
            check_source(event.source, principal.source_prefix, "/source")
            self._good_source = event.source
        if event.time > self._latest:
            raise _clock_ahead(event.time, self._now)
        block = self._block_of(event)
        event.receivedtime = self._now
        event.principal = principal.id
        event.origin = principal.origin
        return Accepted(event, block)

    def check_all(self, raws: Sequence[bytes]) -> AcceptedBatch | None:
        """What `check` says of each; None when it refuses one of them. Much quicker than one by one, as hardly anything is called for each."""
        events = decode_all(raws)
        if events is None or not self._allowed.issuperset(types := set(map(type, events))):
            return None
        try:
            for source in {event.source for event in events}:
                check_source(source, self._principal.source_prefix, "/source")
            if max([event.time for event in events]) > self._latest:
                return None
            blocks = self._blocks_of(events, types)
        except Problem:
            return None
        now, id, origin = self._now, self._principal.id, self._principal.origin
        for event in events:
            event.receivedtime, event.principal, event.origin = now, id, origin
        return AcceptedBatch(events, blocks)

    def _blocks_of(self, events: Sequence[AnyEvent], types: set[type[AnyEvent]]) -> list[BlockId]:
        """As `_block_of` for each."""
        if self._rules is None or types != {Report}:
            return list(map(self._block_of, events))
        return self._rules.blocks_of_reports(events, self._latest)  # type: ignore[arg-type]  # all are reports

    def _block_of(self, event: AnyEvent) -> BlockId:
        rules = self._rules
        if rules is None:
            raise UnknownCampaign(
                f"The campaign {self._principal.campaign!r} of this key has no published pack."
            )
        if isinstance(event, Report):
            return rules.block_of_report(event, self._latest)
        if isinstance(event, Retraction):
            return rules.block_of_retraction(event)
        if isinstance(event, Fact):
            return rules.block_of_fact(event, self._latest)
        if isinstance(event, Act):
            return block_of_act(event, rules.campaign, self._principal, self._now)
        raise _type_not_allowed(event, self._principal)


class EventValidator:
    """Checks events against the newest published pack of the sender's campaign. For one thread; the catalog may grow in another."""

    def __init__(self, catalog: PackCatalog) -> None:
        self._catalog = catalog
        self._campaigns: dict[CampaignId, tuple[CompiledPack, CampaignRules]] = {}
        self._senders: dict[str, tuple[Principal, CampaignRules, SenderRules]] = {}

    def check(self, raw: bytes | msgspec.Raw, principal: Principal, now: datetime) -> Accepted:
        """The event, stamped, with its block. `now` is the aware time of receipt.

        Raises the `EventProblem` of the first fault, in this order: size, JSON, form of the type, type allowed to the role, source, clock,
        campaign, then unit, indicator, period and figure.
        """
        return self.for_sender(principal, now).check(raw)

    def for_sender(self, principal: Principal, now: datetime) -> SenderCheck:
        """The same check for many events of one request: what depends on the sender alone is looked up once."""
        campaign = self._campaign_rules(principal.campaign)
        return SenderCheck(
            principal, now, None if campaign is None else self._sender_rules(principal, campaign)
        )

    def _campaign_rules(self, campaign: CampaignId) -> CampaignRules | None:
        newest = self._catalog.newest(campaign)
        if newest is None:
            return None
        held = self._campaigns.get(campaign)
        if held is None or held[0] is not newest:
            held = self._campaigns[campaign] = (newest, CampaignRules(newest.pack))
        return held[1]

    def _sender_rules(self, principal: Principal, campaign: CampaignRules) -> SenderRules:
        held = self._senders.get(principal.id)
        if held is None or held[0] is not principal or held[1] is not campaign:
            if len(self._senders) >= _MAX_SENDERS:
                self._senders.clear()
            held = (principal, campaign, SenderRules(campaign, principal))
            self._senders[principal.id] = held
        return held[2]


def _clock_ahead(time: datetime, now: datetime) -> ClockAhead:
    detail = f"The event's time is {time.isoformat()}; the door's clock says {now.isoformat()}."
    return ClockAhead(detail, pointer="/time")


def _type_not_allowed(event: AnyEvent, principal: Principal) -> TypeNotAllowed:
    allowed = ", ".join(sorted(type_of(allowed) for allowed in ALLOWED_TYPES[principal.role]))
    detail = f"A key of role {principal.role!r} may send {allowed}, not {type_of(type(event))}."
    return TypeNotAllowed(detail, pointer="/type")
