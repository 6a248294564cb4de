"""The supervisor's configuration, and what is read from its log."""

import configparser
from pathlib import Path

from deploy.embedded.kafka import new_cluster_id, properties
from deploy.embedded.layout import Layout
from deploy.embedded.ports import Ports
from deploy.embedded.programs import Program
from deploy.embedded.supervision import Supervisor, configuration, supervisor_log


def _layout(folder: Path) -> Layout:
    return Layout(folder, folder / "cache", Ports.from_base(18000))


def test_a_program_is_stopped_as_a_group_and_started_again_by_itself(tmp_path: Path) -> None:
    program = Program("door", lambda _layout: ["serve", "a b"], stop_timeout_s=7)
    parsed = configparser.RawConfigParser()
    parsed.read_string(configuration(_layout(tmp_path), (program,)))
    section = dict(parsed["program:door"])
    assert section["command"].endswith("serve 'a b'")
    assert (section["autostart"], section["autorestart"]) == ("false", "true")
    assert (section["stopasgroup"], section["killasgroup"], section["stopwaitsecs"]) == ("true", "true", "7")
    assert 'THIDUA_KAFKA_BOOTSTRAP="127.0.0.1:19092"' in section["environment"]


def test_only_ends_that_nobody_asked_for_count_as_restarts(tmp_path: Path) -> None:
    layout = _layout(tmp_path)
    layout.create_folders()
    supervisor_log(layout).write_text(
        "2026-01-01 00:00:00,000 INFO spawned: 'scoring' with pid 1\n"
        "2026-01-01 00:00:01,000 WARN exited: scoring (terminated by SIGKILL; not expected)\n"
        "2026-01-01 00:00:02,000 INFO exited: scoring (exit status 0; expected)\n"
        "2026-01-01 00:00:03,000 INFO stopped: kafka (terminated by SIGTERM)\n"
    )
    assert Supervisor(layout).restarts() == {"scoring": 2}


def test_a_supervisor_that_was_never_started_does_not_answer(tmp_path: Path) -> None:
    assert not Supervisor(_layout(tmp_path)).answers()


def test_the_broker_listens_on_loopback_only_and_creates_no_topics(tmp_path: Path) -> None:
    settings = dict(line.split("=", 1) for line in properties(_layout(tmp_path)).splitlines())
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert settings["auto.create.topics.enable"] == "false"
    assert int(settings["message.max.bytes"]) >= 8 * 1024 * 1024


def test_a_cluster_id_is_never_taken_for_an_option() -> None:
    ids = [new_cluster_id() for _ in range(500)]
    assert all(len(one) == 22 and not one.startswith("-") for one in ids)
