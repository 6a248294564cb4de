"""What Grafana does to a question before ClickHouse sees it: the data source's macros, variables with their formats, and the built-in ones.

After the documentation of the ClickHouse data source 4.x; only what our dashboards use, so anything else is an error.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dashboards.alert_rules import rules_file
from dashboards.frame import KINDS
from dashboards.language import Say
from dashboards.writing import files

_CONDITIONAL = "$__conditionalAll("
_MACRO = re.compile(r"\$__(timeFilter|timeInterval|fromTime|toTime|interval_s)\b(?:\(([^()]*)\))?")
_INSTANT = re.compile(r"\$\{__(from|to):date:seconds\}")
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")


@dataclass(frozen=True)
class Asked:
    """The dashboard's range, the panel's interval and the variables' values; a list is a choice of several, `$__all` all of them."""

    since: datetime
    until: datetime
    interval: timedelta = timedelta(minutes=1)
    variables: Mapping[str, str | list[str]] = field(default_factory=dict)

    def with_variable(self, name: str, value: str | list[str]) -> "Asked":
        return Asked(self.since, self.until, self.interval, {**self.variables, name: value})


class Question(NamedTuple):
    """A piece of SQL of a dashboard or an alert rule. `kind`: panel, variable, annotation, alert."""

    where: str
    kind: str
    name: str
    sql: str
    shape: str
    columns: frozenset[str]
    """Those that the panel names in its settings."""


def expand(sql: str, asked: Asked) -> str:
    """The SQL that reaches ClickHouse. Raises `LookupError` for a macro, variable or format that is not known here."""
    sql = _conditional(sql, asked)
    sql = _INSTANT.sub(lambda m: str(int((asked.since if m[1] == "from" else asked.until).timestamp())), sql)
    sql = _MACRO.sub(lambda m: _macro(m[1], m[2], asked), sql)
    sql = _VARIABLE.sub(lambda m: _variable(m[1] or m[3], m[2], asked), sql)
    if "$" in sql:
        raise LookupError(f"not expanded: {sql}")
    return sql


def _conditional(sql: str, asked: Asked) -> str:
    """`$__conditionalAll(condition, $variable)` is the condition, or `1=1` when all are chosen."""
    while (start := sql.rfind(_CONDITIONAL)) >= 0:
        depth, comma, end = 1, -1, start + len(_CONDITIONAL)
        while depth:
            letter = sql[end]
            depth += (letter == "(") - (letter == ")")
            comma = end if letter == "," and depth == 1 else comma
            end += 1
        name = sql[comma + 1 : end - 1].strip().lstrip("$")
        condition = sql[start + len(_CONDITIONAL) : comma]
        chosen = asked.variables[name]
        sql = sql[:start] + ("1=1" if chosen in ("$__all", ["$__all"], "") else condition) + sql[end:]
    return sql


def _macro(name: str, argument: str | None, asked: Asked) -> str:
    since, until = (f"toDateTime({int(t.timestamp())})" for t in (asked.since, asked.until))
    seconds = max(int(asked.interval.total_seconds()), 1)
    match name:
        case "timeFilter":
            return f"{argument} >= {since} AND {argument} <= {until}"
        case "timeInterval":
            return f"toStartOfInterval(toDateTime({argument}), INTERVAL {seconds} second)"
        case "fromTime":
            return since
        case "toTime":
            return until
        case _:
            return str(seconds)


def _variable(name: str, how: str | None, asked: Asked) -> str:
    value = asked.variables[name]
    values = [value] if isinstance(value, str) else value
    match how:
        case "sqlstring":
            return ",".join("'" + one.replace("'", "''") + "'" for one in values)
        case None:
            return value if isinstance(value, str) else ",".join(f"'{one}'" for one in value)
        case _:
            raise LookupError(f"format {how} of {name}")


def questions(language: str = "vi") -> list[Question]:
    """Every question of every dashboard of a language, and those of the alert rules, as they stand in the files."""
    import json

    import yaml

    say = Say("en" if language == "en" else "vi")
    found: list[Question] = []
    for path, text in files((say.language,)).items():
        if path.endswith("playlist.json") or not path.endswith(".json"):
            continue
        found.extend(_of_dashboard(json.loads(text)))
    found.extend(_of_rules(yaml.safe_load(rules_file())))
    assert {question.where for question in found} >= {say.uid(kind.name) for kind in KINDS}
    return found


def _of_dashboard(board: dict[str, Any]) -> Iterator[Question]:
    uid = board["uid"]
    for panel in board["panels"]:
        overrides = panel.get("fieldConfig", {}).get("overrides", [])
        columns = frozenset(o["matcher"]["options"] for o in overrides)
        for target in panel.get("targets", ()):
            yield Question(uid, "panel", panel["title"], target["rawSql"], _shape(target["format"]), columns)
    for variable in board["templating"]["list"]:
        yield Question(uid, "variable", variable["name"], variable["query"]["rawSql"], "table", frozenset())
    for annotation in board["annotations"]["list"]:
        if "rawSql" not in annotation["target"]:
            continue  # Grafana's own store
        needed = frozenset({"time", "title", "text", "tags"})
        yield Question(uid, "annotation", annotation["name"], annotation["target"]["rawSql"], "table", needed)


def _of_rules(content: dict[str, Any]) -> Iterator[Question]:
    for group in content["groups"]:
        for rule in group["rules"]:
            model = rule["data"][0]["model"]
            yield Question(
                "alerts", "alert", rule["uid"], model["rawSql"], _shape(model["format"]), frozenset()
            )


def _shape(number: int) -> str:
    return {0: "time series", 1: "table"}[number]
