"""One broker, and one history played on it for each driver of the worker's core."""

import signal
from collections.abc import Iterator

import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.topics import create_topics
from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.topics import TOPICS
from tests.contract.scoring.history import DRIVERS, History
from tests.system.commands import PATIENT_WORKER


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One broker with the project's topics for both drivers: the second one finds what the first one committed."""
    with Stack(tmp_path_factory.mktemp("kafka"), programs=("kafka",)) as stack:
        create_topics(KafkaBroker([stack.urls["kafka"]]), TOPICS, DEFAULT_PARTITIONS, 1)
        yield stack


@pytest.fixture(scope="package", params=list(DRIVERS))
def history(
    request: pytest.FixtureRequest, kafka: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    """Played once for all tests of a driver."""
    played = History(request.param, kafka, tmp_path_factory.mktemp(request.param), PATIENT_WORKER)
    try:
        played.play()
        yield played
    finally:
        played.group.leave_all(signal.SIGKILL)
