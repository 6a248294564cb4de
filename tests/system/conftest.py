"""What system tests share: one broker and one ClickHouse engine for the whole run, bare."""

from collections.abc import Iterator

import pytest

from deploy.embedded.stack import Stack

SERVICES = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api")


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka and ClickHouse without topics and tables. Tests that share it use names of their own."""
    with Stack(tmp_path_factory.mktemp("engines"), programs=("kafka", "clickhouse")) as stack:
        yield stack


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack without the live feed, shared: tests use a campaign or units of their own. Checkpoints are not waited for so long."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("THIDUA_SCORING_CHECKPOINT_EVERY_S", "2")
        stack = Stack(tmp_path_factory.mktemp("services"), programs=SERVICES)
        stack.start()
    try:
        yield stack
    finally:
        stack.stop()
