"""`python -m services.cli.feed`: the live feed of the simulated campaigns, every figure invented and marked "simulated"."""

import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import structlog

from services.cli.doors import open_door, planned_sender
from services.cli.failures import CannotReach, CommandFailure
from services.cli.feed_events import FeedEvents, Sent
from services.cli.feed_plan import FEED, FeedPlan, load_feed_plan
from services.cli.pack_folder import named_folder, read_right_pack
from services.cli.sending import Door, Pace, Tally, send
from services.cli.settings import settings
from services.contracts.events import AnyEvent
from services.contracts.ids import CampaignId
from services.contracts.logs import configure_logs
from services.contracts.periods import Period

_BATCH: Final = 200
_PAUSE_AFTER_OUTAGE_S: Final = 5.0
_SETTLING_S: Final = 5.0
"""Before the month after a merger is evaluated, the worker has carried the figures over: elsewhere there are weeks between."""

log = structlog.get_logger("thidua.feed")


class Feed:
    """Sends the history, then live revisions for ever. Outages of the door only delay it; a restart sends copies, which count once."""

    def __init__(
        self,
        events: FeedEvents,
        doors: Mapping[str, Door],
        office: Door,
        pace: Pace,
        now: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._events = events
        self._doors = doors
        self._office = office
        self._pace = pace
        self._now = now
        self._pause = pause
        self._reported: set[Period] = set()
        self._evaluated: set[Period] = set()
        self._turn = 0

    @property
    def months(self) -> int:
        """Finished months that were sent and evaluated."""
        return len(self._evaluated)

    def open(self) -> None:
        """The history, and the first figures of the current month."""
        self.finish_months()
        now = self._now()
        self._report(
            [self._events.live(unit, indicator, now) for unit, indicator in self._events.live_cells(now)]
        )
        log.info("feed runs", months=len(self._evaluated), rate=self._pace.rate_per_s)

    def finish_months(self) -> None:
        """For each month that has ended and was not evaluated yet: its figures, and then, once their day has come, its evaluations."""
        now = self._now()
        for index, month in enumerate(self._events.finished_months(now)):
            if month not in self._reported:
                self._report(self._events.reports_of(month, first=index == 0))
                self._reported.add(month)
                if self._events.changes_units(month):
                    self._pause(_SETTLING_S)
            evaluations = self._events.evaluations_of(month, now)
            if evaluations and month not in self._evaluated:
                self._push(self._office, evaluations)
                self._evaluated.add(month)

    def step(self) -> None:
        """One new revision; after each round of all units, a look at the calendar."""
        cells = self._events.live_cells(self._now())
        self._turn += 1
        if self._turn % len(cells) == 0:
            self.finish_months()
        unit, indicator = cells[self._turn * _STRIDE % len(cells)]
        self._pace.take(1)
        self._report([self._events.live(unit, indicator, self._now())])

    def _report(self, sent: Sequence[Sent]) -> None:
        by_principal: dict[str, list[AnyEvent]] = {}
        for principal, report in sent:
            by_principal.setdefault(principal, []).append(report)
        for principal, reports in by_principal.items():
            self._push(self._doors[principal], reports)

    def _push(self, door: Door, events: Sequence[AnyEvent]) -> None:
        tally = Tally()
        while tally.sent < len(events):
            try:
                send(door, events[tally.sent :], _BATCH, Pace(None), tally)
            except CannotReach as outage:
                log.warning("waiting for the door", what=outage.what)
                self._pause(_PAUSE_AFTER_OUTAGE_S)
        for rejected in tally.rejections:
            log.error("rejected", id=rejected.event.id, why=rejected.problem.detail)


_STRIDE: Final = 7_919
"""A prime, so that neighbours in time are of different units and every cell has its turn."""


def run_together(feeds: Sequence[Feed]) -> NoReturn:
    """Opens each feed and then lets them take turns, so that several campaigns share one rate. Only an exception ends it."""
    for feed in feeds:
        feed.open()
    while True:
        for feed in feeds:
            feed.step()


def build(
    folder: Path, pace: Pace, plan: FeedPlan | None = None, doors: Callable[[str], Door] | None = None
) -> Feed:
    """The feed of a simulated campaign; `doors` gives the door of each principal, by id: else it is that of the running stack, opened with
    the demonstration keys. Raises `CommandFailure`.
    """
    checked = read_right_pack(folder)
    campaign = CampaignId(checked.pack.campaign.id)
    senders = [planned for planned in checked.principals if planned.role == "department"]
    office = planned_sender(checked, "office")
    door_of = doors or (lambda principal: open_door(None, campaign, principal, None))
    return Feed(
        FeedEvents(checked.pack, plan or load_feed_plan(folder, checked.pack), senders, office),
        {sender.id: door_of(sender.id) for sender in senders},
        door_of(office.id),
        pace,
        lambda: datetime.now(UTC),
    )


def simulated_campaigns() -> list[Path]:
    """Those that come with the program; the first is the one that the board begins with."""
    shipped = named_folder("sample")
    others = sorted(file.parent for file in shipped.parent.glob(f"*/{FEED}"))
    return [shipped, *(folder for folder in others if folder != shipped)]


def main() -> None:
    """Feeds every simulated campaign that comes with the program, until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    configure_logs(settings().log_level)
    pace = Pace(settings().feed_rate)
    try:
        run_together([build(folder, pace) for folder in simulated_campaigns()])
    except CommandFailure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
