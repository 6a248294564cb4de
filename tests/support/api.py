"""An api over fakes: a follower that is a test, a store that is a dict, a server on a free port."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from services.api.app import create_app
from services.api.lag import not_asked
from services.api.live import Health, Live
from services.api.problems import EvaluationsUnavailable
from services.api.server import ApiServer, listening
from services.api.settings import ApiSettings
from services.api.views import HistoryPoint
from services.contracts.event_data import Place
from services.contracts.flags import Flag
from services.contracts.ids import BlockId, EvaluationId, UnitId
from services.contracts.results import DeadLetter, Evaluation, Ranking
from services.contracts.steps import Sighting
from services.contracts.stored_rows import StoredAppearance, StoredStep, StoredWait
from tests.support.boards import BoardBuilder, Topics


class FakeStore:
    """Official evaluations in memory; `down` makes every question fail as an unreachable ClickHouse does."""

    def __init__(self) -> None:
        self.evaluations: dict[EvaluationId, Evaluation] = {}
        self.places: dict[tuple[BlockId, str, str], list[StoredAppearance]] = {}
        self.waits: dict[int, list[StoredWait]] = {}
        self.minutes: dict[tuple[str, int], list[StoredStep]] = {}
        self.down = False

    def add(self, evaluation: Evaluation) -> Evaluation:
        self.evaluations[evaluation.id] = evaluation
        return evaluation

    def evaluation(self, evaluation: EvaluationId) -> Evaluation | None:
        self._ask()
        return self.evaluations.get(evaluation)

    def history(self, block: BlockId, unit: UnitId) -> list[HistoryPoint]:
        self._ask()
        return [
            HistoryPoint(e.id, block, e.period, e.edition, e.as_of, u.rank, u.score, u.coverage, u.interval)
            for e in self.evaluations.values()
            for u in e.units
            if e.block == block and u.unit == unit
        ]

    def appearances(self, block: BlockId, source: str, id: str, since: Place) -> list[StoredAppearance]:
        self._ask()
        held = self.places.get((block, source, id), [])
        return [one for one in held if one.partition == since.partition and one.offset >= since.offset]

    def stored_waits(self, seconds: int) -> list[StoredWait]:
        self._ask()
        return self.waits.get(seconds, [])

    def steps(self, scope: str, seconds: int) -> list[StoredStep]:
        self._ask()
        return self.minutes.get((scope, seconds), [])

    def _ask(self) -> None:
        if self.down:
            raise EvaluationsUnavailable("ClickHouse did not answer.")


class FedApi:
    """A `Live` that a test feeds in place of the follower. The follower's health is what `health` says."""

    def __init__(self, *, now: Callable[[], datetime] | None = None, **settings: object) -> None:
        self.store = FakeStore()
        self.health = Health(live=True, caught_up=True)
        self.lag = not_asked({"scoring": "thidua-scoring"})
        self.sightings: list[Sighting] = []
        self.topics = Topics()
        self.live = Live(
            ApiSettings(api_port=0, **({"api_freshness_kept_s": 0.0} | settings)),  # type: ignore[arg-type]
            self.store,
            now or (lambda: datetime.now(UTC)),
            lambda: self.health,
            lag=lambda: self.lag,
            sight=self.sightings.append,
        )
        self.app = create_app(self.live)

    def feed(self, *results: Ranking | Evaluation | Flag | DeadLetter) -> None:
        for result in results:
            self.live.apply(self.topics.result(result))

    def publish(self, builder: BoardBuilder) -> None:
        """Publishes the builder's pack and its ranking as of now."""
        self.live.apply(self.topics.pack(builder.pack))
        self.feed(builder.ranking(self.live.now()))


class RunningServer:
    """The real server in a thread of its own. `stop` ends it as SIGTERM would; `start` with the same port takes its place."""

    def __init__(self, api: FedApi, port: int = 0) -> None:
        self._socket = listening(api.live.settings.model_copy(update={"api_port": port}))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = ApiServer(api.app, api.live)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def start(self) -> "RunningServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server did not stop within a minute"

    def __enter__(self) -> "RunningServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
