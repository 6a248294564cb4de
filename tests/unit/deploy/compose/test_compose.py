"""The Compose files hold together: against the schema, against each service's settings, and against what a machine in production asks for."""

import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.alerting.settings import AlertingSettings
from services.api.settings import ApiSettings
from services.cli.settings import CliSettings
from services.contracts.clickhouse import ClickHouseSettings
from services.contracts.settings import ServiceSettings
from services.ingest.settings import IngestSettings
from services.scoring.settings import ScoringSettings
from services.storage.settings import StorageSettings
from tests.unit.deploy.compose.composed import (
    BASE,
    OVERLAY,
    ROOT,
    Service,
    base_services,
    cluster_services,
    parsed,
    target_of,
    variables,
)
from tests.unit.deploy.compose.schema import COMPOSE_FILE


class CommandSettings(CliSettings, ClickHouseSettings):
    """The command reads both."""


SETTINGS: dict[str, type[ServiceSettings]] = {
    "ingest": IngestSettings,
    "scoring": ScoringSettings,
    "scoring-2": ScoringSettings,
    "storage": StorageSettings,
    "migrate": StorageSettings,
    "api": ApiSettings,
    "alerting": AlertingSettings,
    "topics": CliSettings,
    "thidua": CommandSettings,
    "acls": ServiceSettings,
}
ONCE = {"topics", "migrate", "acls", "thidua"}
ENGINES = {"kafka", "clickhouse", "grafana"}
SETUPS = {"one machine": base_services(), "cluster": cluster_services()}
EVERY = [
    pytest.param(name, service, services, id=f"{setup}: {name}")
    for setup, services in SETUPS.items()
    for name, service in services.items()
]


@pytest.mark.parametrize("path", [BASE, OVERLAY], ids=["one machine", "cluster"])
def test_the_file_is_a_compose_file(path: Path) -> None:
    faults = Draft202012Validator(COMPOSE_FILE).iter_errors(parsed(path))
    assert [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in faults] == []


def test_the_schema_sees_a_misspelled_key() -> None:
    file = parsed(BASE)
    file["services"]["ingest"]["helthcheck"] = {}
    assert not Draft202012Validator(COMPOSE_FILE).is_valid(file)


def test_every_service_of_the_design_is_there() -> None:
    assert set(base_services()) == ENGINES | {"ingest", "scoring", "storage", "api", "alerting"} | ONCE - {
        "acls"
    }
    added = set(cluster_services()) - set(base_services())
    assert added == {
        "kafka-2",
        "kafka-3",
        "keeper-1",
        "keeper-2",
        "keeper-3",
        "clickhouse-2",
        "scoring-2",
        "acls",
    }


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_every_variable_is_a_setting_of_its_service(name: str, service: Service, _services: Any) -> None:
    named = {key for key in service.get("environment", {}) if key.startswith("THIDUA_")}
    if name not in SETTINGS:
        assert not named
        return
    fields = {f"THIDUA_{field.upper()}" for field in SETTINGS[name].model_fields}
    assert named - fields == set()


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_the_settings_class_takes_what_the_file_gives(
    name: str, service: Service, _services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name not in SETTINGS:
        return
    for key, value in service["environment"].items():
        if key.startswith("THIDUA_") and not str(value).startswith("${"):
            monkeypatch.setenv(key, str(value))
    settings = SETTINGS[
        name
    ]()  # raises on what is required and not given, and on what is no value of its field
    assert settings.kafka_servers()[0] == "kafka:9092" or name == "migrate"


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_images_have_a_tag_that_says_which(name: str, service: Service, _services: Any) -> None:
    image = service["image"]
    if "build" in service:
        assert image == f"thidua/{'grafana' if name == 'grafana' else 'services'}:${{THIDUA_VERSION:-0.1.0}}"
    else:
        assert re.fullmatch(r"[a-z]+/[a-z-]+:\d+\.\d+\.\d+(\.\d+)*", image), image


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_nobody_is_root_and_nobody_takes_all_of_the_machine(
    name: str, service: Service, _services: Any
) -> None:
    assert not service["user"].startswith("0:")
    assert service["cap_drop"] == ["ALL"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_what_runs_on_tells_its_health_and_is_started_again(
    name: str, service: Service, _services: Any
) -> None:
    if name in ONCE:
        assert service["restart"] in ("no", "on-failure:5")
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    if name in SETTINGS:
        host, port = next(
            (service["environment"][key.replace("_PORT", "_HOST")], value)
            for key, value in service["environment"].items()
            if re.fullmatch(r"THIDUA_(INGEST|SCORING|STORAGE|API|ALERTING)_PORT", key)
        )
        assert host == "0.0.0.0"
        assert service["environment"]["LIVEZ_URL"] == f"http://127.0.0.1:{port}/livez"


@pytest.mark.parametrize(("name", "service", "services"), EVERY)
def test_nobody_starts_before_what_it_needs(
    name: str, service: Service, services: dict[str, Service]
) -> None:
    for needed, how in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if needed in ONCE else "service_healthy"
        assert how["condition"] == wanted, (name, needed)
        assert needed in services
    environment = service.get("environment", {})
    if name in SETTINGS and name not in {"topics", "migrate", "acls"}:
        assert "topics" in service["depends_on"]
    if "THIDUA_CLICKHOUSE_PASSWORD" in environment and name != "migrate":
        assert "migrate" in service["depends_on"]


@pytest.mark.parametrize("path", [BASE, OVERLAY], ids=["one machine", "cluster"])
def test_no_secret_stands_in_the_file(path: Path) -> None:
    for name, service in parsed(path)["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", key):
                assert re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", str(value)), (name, key)


def test_the_example_has_every_variable_and_no_value_for_what_must_be_given() -> None:
    example = (ROOT / ".env.example").read_text()
    used = variables(BASE.read_text()) | variables(OVERLAY.read_text())
    required = {name for name, mark in used.items() if mark == ":?"}
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    optional = set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE))
    assert set(given) == required - {"CLICKHOUSE_INTERSERVER_PASSWORD"}  # that one is the overlay's
    assert set(given.values()) == {""}
    assert optional == set(used) - set(given)


@pytest.mark.parametrize(("name", "service", "_services"), EVERY)
def test_files_that_are_mounted_exist_and_are_read_only(name: str, service: Service, _services: Any) -> None:
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).exists(), volume
        if source.startswith((".", "$")):
            assert volume.endswith(":ro"), volume


@pytest.mark.parametrize("services", SETUPS.values(), ids=SETUPS)
def test_no_two_services_share_a_volume(services: dict[str, Service]) -> None:
    sources = Counter(
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "$"))
    )
    declared = set(parsed(BASE)["volumes"]) | set(parsed(OVERLAY)["volumes"])
    assert set(sources) <= declared
    assert set(sources.values()) == {1}


def test_grafana_has_every_variable_that_its_provisioning_reads() -> None:
    read = {
        name
        for path in (ROOT / "deploy/grafana/provisioning").rglob("*.yaml")
        for name in re.findall(r"(?<!\$)\$(?:\{)?(GRAFANA_[A-Z_]+)", path.read_text())
    }
    assert read
    assert read <= set(base_services()["grafana"]["environment"])


def test_a_user_of_clickhouse_stands_in_one_file_and_its_password_is_in_the_environment() -> None:
    """Two definitions of one user are merged into one that the server refuses."""
    clickhouse = base_services()["clickhouse"]
    files = [ROOT / v.split(":")[0] for v in clickhouse["volumes"] if "/users.d/" in v]
    roots = [ElementTree.parse(file).getroot() for file in files]
    users = Counter(user.tag for root in roots for user in root.findall("users/*"))
    assert users == {"default": 1, "thidua": 1, "grafana": 1}
    passwords = {p.get("from_env") for root in roots for p in root.iter("password")}
    assert passwords <= set(clickhouse["environment"])


def test_the_command_may_read_the_store() -> None:
    """`thidua verify --stored`: without a user and password it would be the one that only the container itself may be."""
    environment = base_services()["thidua"]["environment"]
    assert environment["THIDUA_CLICKHOUSE_USER"] == "thidua"
    assert "CLICKHOUSE_SERVICE_PASSWORD" in environment["THIDUA_CLICKHOUSE_PASSWORD"]


def test_a_cluster_speaks_tls_with_a_certificate_of_each_service() -> None:
    services = cluster_services()
    folders = {"thidua": "office", "topics": "deploy", "acls": "admin", "scoring-2": "scoring"}
    for name in SETTINGS.keys() - {"migrate"}:
        assert services[name]["environment"]["THIDUA_KAFKA_SECURITY_PROTOCOL"] == "SSL", name
        mounted = next(v for v in services[name]["volumes"] if target_of(v) == "/tls")
        assert mounted.endswith(f"/{folders.get(name, name)}:/tls:ro")


def test_a_cluster_speaks_tls_to_clickhouse_and_asks_who_it_is() -> None:
    services = cluster_services()
    asking = [
        name
        for name, service in services.items()
        if "THIDUA_CLICKHOUSE_URL" in service.get("environment", {})
    ]
    assert {"storage", "api", "migrate", "thidua"} <= set(asking)
    for name in asking:
        environment = services[name]["environment"]
        assert re.fullmatch(r"https://clickhouse(-2)?:8443", environment["THIDUA_CLICKHOUSE_URL"]), name
        assert environment["THIDUA_CLICKHOUSE_CA_FILE"] == "/tls/ca.pem"
        assert any(target_of(volume) == "/tls" for volume in services[name]["volumes"])
    for name in ("clickhouse", "clickhouse-2"):
        assert any(v.endswith(f"/{name}:/tls:ro") for v in services[name]["volumes"])
        assert "--ca-certificate=/tls/ca.pem" in services[name]["healthcheck"]["test"]
    root = ElementTree.parse(ROOT / "deploy/cluster/clickhouse/tls.xml").getroot()
    assert [
        tag for tag in ("http_port", "interserver_http_port") if root.find(tag).get("remove") != "1"
    ] == []  # type: ignore[union-attr]
    assert root.findtext("https_port") == "8443"


def test_the_clusters_data_source_differs_from_the_other_by_its_authority_only() -> None:
    own, other = (
        yaml.safe_load((ROOT / path).read_text())["datasources"][0]
        for path in (
            "deploy/cluster/grafana/clickhouse.yaml",
            "deploy/grafana/provisioning/datasources/clickhouse.yaml",
        )
    )
    assert own["jsonData"].pop("tlsAuthWithCACert") is True
    assert own["secureJsonData"].pop("tlsCACert") == "$__file{/tls/ca.pem}"
    assert own == other


def test_the_three_brokers_differ_only_in_who_they_are() -> None:
    brokers = [cluster_services()[name]["environment"] for name in ("kafka", "kafka-2", "kafka-3")]
    for own in ("KAFKA_NODE_ID", "KAFKA_ADVERTISED_LISTENERS"):
        assert len({broker.pop(own) for broker in brokers}) == 3
    assert brokers[0] == brokers[1] == brokers[2]
    assert (brokers[0]["KAFKA_DEFAULT_REPLICATION_FACTOR"], brokers[0]["KAFKA_MIN_INSYNC_REPLICAS"]) == (3, 2)
