"""Every file that the builder writes, by its path in the repository."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.alert_rules import rules_file
from dashboards.alerts_and_decisions import alerts_and_decisions
from dashboards.block_over_time import block_over_time
from dashboards.frame import ALERTS, BLOCKS, PIPELINE, ROOM, UNITS, Kind
from dashboards.language import LANGUAGES, Language, Say
from dashboards.monitoring_room import monitoring_room
from dashboards.pipeline_health import pipeline_health
from dashboards.playlist import wall
from dashboards.unit import unit

ROOT: Final = Path(__file__).resolve().parents[1]

BUILDERS: Final[dict[Kind, Callable[[Say], Dashboard]]] = {
    ROOM: monitoring_room,
    BLOCKS: block_over_time,
    UNITS: unit,
    PIPELINE: pipeline_health,
    ALERTS: alerts_and_decisions,
}


def files(languages: tuple[Language, ...] = LANGUAGES) -> dict[str, str]:
    """Text by path. Built again from the same code, they are the same bytes."""
    written = {"deploy/grafana/provisioning/alerting/rules.yaml": rules_file()}
    for language in languages:
        say = Say(language)
        for kind, build in BUILDERS.items():
            written[f"dashboards/json/{language}/{kind.folder}/{kind.name}.json"] = _text(build(say))
        written[f"dashboards/json/{language}/playlist.json"] = _text(wall(say))
    return written


def _text(model: object) -> str:
    return json.dumps(model, cls=JSONEncoder, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
