"""The files that Grafana and ClickHouse read: their keys, and that they name one another rightly."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from dashboards.frame import FOLDERS, KINDS
from dashboards.language import LANGUAGES, Say
from dashboards.queries import DATASOURCE_NAME, DATASOURCE_TYPE, DATASOURCE_UID
from dashboards.writing import ROOT

PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"
FILES = sorted(PROVISIONING.rglob("*.yaml"))

# keys that Grafana's provisioning knows (its documentation of file provisioning, version 12)
ROOTS = {
    "datasources/clickhouse.yaml": {"apiVersion", "prune", "datasources"},
    "dashboards/thidua.yaml": {"apiVersion", "providers"},
    "alerting/rules.yaml": {"apiVersion", "groups"},
    "alerting/contact_points.yaml": {"apiVersion", "contactPoints"},
    "alerting/policies.yaml": {"apiVersion", "policies"},
    "alerting/mute_timings.yaml": {"apiVersion", "muteTimes"},
}
DATASOURCE_KEYS = {
    "name",
    "uid",
    "type",
    "orgId",
    "access",
    "isDefault",
    "editable",
    "jsonData",
    "secureJsonData",
}
PLUGIN_KEYS = {
    "protocol",
    "host",
    "port",
    "secure",
    "username",
    "defaultDatabase",
    "dialTimeout",
    "queryTimeout",
}
PROVIDER_KEYS = {
    "name",
    "orgId",
    "folder",
    "folderUid",
    "type",
    "disableDeletion",
    "allowUiUpdates",
    "updateIntervalSeconds",
    "options",
}
RULE_KEYS = {
    "uid",
    "title",
    "condition",
    "data",
    "dashboardUid",
    "panelId",
    "noDataState",
    "execErrState",
    "for",
    "annotations",
    "labels",
    "isPaused",
}


def _read(name: str) -> Any:
    return yaml.safe_load((PROVISIONING / name).read_text("utf-8"))


def test_every_file_is_known_and_of_the_first_version() -> None:
    assert {str(path.relative_to(PROVISIONING)) for path in FILES} == set(ROOTS)
    for name, keys in ROOTS.items():
        content = _read(name)
        assert set(content) == keys
        assert content["apiVersion"] == 1


def test_the_data_source_is_the_one_that_panels_name() -> None:
    (source,) = _read("datasources/clickhouse.yaml")["datasources"]
    assert set(source) == DATASOURCE_KEYS
    assert (source["name"], source["uid"], source["type"]) == (
        DATASOURCE_NAME,
        DATASOURCE_UID,
        DATASOURCE_TYPE,
    )
    assert set(source["jsonData"]) == PLUGIN_KEYS
    assert source["jsonData"]["protocol"] == "http"
    assert source["secureJsonData"] == {"password": "$GRAFANA_CLICKHOUSE_PASSWORD"}


def test_a_provider_reads_each_folder_of_each_language() -> None:
    providers = _read("dashboards/thidua.yaml")["providers"]
    expected = {
        (Say(language).uid(name), Say(language)(folder.vi, folder.en), f"{language}/{name}")
        for language in LANGUAGES
        for name, folder in FOLDERS.items()
    }
    found = {(p["folderUid"], p["folder"], "/".join(p["options"]["path"].split("/")[-2:])) for p in providers}
    assert found == expected
    for provider in providers:
        assert set(provider) == PROVIDER_KEYS
        own = ROOT / "dashboards" / "json" / "/".join(provider["options"]["path"].split("/")[-2:])
        assert {path.stem for path in own.glob("*.json")} == {k.name for k in KINDS if k.folder == own.name}


def test_what_is_about_single_units_stands_in_the_closed_folder() -> None:
    assert {kind.name for kind in KINDS if kind.folder == "units"} == {
        "unit",
        "block-over-time",
        "alerts-and-decisions",
    }


def test_rules_have_the_keys_of_grafana_and_a_folder_of_their_own() -> None:
    """Rules are provisioned first and make their folder by its title: in a dashboards' one there would be two of that title."""
    (group,) = _read("alerting/rules.yaml")["groups"]
    others = {provider["folder"] for provider in _read("dashboards/thidua.yaml")["providers"]}
    assert group["folder"] not in others and "/" not in group["folder"]
    for rule in group["rules"]:
        assert set(rule) == RULE_KEYS
        assert rule["noDataState"] in {"Alerting", "OK", "NoData", "KeepLast"}
        assert rule["execErrState"] in {"Alerting", "OK", "Error", "KeepLast"}
        for part in rule["data"]:
            assert set(part) == {"refId", "relativeTimeRange", "datasourceUid", "model"}
            assert part["datasourceUid"] in {DATASOURCE_UID, "__expr__"}


def test_policies_name_contact_points_and_mute_timings_that_exist() -> None:
    (points,) = _read("alerting/contact_points.yaml")["contactPoints"]
    (mute,) = _read("alerting/mute_timings.yaml")["muteTimes"]
    (tree,) = _read("alerting/policies.yaml")["policies"]
    for route in (tree, *tree["routes"]):
        assert route["receiver"] == points["name"]
        assert set(route.get("mute_time_intervals", [])) <= {mute["name"]}
    for receiver in points["receivers"]:
        assert set(receiver) == {"uid", "type", "disableResolveMessage", "settings"}


def test_only_the_rule_of_working_hours_is_muted() -> None:
    (tree,) = _read("alerting/policies.yaml")["policies"]
    muted = [route["object_matchers"] for route in tree["routes"] if "mute_time_intervals" in route]
    assert muted == [[["service", "=", "thidua"], ["hours", "=", "working"]]]
    rules = _read("alerting/rules.yaml")["groups"][0]["rules"]
    assert [r["uid"] for r in rules if r["labels"]["hours"] == "working"] == ["thidua-feed-silent"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_of_the_environment_is_documented_and_holds_no_secret(path: Path) -> None:
    text = "" if path.name == "rules.yaml" else path.read_text("utf-8")  # rules are taken as they stand
    documented = (ROOT / "docs" / "grafana.md").read_text("utf-8")
    for name in re.findall(r"\$(\w+)", text):
        assert f"`{name}`" in documented


def test_nobody_reads_without_signing_in() -> None:
    text = (ROOT / "deploy" / "grafana" / "grafana.ini").read_text("utf-8")
    sections = dict(re.findall(r"\[([\w.]+)\]\n(?:#.*\n)*enabled = (\w+)", text))
    closed = ("auth.anonymous", "public_dashboards", "snapshots")
    assert [sections[name] for name in closed] == ["false"] * 3


def test_grafanas_user_of_clickhouse_reads_the_projects_database_and_may_set_a_time_limit() -> None:
    root = ElementTree.parse(ROOT / "deploy" / "clickhouse" / "users.d" / "grafana.xml").getroot()
    assert root.findtext("profiles/grafana/readonly") == "2"
    assert root.find("profiles/grafana/constraints/readonly/const") is not None
    limit = root.find("profiles/grafana/constraints/max_execution_time")
    assert limit is not None and limit.find("const") is None and limit.findtext("max") == "60"
    grants = [grant.text for grant in root.findall("users/grafana/grants/query")]
    assert grants == ["GRANT SELECT ON thidua.*"]
    password = root.find("users/grafana/password")
    assert password is not None and password.text is None and "from_env" in password.attrib
    sql = (ROOT / "deploy" / "clickhouse" / "grafana_user.sql").read_text("utf-8")
    assert "GRANT SELECT ON thidua.* TO grafana;" in sql and "readonly = 2 CONST" in sql
