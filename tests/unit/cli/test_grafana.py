"""`thidua grafana provision` against a small Grafana that remembers: what it makes, that it can be run again, and what it says when it cannot."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from dashboards.frame import FOLDERS, KINDS
from dashboards.language import LANGUAGES, Language, Say
from dashboards.queries import DATASOURCE_NAME, DATASOURCE_UID
from services.cli.main import app
from tests.support.grafana_recorder import TOKEN, Grafana, running


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    with running(Grafana()) as server:
        yield server


def provision(grafana: Grafana, *arguments: str) -> Result:
    call = ["grafana", "provision", "--url", grafana.url, "--token", TOKEN]
    return CliRunner().invoke(app, [*call, "--clickhouse-url", "http://clickhouse:8123", *arguments])


def outcomes(said: Result) -> dict[str, list[str]]:
    """Outcomes by kind."""
    found: dict[str, list[str]] = {}
    for item in json.loads(said.stdout)["items"]:
        found.setdefault(item["kind"], []).append(item["outcome"])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_made_in_an_empty_grafana(grafana: Grafana, language: Language) -> None:
    said = provision(grafana, "--lang", language, "--json")
    assert said.exit_code == 0, said.output
    assert outcomes(said) == {
        "data source": ["created"],
        "folder": ["created"] * len(FOLDERS),
        "rights": ["updated"],
        "dashboard": ["created"] * len(KINDS),
        "annotation": ["created"],
    }
    say = Say(language)
    assert {uid: kept["meta"]["folderUid"] for uid, kept in grafana.dashboards.items()} == {
        say.uid(kind.name): say.uid(kind.folder) for kind in KINDS
    }
    source = grafana.datasources[DATASOURCE_NAME]
    assert (source["uid"], source["jsonData"]["host"], source["jsonData"]["port"]) == (
        DATASOURCE_UID,
        "clickhouse",
        8123,
    )


def test_run_again_it_says_unchanged_and_writes_nothing(grafana: Grafana) -> None:
    provision(grafana)
    grafana.calls.clear()
    said = provision(grafana)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[-1] == "Nothing to change."
    assert all(line.startswith("unchanged") for line in lines[:-1])
    assert grafana.writes == []


def test_both_languages_stand_side_by_side(grafana: Grafana) -> None:
    provision(grafana)
    said = provision(grafana, "--lang", "en", "--json")
    assert outcomes(said)["data source"] == ["unchanged"]
    assert len(grafana.dashboards) == 2 * len(KINDS) and len(grafana.folders) == 2 * len(FOLDERS)


def test_only_what_differs_is_updated(grafana: Grafana) -> None:
    provision(grafana)
    grafana.dashboards["thidua-unit"]["dashboard"]["description"] = "thidua of another version"
    grafana.folders["thidua-room"]["title"] = "Renamed"
    grafana.datasources[DATASOURCE_NAME]["jsonData"]["port"] = 1
    grafana.calls.clear()
    found = outcomes(provision(grafana, "--json"))
    assert found["data source"] == ["updated"]
    assert sorted(found["folder"]) == ["unchanged", "updated"]
    assert sorted(found["dashboard"]) == ["unchanged"] * (len(KINDS) - 1) + ["updated"]
    assert grafana.writes == [
        f"PUT /datasources/uid/{DATASOURCE_UID}",
        "PUT /folders/thidua-room",
        "POST /dashboards/db",
    ]


def test_viewers_lose_the_folder_of_units_and_teams_keep_it(grafana: Grafana) -> None:
    provision(grafana)
    assert grafana.rights["thidua-units"] == [{"role": "Editor", "permission": 2}]
    assert {"role": "Viewer", "permission": 1} in grafana.rights["thidua-room"]
    council = {"teamId": 3, "permission": 1, "team": "Hội đồng"}
    grafana.rights["thidua-units"] = [{"role": "Viewer", "permission": 1}, council]
    assert outcomes(provision(grafana, "--json"))["rights"] == ["updated"]
    assert grafana.rights["thidua-units"] == [{"teamId": 3, "permission": 1}]


def test_a_data_source_of_that_name_is_used_as_it_is(grafana: Grafana) -> None:
    own: dict[str, Any] = {"uid": "abc", "type": "grafana-clickhouse-datasource", "jsonData": {"port": 9000}}
    grafana.datasources["Kho số liệu"] = own
    found = outcomes(provision(grafana, "--datasource", "Kho số liệu", "--json"))
    assert found["data source"] == ["left alone"]
    target = grafana.dashboards["thidua-unit"]["dashboard"]["panels"][0]["targets"][0]
    assert target["datasource"]["uid"] == "abc"
    assert DATASOURCE_UID not in json.dumps(grafana.dashboards)


def test_a_data_source_of_another_kind_is_refused_before_anything_is_made(grafana: Grafana) -> None:
    grafana.datasources[DATASOURCE_NAME] = {"uid": "x", "type": "prometheus"}
    said = provision(grafana)
    assert said.exit_code == 1
    assert "is a prometheus" in said.stderr and "--datasource" in said.stderr
    assert grafana.writes == []


def test_dashboards_that_come_from_files_are_left_alone(grafana: Grafana) -> None:
    provision(grafana)
    grafana.dashboards["thidua-unit"] = {"dashboard": {}, "meta": {"provisioned": True}}
    assert outcomes(provision(grafana, "--json"))["dashboard"].count("left alone") == 1


def test_a_grafana_that_is_not_there_is_said_so() -> None:
    said = provision(Grafana(url="http://127.0.0.1:9"))
    assert said.exit_code == 3
    assert said.stderr == "Grafana does not answer at http://127.0.0.1:9.\nStart it, or give another --url.\n"


@pytest.mark.parametrize(
    ("status", "exit_code", "words"),
    [(401, 2, "--token"), (403, 2, "role Admin"), (409, 1, "run this again"), (500, 3, "its log")],
)
def test_each_refusal_says_what_to_do(grafana: Grafana, status: int, exit_code: int, words: str) -> None:
    grafana.fails_with = status
    said = provision(grafana)
    assert said.exit_code == exit_code
    assert len(said.stderr.splitlines()) == 2 and words in said.stderr


def test_a_reader_may_not_provision(grafana: Grafana) -> None:
    grafana.may_write = False
    said = provision(grafana)
    assert said.exit_code == 2 and "additional permissions" in said.stderr


def test_somebody_must_ask(grafana: Grafana) -> None:
    said = CliRunner().invoke(app, ["grafana", "provision", "--url", grafana.url])
    assert said.exit_code == 2 and "GRAFANA_PASSWORD" in said.stderr


@pytest.mark.parametrize("wrong", [["--lang", "fr"], ["--url", "grafana"], ["--clickhouse-url", "x"]])
def test_wrong_arguments_are_named(grafana: Grafana, wrong: list[str]) -> None:
    said = provision(grafana, *wrong)
    assert said.exit_code == 2 and wrong[1] in said.stderr
    assert grafana.calls == []
