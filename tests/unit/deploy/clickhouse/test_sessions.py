"""A session lives for its timeout, serves one statement at a time, and gets its settings back."""

from collections.abc import AsyncIterator, Mapping
from typing import cast

import pytest

from deploy.embedded.clickhouse import sessions as module
from deploy.embedded.clickhouse.engine import Engine
from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.sessions import Sessions
from deploy.embedded.clickhouse.users import User
from deploy.embedded.clickhouse.workers import Workers


class FakeConnection:
    """Remembers its settings as the engine's session does."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self.database = "default"
        self.closed = False

    def configure(self, settings: Mapping[str, str], database: str | None) -> None:
        if "unknown" in settings:
            raise ClickHouseError(115, "Code: 115. ")
        self.settings.update(settings)
        self.database = database or self.database

    def save(self, settings: Mapping[str, str]) -> tuple[str, dict[str, tuple[str, bool]]]:
        return self.database, {
            name: (self.settings.get(name, ""), name in self.settings) for name in settings
        }

    def restore(self, database: str | None, saved: Mapping[str, tuple[str, bool]]) -> None:
        self.database = database or self.database
        for name, (value, changed) in saved.items():
            if changed:
                self.settings[name] = value
            else:
                self.settings.pop(name, None)

    def close(self) -> None:
        self.closed = True


class FakeEngine:
    def __init__(self) -> None:
        self.opened: list[FakeConnection] = []

    def connect(self) -> FakeConnection:
        self.opened.append(FakeConnection())
        return self.opened[-1]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def _no_body() -> AsyncIterator[bytes]:
    return
    yield b""


def asking(session_id: str | None, *, database: str | None = None, check: bool = False) -> QueryRequest:
    return QueryRequest(
        text=b"SELECT 1",
        body=_no_body(),
        user=User("default"),
        query_id="q",
        read_only_method=False,
        database=database,
        default_format="TabSeparated",
        session_id=session_id,
        session_timeout_s=60,
        session_check=check,
        accept_encodings=frozenset(),
        wait_end=False,
        cancel_when_client_leaves=True,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def sessions(engine: FakeEngine, clock: Clock) -> Sessions:
    return Sessions(cast(Engine, engine), Workers(2), clock)


async def test_a_request_without_a_session_has_a_connection_of_its_own(
    sessions: Sessions, engine: FakeEngine
) -> None:
    async with sessions.lease(asking(None), {"max_threads": "1"}):
        assert engine.opened[0].settings == {"max_threads": "1"}
    assert engine.opened[0].closed


async def test_a_setting_that_is_refused_leaves_no_connection_open(
    sessions: Sessions, engine: FakeEngine
) -> None:
    with pytest.raises(ClickHouseError):
        async with sessions.lease(asking(None), {"unknown": "1"}):
            pass
    assert engine.opened[0].closed


async def test_a_session_is_kept_and_gets_its_settings_and_database_back(
    sessions: Sessions, engine: FakeEngine
) -> None:
    async with sessions.lease(asking("s", database="other"), {"max_threads": "1"}) as connection:
        assert (connection.database, connection.settings) == ("other", {"max_threads": "1"})
    async with sessions.lease(asking("s"), {}) as again:
        assert again is engine.opened[0]
        assert (again.database, again.settings) == ("default", {})


async def test_an_idle_session_ends_after_its_timeout(
    sessions: Sessions, engine: FakeEngine, clock: Clock
) -> None:
    async with sessions.lease(asking("s"), {}):
        clock.now = 1000
    clock.now = 1059
    async with sessions.lease(asking("other"), {}):
        assert not engine.opened[0].closed
    clock.now = 1061
    with pytest.raises(ClickHouseError) as refused:
        async with sessions.lease(asking("s", check=True), {}):
            pass
    assert refused.value.code == 372
    assert engine.opened[0].closed


async def test_a_second_statement_in_a_session_is_refused(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_PATIENCE_S", 0.01)
    async with sessions.lease(asking("s"), {}):
        with pytest.raises(ClickHouseError) as refused:
            async with sessions.lease(asking("s"), {}):
                pass
    assert refused.value.code == 373
