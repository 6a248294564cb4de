"""The client of the door: it comes back with results, or says why not; the very same bytes are sent again."""

from collections.abc import Callable, Iterator

import httpx
import msgspec
import pytest

from services.cli.door import DoorClient, DoorUnreachable, PushRefused
from services.cli.failures import CannotReach
from services.contracts.problems import LogUnavailable, Problem, TooMuchAtOnce, Unauthenticated

ACCEPTED = {"results": [{"index": 0, "id": "a", "status": "accepted", "block": "demo/north"}]}
Answer = Callable[[], httpx.Response]


class Script:
    """A door that gives its answers in turn, the last one for ever, and remembers what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: Iterator[Answer] = iter(answers)
        self._last: Answer | None = None
        self.bodies: list[bytes] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)
        self._last = next(self._answers, self._last)
        assert self._last is not None
        return self._last()

    def client(
        self, deadline_s: float = 60, silent: Callable[[str, bool], None] = lambda _url, _ever: None
    ) -> DoorClient:
        return DoorClient(
            "http://door",
            "td_k_s",
            deadline_s=deadline_s,
            transport=httpx.MockTransport(self),
            sleep=self.waits.append,
            silent=silent,
        )


def good() -> httpx.Response:
    return httpx.Response(200, json=ACCEPTED)


def problem(kind: type[Problem]) -> Answer:
    made = kind("detail")
    return lambda: httpx.Response(
        made.status, content=msgspec.json.encode(made.as_detail()), headers=made.headers
    )


def lost() -> httpx.Response:
    raise httpx.ConnectError("refused")


def test_results_come_back_in_order() -> None:
    [result] = Script(good).client().push([{"id": "a"}])
    assert (result.id, result.status, result.block) == ("a", "accepted", "demo/north")


def test_a_503_is_tried_again_after_the_time_that_the_door_asked_for_with_the_same_bytes() -> None:
    script = Script(problem(LogUnavailable), good)
    script.client().push([{"id": "a"}])
    assert script.waits == [2.0]
    assert script.bodies[0] == script.bodies[1] == b'[{"id":"a"}]'


def test_a_key_over_its_share_waits_as_long_as_the_door_asked_for_and_sends_the_same_bytes() -> None:
    over = TooMuchAtOnce("detail", retry_after_s=3)
    script = Script(lambda: httpx.Response(429, headers=over.headers), good)
    script.client().push([{"id": "a"}])
    assert script.waits == [3.0]
    assert script.bodies[0] == script.bodies[1]


def test_a_lost_connection_is_tried_again() -> None:
    script = Script(lost, lost, good)
    script.client().push([{"id": "a"}])
    assert len(script.bodies) == 3


def test_silence_is_told_once_and_at_once_and_may_end_the_push() -> None:
    told: list[tuple[str, bool]] = []
    door = Script(good, lost, lost, good)
    client = door.client(silent=lambda url, ever: told.append((url, ever)))
    client.push([{"id": "a"}])
    client.push([{"id": "a"}])
    assert [ever for _, ever in told] == [True]

    def give_up(_url: str, _ever: bool) -> None:
        raise CannotReach("The stack does not run.", "Start it.")

    with pytest.raises(CannotReach, match="does not run"):
        Script(lost).client(silent=give_up).push([{"id": "a"}])


def test_after_the_deadline_it_gives_up_and_says_what_the_last_answer_was() -> None:
    with pytest.raises(DoorUnreachable, match="did not acknowledge"):
        Script(problem(LogUnavailable)).client(deadline_s=0).push([{"id": "a"}])


def test_a_refusal_is_not_tried_again() -> None:
    script = Script(problem(Unauthenticated))
    with pytest.raises(PushRefused, match="missing, unknown or revoked"):
        script.client().push([{"id": "a"}])
    assert len(script.bodies) == 1


def test_a_batch_of_which_all_was_rejected_has_results() -> None:
    body = {"type": "x", "results": [{"index": 0, "id": "a", "status": "rejected"}]}
    [result] = Script(lambda: httpx.Response(422, json=body)).client().push([{"id": "a"}])
    assert result.status == "rejected"


def test_something_else_behind_the_address_is_told() -> None:
    with pytest.raises(PushRefused, match="is not the door"):
        Script(lambda: httpx.Response(404, text="<html>")).client().push([{"id": "a"}])
