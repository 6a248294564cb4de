"""What the builder writes is what is committed, and what every dashboard of this project must hold to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dashboards.alert_rules import RULES, rules_file
from dashboards.frame import KINDS, PIPELINE, ROOM
from dashboards.language import LANGUAGES, Language, Say
from dashboards.queries import DATASOURCE_TYPE, DATASOURCE_UID
from dashboards.writing import ROOT, files
from services.storage.migration import shipped_migrations
from tests.support.grafana import questions

FILES = files()
BOARDS = {
    path: json.loads(text)
    for path, text in FILES.items()
    if path.endswith(".json") and not path.endswith("playlist.json")
}


def test_the_committed_files_are_what_the_builder_writes() -> None:
    differing = [path for path, text in FILES.items() if (ROOT / path).read_text("utf-8") != text]
    assert differing == [], "run `python -m dashboards`"


def test_nothing_else_lies_beside_them() -> None:
    held = {str(path.relative_to(ROOT)) for path in (ROOT / "dashboards" / "json").rglob("*.json")}
    assert held == {path for path in FILES if path.startswith("dashboards/json/")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_dashboard_and_a_playlist_of_the_rooms(language: Language) -> None:
    say = Say(language)
    uids = {board["uid"] for path, board in BOARDS.items() if f"/{language}/" in path}
    assert uids == {say.uid(kind.name) for kind in KINDS}
    playlist = json.loads(FILES[f"dashboards/json/{language}/playlist.json"])
    shown = [(item["type"], item["value"]) for item in playlist["spec"]["items"]]
    assert (playlist["apiVersion"], playlist["metadata"]["name"]) == (
        "playlist.grafana.app/v1",
        say.uid("wall"),
    )
    assert shown == [("dashboard_by_uid", say.uid(kind.name)) for kind in (ROOM, PIPELINE)]


def test_both_languages_ask_for_the_same_panels() -> None:
    vi, en = (
        [(p["type"], p["gridPos"]) for path, b in BOARDS.items() if f"/{lang}/" in path for p in b["panels"]]
        for lang in LANGUAGES
    )
    assert vi == en


@pytest.mark.parametrize("path", BOARDS)
def test_panels_are_numbered_fit_the_grid_and_ask_the_one_data_source(path: str) -> None:
    panels = BOARDS[path]["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24
        for target in panel["targets"]:
            assert target["datasource"] == {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
            assert (target["queryType"], target["format"]) in {("timeseries", 0), ("table", 1)}
    assert not _overlapping(panels)


def _overlapping(panels: list[dict[str, Any]]) -> list[tuple[str, str]]:
    places = [(p["title"], p["gridPos"]) for p in panels]
    return [
        (one, other)
        for n, (one, a) in enumerate(places)
        for other, b in places[n + 1 :]
        if a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    ]


@pytest.mark.parametrize("path", BOARDS)
def test_variables_hang_only_on_those_before_them(path: str) -> None:
    names: list[str] = []
    for variable in BOARDS[path]["templating"]["list"]:
        assert all(
            f"${{{name}" not in variable["query"]["rawSql"] for name in _variables(path) if name not in names
        )
        names.append(variable["name"])
    assert names[:2] == ["campaign", "block"] and names[-1] == "figures"


@pytest.mark.parametrize("path", BOARDS)
def test_variables_ask_in_the_form_that_every_version_4_of_the_data_source_reads(path: str) -> None:
    for variable in BOARDS[path]["templating"]["list"]:
        assert set(variable["query"]) == {"refId", "editorType", "queryType", "rawSql"}
        assert (variable["query"]["editorType"], variable["query"]["queryType"]) == ("sql", "sql")


@pytest.mark.parametrize("path", BOARDS)
def test_columns_that_only_links_need_are_hidden_in_old_and_new_tables(path: str) -> None:
    for panel in BOARDS[path]["panels"]:
        for override in panel.get("fieldConfig", {}).get("overrides", []):
            ids = {each["id"] for each in override["properties"]}
            assert ids >= {"custom.hidden", "custom.hideFrom.viz"} or "custom.hidden" not in ids


def _variables(path: str) -> list[str]:
    return [variable["name"] for variable in BOARDS[path]["templating"]["list"]]


@pytest.mark.parametrize("path", BOARDS)
def test_links_lead_to_dashboards_that_exist_and_keep_the_variables(path: str) -> None:
    uids = {board["uid"] for board in BOARDS.values()}
    found = list(_links(BOARDS[path]))
    assert len(found) >= 2
    for url in found:
        uid, _, query = url.removeprefix("/d/").partition("?")
        assert uid in uids
        given = [
            part.partition("=")[0].removeprefix("${").removesuffix(":queryparam}")
            for part in query.split("&")
        ]
        names = [name.removeprefix("var-") for name in given]
        assert len(names) == len(set(names)), (
            "what comes twice is a list, which a variable of one value does not take"
        )
        assert "${__all_variables}" in query or {"campaign", "block"} <= set(names)
        assert "${__url_time_range}" in query
    assert any("kiosk" in url for url in found)


def _links(board: dict[str, Any]) -> Iterator[str]:
    yield from (link["url"] for link in board["links"] if link["type"] == "link")
    for panel in board["panels"]:
        for override in panel.get("fieldConfig", {}).get("overrides", []):
            for each in override["properties"]:
                if each["id"] == "links":
                    yield from (link["url"] for link in each["value"])


@pytest.mark.parametrize("path", BOARDS)
def test_no_rank_stands_without_its_interval(path: str) -> None:
    for panel in BOARDS[path]["panels"]:
        columns = {o["matcher"]["options"] for o in panel.get("fieldConfig", {}).get("overrides", [])}
        if "rank" in columns:
            assert columns & {"interval", "interval_best"}, panel["title"]


@pytest.mark.parametrize("path", [path for path in BOARDS if "/unit.json" in path or "/block-" in path])
def test_no_unit_is_ever_red(path: str) -> None:
    assert '"red"' not in FILES[path] and "-red" not in FILES[path]


@pytest.mark.parametrize("path", BOARDS)
def test_figures_of_units_say_when_they_are_invented(path: str) -> None:
    for panel in BOARDS[path]["panels"]:
        columns = {o["matcher"]["options"] for o in panel.get("fieldConfig", {}).get("overrides", [])}
        if panel["type"] == "barchart" or (panel["type"] == "table" and {"rank", "points"} & columns):
            assert "${figures}" in panel["title"]
    figures = next(v for v in BOARDS[path]["templating"]["list"] if v["name"] == "figures")
    assert "MÔ PHỎNG" in figures["query"]["rawSql"] and figures["hide"] == 2


def test_questions_stand_on_views_and_tables_that_storage_makes() -> None:
    made = " ".join(sql for migration in shipped_migrations() for sql in migration.statements)
    for question in questions():
        for word in question.sql.replace("(", " ").replace("\n", " ").split(" FROM ")[1:]:
            name = word.split()[0].rstrip(")")
            assert f" {name} " in made, (question.name, name)


def test_alert_rules_cover_silence_lag_dead_letters_and_halted_blocks() -> None:
    rules = {rule["uid"]: rule for rule in yaml.safe_load(rules_file())["groups"][0]["rules"]}
    assert {"heartbeat", "feed-silent", "lag", "behind", "dead-letters", "halted", "unreached"} == {
        uid.removeprefix("thidua-") for uid in rules
    }
    assert rules["thidua-heartbeat"]["noDataState"] == "Alerting"
    for rule in rules.values():
        assert rule["condition"] in {part["refId"] for part in rule["data"]}


def test_queries_and_summaries_of_rules_stand_as_grafana_is_to_take_them() -> None:
    """Its provisioning replaces nothing in them: a doubled dollar would reach ClickHouse, or a template, as two."""
    assert "$$" not in rules_file()
    for rule, made in zip(RULES, _rules(), strict=True):
        assert made["data"][0]["model"]["rawSql"] == rule.sql
        assert made["annotations"]["summary"] == rule.summary


def test_a_rule_leads_to_a_panel_that_exists() -> None:
    panels = {(board["uid"], panel["id"]) for board in BOARDS.values() for panel in board["panels"]}
    for rule in _rules():
        place = (rule["dashboardUid"], rule["panelId"])
        assert place in panels
        assert place == (rule["annotations"]["__dashboardUid__"], int(rule["annotations"]["__panelId__"]))


def test_ticks_do_not_hide_a_silent_feed() -> None:
    (silent,) = [rule.sql for rule in RULES if rule.uid == "thidua-feed-silent"]
    assert "report.v1" in silent and "tick" not in silent


def _rules() -> list[dict[str, Any]]:
    return list(yaml.safe_load(rules_file())["groups"][0]["rules"])
