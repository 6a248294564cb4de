"""`thidua grafana`: pushes folders, data source and dashboards into a Grafana that runs already."""

import json
import time
from typing import Annotated

import typer

from dashboards.language import LANGUAGES, Language
from dashboards.queries import DATASOURCE_NAME
from services.cli.apps import sub_command
from services.cli.failures import CalledWrongly
from services.cli.grafana_items import datasource as clickhouse
from services.cli.grafana_provisioning import Item, provision
from services.cli.grafana_server import Auth, GrafanaServer
from services.cli.settings import settings

app = sub_command("Push the dashboards into a running Grafana.")


@app.callback()
def grafana() -> None:
    """Push the dashboards into a running Grafana."""


@app.command(name="provision")
def provision_command(
    url: Annotated[str, typer.Option(envvar="GRAFANA_URL", help="Address of Grafana.")],
    token: Annotated[
        str | None, typer.Option(envvar="GRAFANA_TOKEN", help="Token of a service account.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(envvar="GRAFANA_USER", help="Instead of a token: a user's name.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(envvar="GRAFANA_PASSWORD", help="Better in the environment than here.")
    ] = None,
    lang: Annotated[str, typer.Option(help="vi or en: the set of dashboards.")] = "vi",
    datasource: Annotated[str, typer.Option(help="Name of the ClickHouse data source.")] = DATASOURCE_NAME,
    clickhouse_url: Annotated[
        str | None, typer.Option(help="Where Grafana reaches ClickHouse; else as this command does.")
    ] = None,
    clickhouse_user: Annotated[str, typer.Option(help="A user who can only read.")] = "grafana",
    clickhouse_password: Annotated[
        str, typer.Option(envvar="GRAFANA_CLICKHOUSE_PASSWORD", help="That user's password.")
    ] = "",
    clickhouse_database: Annotated[str, typer.Option(help="The project's database.")] = "thidua",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Create or update folders, data source, dashboards and a mark on the time axis. May be run again; says what it changed.

    Example: GRAFANA_TOKEN=glsa_... thidua grafana provision --url http://127.0.0.1:3000 --lang vi
    """
    address = clickhouse_url or settings().clickhouse_url
    try:
        wanted = clickhouse(datasource, address, clickhouse_user, clickhouse_password, clickhouse_database)
    except ValueError as error:
        raise CalledWrongly(
            f"{address} is no address of ClickHouse.", "Give one such as http://127.0.0.1:8123."
        ) from error
    server = GrafanaServer(url, _auth(token, user, password))
    items = []
    for item in provision(server, _language(lang), wanted, lambda: int(time.time() * 1000)):
        items.append(item)
        if not as_json:
            typer.echo(f"{item.outcome:<11}{item.kind:<13}{item.name}")
    if as_json:
        typer.echo(json.dumps({"items": [item._asdict() for item in items]}, ensure_ascii=False))
    else:
        typer.echo(_summary(items))


def _auth(token: str | None, user: str | None, password: str | None) -> Auth:
    if token:
        return token
    if user and password:
        return user, password
    raise CalledWrongly(
        "Grafana wants to know who asks.",
        "Give --token (or GRAFANA_TOKEN), or --user and GRAFANA_PASSWORD.",
    )


def _language(text: str) -> Language:
    for language in LANGUAGES:
        if language == text:
            return language
    raise CalledWrongly(f"There is no set of dashboards in {text}.", "Give --lang vi or --lang en.")


def _summary(items: list[Item]) -> str:
    changed = sum(item.outcome in ("created", "updated") for item in items)
    return f"{changed} of {len(items)} changed." if changed else "Nothing to change."
