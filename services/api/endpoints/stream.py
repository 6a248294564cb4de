"""`/v1/stream`: rankings, flags, evaluations and freshness as they come, as server-sent events."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Query, Response
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from services.api.endpoints.live_state import LiveState
from services.api.positions import Positions
from services.api.problems import NotCaughtUp
from services.contracts.http_heads import abort
from services.contracts.ids import BlockId
from services.contracts.problems import BadParameter

router = APIRouter(prefix="/v1/stream", tags=["stream"])

PING_S = 10
"""A proxy that closes idle connections does so after 30 s or more; a board that hears nothing for 25 s connects anew."""

log = structlog.get_logger("thidua.api")


class Stream(EventSourceResponse):
    """A reader that takes nothing for the time-out is cut off; that is no fault of the service."""

    def __init__(
        self, frames: AsyncIterator[bytes], send_timeout_s: float, on_slow: Callable[[], None]
    ) -> None:
        super().__init__(frames, ping=PING_S, send_timeout=send_timeout_s)
        self._on_slow = on_slow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            self._on_slow()
            await abort(scope)  # closed in order, the connection would wait for the reader for ever
            log.info("slow_reader_cut_off", client=str(scope.get("client")))


@router.get("")
async def stream(
    live: LiveState,
    block: Annotated[list[str] | None, Query(description="only these blocks; may be repeated")] = None,
    after: Annotated[
        str | None, Query(description="as Last-Event-ID, for clients that cannot set it")
    ] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Events `ranking`, `flag`, `evaluation` (each with an id) and `freshness` (without).

    A reader that comes without an id gets the newest of everything first; one that comes with the id it saw last gets the newest of what it
    missed, never a replay. Ids outlive the api. `reconnect` says that the reader was too slow or that the service stops: come again.
    """
    if not live.health().caught_up:
        raise NotCaughtUp("Rankings are still being read; a stream opened now would miss some.")
    blocks = frozenset(map(BlockId, block)) if block else None
    reader = live.hub.reader(blocks)
    frames = live.hub.follow(reader, _seen(last_event_id or after), live.freshness_now)
    return Stream(frames, live.settings.api_stream_send_timeout_s, lambda: live.hub.cut_off(reader))


def _seen(identity: str | None) -> Positions:
    try:
        return Positions.decode(identity or "")
    except ValueError as error:
        raise BadParameter(f"Last-Event-ID: {error}.", next="Leave it out to begin anew.") from error
