"""One broker for the contract tests of the log."""

import subprocess
import sys
from collections.abc import Iterator
from os import environ

import pytest

from deploy.embedded.stack import Stack


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka alone, with the topics."""
    with Stack(tmp_path_factory.mktemp("door-log"), programs=("kafka",)) as stack:
        create = [sys.executable, "-m", "services.cli.main", "topics", "create"]
        subprocess.run(create, env=environ | stack.environment, check=True, capture_output=True)
        yield stack
