"""How an address gets at what it is served from."""

from typing import Annotated

from fastapi import Depends, Request

from services.api.live import Live


def _live(request: Request) -> Live:
    live: Live = request.app.state.live
    return live


LiveState = Annotated[Live, Depends(_live)]
