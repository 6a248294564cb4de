"""Kafka's jars start a broker only when they are exactly those of the committed list."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded.errors import StackError
from deploy.embedded.jars import (
    KAFKA_VERSION,
    SUMS,
    JarsChangedError,
    ensure_jars,
    jar_folder,
    read_sums,
    sha256,
)

_CONTENT = {"a.jar": b"first", "b.jar": b"second"}


class FakeMaven:
    """Resolves to two small jars, and counts how often it is asked."""

    def __init__(self, content: dict[str, bytes], failures: int = 0) -> None:
        self.content, self.failures, self.calls = content, failures, 0

    def __call__(self, repository: Path) -> list[Path]:
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError("connection cut")
        repository.mkdir(parents=True, exist_ok=True)
        for name, content in self.content.items():
            (repository / name).write_bytes(content)
        return [repository / name for name in self.content]


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    for name, content in _CONTENT.items():
        (tmp_path / name).write_bytes(content)
    listed = tmp_path / "sums"
    listed.write_text("".join(f"{sha256(tmp_path / name)}  {name}\n" for name in _CONTENT))
    return listed


@pytest.fixture
def cached(tmp_path: Path, sums: Path) -> Path:
    ensure_jars(tmp_path / "cache", FakeMaven(_CONTENT), sums)
    return tmp_path / "cache"


def test_the_first_start_resolves_and_the_second_asks_nobody(tmp_path: Path, sums: Path) -> None:
    maven = FakeMaven(_CONTENT)
    for _ in range(2):
        folder = ensure_jars(tmp_path / "cache", maven, sums)
    assert maven.calls == 1
    assert {path.name for path in folder.iterdir()} == set(_CONTENT)


def _alter(folder: Path) -> None:
    (folder / "a.jar").write_bytes(b"altered")


def _add(folder: Path) -> None:
    (folder / "evil.jar").write_bytes(b"extra")


def _remove(folder: Path) -> None:
    (folder / "b.jar").unlink()


@pytest.mark.parametrize(
    ("change", "named"),
    [(_alter, "a.jar has another SHA-256"), (_add, "evil.jar is not one of"), (_remove, "b.jar is missing")],
)
def test_a_cache_that_was_changed_is_refused_in_one_sentence(
    cached: Path, sums: Path, change: Callable[[Path], None], named: str
) -> None:
    change(jar_folder(cached))
    with pytest.raises(JarsChangedError, match=named) as refused:
        ensure_jars(cached, FakeMaven(_CONTENT), sums)
    assert "\n" not in str(refused.value)


def test_a_download_with_other_bytes_never_reaches_the_cache(tmp_path: Path, sums: Path) -> None:
    with pytest.raises(JarsChangedError):
        ensure_jars(tmp_path / "cache", FakeMaven({**_CONTENT, "a.jar": b"other"}), sums)
    assert not jar_folder(tmp_path / "cache").exists()


def test_a_connection_that_stays_away_is_said_and_leaves_nothing(tmp_path: Path, sums: Path) -> None:
    with pytest.raises(StackError, match="connection cut"):
        ensure_jars(tmp_path / "cache", FakeMaven(_CONTENT, failures=99), sums, wait_s=0)
    assert not jar_folder(tmp_path / "cache").exists()


def test_a_connection_cut_once_is_tried_again(tmp_path: Path, sums: Path) -> None:
    maven = FakeMaven(_CONTENT, failures=1)
    ensure_jars(tmp_path / "cache", maven, sums, wait_s=0)
    assert maven.calls == 2


def test_every_kafka_jar_of_the_committed_list_is_of_one_version() -> None:
    """Managed versions of another coordinate once brought kafka-clients 3.9 beside a 4.3 broker."""
    names = [name for name in read_sums(SUMS) if name.startswith("kafka")]
    assert f"kafka-clients-{KAFKA_VERSION}.jar" in names
    assert [name for name in names if not name.endswith(f"-{KAFKA_VERSION}.jar")] == []
