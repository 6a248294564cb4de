"""One server for the tests that leave each other alone, and a database of its own for each of them."""

from collections.abc import Iterator

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from tests.contract.clickhouse_http.server import ServerProcess, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("clickhouse")) as process:
        yield process


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    with server.http() as client:
        yield client


@pytest.fixture(scope="session")
def owner(server: ServerProcess) -> Iterator[Client]:
    """Makes the databases: a client asks its server for a thousand settings before anything else."""
    with server.client() as client:
        yield client


@pytest.fixture
def client(server: ServerProcess, owner: Client, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A clickhouse-connect client in a fresh database."""
    database = f"test_{abs(hash(request.node.nodeid))}"
    owner.command(f"CREATE DATABASE {database}")
    with server.client(database=database) as client:
        yield client
    owner.command(f"DROP DATABASE {database} SYNC")
