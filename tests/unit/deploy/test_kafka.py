"""A folder of the log is formatted once, by Kafka's tool or as an earlier broker's was."""

import os
import time
from pathlib import Path

import pytest

from deploy.embedded import kafka
from deploy.embedded.jars import jar_folder
from deploy.embedded.java import learned_folder, with_learned_classes
from deploy.embedded.layout import Layout
from deploy.embedded.learning import is_learned
from deploy.embedded.ports import Ports


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    """With one jar, and what a broker of it has learned."""
    cache_dir = tmp_path / "cache"
    jar_folder(cache_dir).mkdir(parents=True)
    (jar_folder(cache_dir) / "kafka.jar").write_bytes(b"classes")
    learned = learned_folder(cache_dir)
    learned.mkdir()
    kafka.learned_records(cache_dir).write_bytes(b"first records")
    (learned / "classes.aot").write_bytes(b"linked")
    return cache_dir


def _prepared(folder: Path, cache_dir: Path) -> Layout:
    layout = Layout(folder, cache_dir, Ports.from_base(18000))
    layout.create_folders()
    kafka.prepare(layout)
    return layout


def _meta(layout: Layout) -> dict[str, str]:
    lines = (kafka.log_folder(layout) / "meta.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_new_log_has_the_learned_records_and_ids_of_its_own(tmp_path: Path, cache_dir: Path) -> None:
    first, second = _prepared(tmp_path / "a", cache_dir), _prepared(tmp_path / "b", cache_dir)
    assert (kafka.log_folder(first) / "bootstrap.checkpoint").read_bytes() == b"first records"
    assert (_meta(first)["version"], _meta(first)["node.id"]) == ("1", "1")
    ids = [_meta(layout)[name] for layout in (first, second) for name in ("cluster.id", "directory.id")]
    assert len(set(ids)) == 4


def test_a_log_that_is_formatted_keeps_its_ids(tmp_path: Path, cache_dir: Path) -> None:
    before = _meta(_prepared(tmp_path / "a", cache_dir))
    assert _meta(_prepared(tmp_path / "a", cache_dir)) == before


def test_the_broker_takes_classes_of_an_earlier_one(tmp_path: Path, cache_dir: Path) -> None:
    argv = kafka.broker_argv(_prepared(tmp_path / "a", cache_dir))
    assert f"-XX:AOTCache={learned_folder(cache_dir) / 'classes.aot'}" in argv


def test_other_jars_are_learned_anew(cache_dir: Path) -> None:
    before = learned_folder(cache_dir)
    (jar_folder(cache_dir) / "kafka.jar").write_bytes(b"classes of another version")
    assert learned_folder(cache_dir) != before
    assert with_learned_classes(cache_dir) == ()


def test_what_was_tried_in_vain_is_tried_again_after_an_hour(cache_dir: Path) -> None:
    assert is_learned(cache_dir)
    folder = learned_folder(cache_dir)
    (folder / "classes.aot").unlink()
    assert is_learned(cache_dir)
    os.utime(folder, (0, time.time() - 3_601))
    assert not is_learned(cache_dir)
