"""Ports, paths and the record of a stack."""

import json
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded import preflight
from deploy.embedded.errors import StackError
from deploy.embedded.layout import STACK_MARK, Layout
from deploy.embedded.ports import HOST, Ports, holder, is_free
from deploy.embedded.settings import EmbeddedSettings


def _layout(folder: Path) -> Layout:
    return Layout(folder, folder / "cache", Ports.from_base(18000))


def test_the_default_ports_are_the_documented_ones() -> None:
    assert dict(Ports.from_base(18000).items()) == {
        "kafka": 19092,
        "kafka_controller": 19093,
        "clickhouse": 18123,
        "ingest": 18080,
        "scoring": 18081,
        "storage": 18082,
        "alerting": 18083,
        "api": 18000,
    }


def test_a_port_of_its_own_replaces_that_of_the_base() -> None:
    ports = Ports.from_settings(EmbeddedSettings(port_base=28000, ingest_port=7777))
    assert (ports.api, ports.ingest, ports.kafka) == (28000, 7777, 29092)


@pytest.mark.parametrize("base", [80, 65000])
def test_a_base_that_gives_no_ports_is_refused(base: int) -> None:
    with pytest.raises(ValueError, match="lies between"):
        Ports.from_base(base)


def test_free_ports_differ_and_can_be_bound() -> None:
    numbers = [port for _, port in Ports.free().items()]
    assert len(set(numbers)) == len(numbers)
    assert all(is_free(port) for port in numbers)


def test_a_taken_port_is_named_with_its_holder_and_a_way_out(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        ports = replace(Ports.free(), kafka=port)
        with pytest.raises(StackError, match=rf"Port {port} \(kafka\) is taken.*--port-base") as refused:
            preflight.check_ports(ports, {"kafka"})
        assert (holder(port) or "") in str(refused.value)


def test_ports_of_programs_left_out_are_not_looked_at() -> None:
    assert preflight.ports_of(("kafka",)) == {"kafka", "kafka_controller"}


def test_a_data_folder_below_a_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="--data-dir"):
        preflight.check_writable(_layout(tmp_path / "file" / "data"))


def test_the_socket_stays_short_below_a_long_folder(tmp_path: Path) -> None:
    long = _layout(tmp_path / ("x" * 120))
    assert len(str(long.socket)) < 100
    assert long.socket != _layout(tmp_path / ("y" * 120)).socket
    assert _layout(Path("/var/lib/thidua")).socket == Path("/var/lib/thidua/run/supervisor.sock")


def test_what_was_recorded_is_read_again(tmp_path: Path) -> None:
    layout = _layout(tmp_path)
    layout.create_folders()
    layout.write_record(["kafka"])
    assert Layout.recorded(tmp_path) == (layout, ["kafka"])


def test_a_record_of_a_version_with_fewer_programs_is_read_too(tmp_path: Path) -> None:
    """Else an update would leave a running stack that no command knows any more."""
    layout = _layout(tmp_path)
    layout.create_folders()
    layout.write_record(["kafka"])
    record = json.loads(layout.record.read_text())
    del record["ports"]["alerting"]
    record["ports"]["gone"] = 1
    layout.record.write_text(json.dumps(record))
    found = Layout.recorded(tmp_path)
    assert found is not None
    assert found[0].ports == replace(layout.ports, alerting=layout.ports.api + 83)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"ports": {"kafka": 1}, "cache_dir": "/"}'])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    layout = _layout(tmp_path)
    layout.create_folders()
    layout.record.write_text(content)
    assert Layout.recorded(tmp_path) is None


def test_keys_lie_in_a_folder_for_the_owner_alone(tmp_path: Path) -> None:
    layout = _layout(tmp_path)
    layout.create_folders()
    assert stat.S_IMODE(layout.keys_dir.stat().st_mode) == 0o700


def test_commands_pointed_at_a_stack_do_not_bear_its_mark(tmp_path: Path) -> None:
    """What bears the mark is ended with the stack, and a user's own command is not the stack's."""
    layout = _layout(tmp_path)
    assert STACK_MARK not in layout.environment
    assert layout.own_environment[STACK_MARK] == str(tmp_path)
