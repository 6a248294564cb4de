"""A client of the door: pushes events and comes back with one result for each, whatever happens on the way."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_before_delay,
    wait_exponential_jitter,
)

from deploy.embedded.invocation import command
from services.cli.failures import CannotReach, FoundWrong
from services.contracts.problems import ProblemDetail

BATCH_MEDIA_TYPE: Final = "application/cloudevents-batch+json"
_HAS_RESULTS: Final = frozenset({200, 207, 422})
_OVER_ITS_SHARE: Final = 429
_TIMEOUT_S: Final = 20.0  # the door gives up on the broker after 10 s
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0

_encode: Final = msgspec.json.Encoder().encode


class PushResult(msgspec.Struct, kw_only=True):
    """What became of one event; `status` is accepted, rejected or duplicate."""

    index: int
    id: str | None
    status: str
    block: str | None = None
    problem: ProblemDetail | None = None


class _Answer(msgspec.Struct):
    results: list[PushResult]


class PushRefused(FoundWrong):
    """The door refused the request as a whole; sending it again changes nothing. `problem` says why."""

    def __init__(self, problem: ProblemDetail) -> None:
        super().__init__(f"The door refused: {problem.title}. {problem.detail}", problem.next)
        self.problem = problem


class DoorUnreachable(CannotReach):
    """Nothing came of it until the deadline; whether the events are stored is not known. They may be sent again, with the same ids."""

    def __init__(self, url: str, deadline_s: float, reason: str) -> None:
        what = f"The door at {url} gave no answer within {deadline_s:g} s ({reason})."
        super().__init__(
            what, f"See {command('status')}; then run the same command again: what is stored counts once."
        )


class _TryAgain(Exception):  # noqa: N818 - never seen outside
    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class _NoAnswer(_TryAgain):
    pass


_backoff: Final = wait_exponential_jitter(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S)


def _patience(state: RetryCallState) -> float:
    """Waits as long as the door asked for, else a little longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after_s if isinstance(error, _TryAgain) else None
    return _backoff(state) if asked is None else asked


class DoorClient:
    """One key at one door. For one thread."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        deadline_s: float = 600.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        silent: Callable[[str, bool], None] = lambda _url, _ever: None,
    ) -> None:
        """`deadline_s` bounds one push with all its tries; by default a broker or a door may be away for ten minutes.

        `silent` hears at once of each push to which there is no answer at first: the address, and whether there ever was one. What it
        raises ends the push.
        """
        self._deadline_s = deadline_s
        self._sleep = sleep
        self._silent = silent
        self._has_answered = False
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=_TIMEOUT_S,
            transport=transport,
            trust_env=False,
            verify=url.startswith("https:"),  # 30 ms go into reading authorities that plain HTTP does not ask
        )

    def push(self, events: Sequence[object], /) -> list[PushResult]:
        """Sends one batch: events as structs or as plain dicts. Results are in the order of the events.

        A lost connection, a 503 and a 429 are tried again with the very same bytes until the deadline, so an event that was stored the first time
        counts once. Raises `PushRefused` or `DoorUnreachable`.
        """
        return list(self._retried(lambda: self._push_once(_encode(events))))

    def limits(self) -> dict[str, Any]:
        """`GET /v1/limits`. Raises as `push` does."""
        return dict(self._retried(lambda: self._ask("GET", "/v1/limits").json()))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _retried(self, call: Callable[[], Any]) -> Any:
        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgain),
            wait=_patience,
            stop=stop_before_delay(self._deadline_s),
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return retrying(call)
        except _TryAgain as error:
            raise DoorUnreachable(str(self._http.base_url), self._deadline_s, str(error)) from error

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if state.attempt_number == 1 and isinstance(error, _NoAnswer):
            self._silent(str(self._http.base_url), self._has_answered)

    def _push_once(self, body: bytes) -> list[PushResult]:
        response = self._ask("POST", "/v1/events", content=body, headers={"Content-Type": BATCH_MEDIA_TYPE})
        return msgspec.json.decode(response.content, type=_Answer).results

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A response that has what was asked for. Raises `_TryAgain` or `PushRefused`."""
        try:
            response = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise _NoAnswer(f"{type(error).__name__} {error}".strip()) from error
        self._has_answered = True
        if response.status_code >= 500 or response.status_code == _OVER_ITS_SHARE:
            raise _TryAgain(_reason(response), _retry_after(response))
        if response.status_code not in _HAS_RESULTS or not _has_results(response):
            raise PushRefused(_problem(response))
        return response


def _has_results(response: httpx.Response) -> bool:
    """A 422 with results is a batch of which every event was rejected; without, a refusal of the request."""
    return response.status_code != 422 or "results" in response.json()


def _retry_after(response: httpx.Response) -> float | None:
    given = response.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None


def _reason(response: httpx.Response) -> str:
    return f"{response.status_code} {_problem(response).title}"


def _problem(response: httpx.Response) -> ProblemDetail:
    """The problem in the body; one made of the status line when something else than the door answered."""
    try:
        return msgspec.json.decode(response.content, type=ProblemDetail)
    except msgspec.DecodeError:
        return ProblemDetail(
            type="about:blank",
            title=f"{response.status_code} {response.reason_phrase}",
            status=response.status_code,
            detail=f"{response.url} is not the door.",
            next="Check the address of the door.",
        )
