"""An api over fakes, asked without a network."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import FedApi
from tests.support.boards import BoardBuilder, Clock, build_pack


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> FedApi:
    return FedApi(now=clock)


@pytest.fixture
def board(api: FedApi) -> BoardBuilder:
    """A block of 34 that is ranked, one of them without enough coverage."""
    board = BoardBuilder(build_pack("mau", 34), unranked=1, missing=True)
    api.publish(board)
    return board


@pytest.fixture
async def client(api: FedApi) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client
