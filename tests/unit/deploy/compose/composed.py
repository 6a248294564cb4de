"""Reads the Compose files as Compose does: anchors, `extends`, and an overlay laid over the base. No variable is replaced."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[4]
BASE = ROOT / "docker-compose.yml"
OVERLAY = ROOT / "deploy" / "cluster" / "docker-compose.cluster.yml"

VARIABLE = re.compile(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}")

Service = dict[str, Any]


def parsed(path: Path) -> dict[str, Any]:
    """The file with its anchors followed."""
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def base_services() -> dict[str, Service]:
    services: dict[str, Service] = parsed(BASE)["services"]
    return services


def cluster_services() -> dict[str, Service]:
    """The services of base and overlay together."""
    merged = base_services()
    for name, given in parsed(OVERLAY)["services"].items():
        own = dict(given)
        origin = own.pop("extends", None)
        beneath = merged.get(name, {}) if origin is None else base_services()[origin["service"]]
        merged[name] = _laid_over(beneath, own)
    return merged


def _laid_over(base: Service, over: Service) -> Service:
    merged = {**base, **over}
    for key in ("environment", "depends_on"):
        if key in base or key in over:
            merged[key] = {**base.get(key, {}), **over.get(key, {})}
    if "volumes" in base or "volumes" in over:
        by_target = {target_of(one): one for one in [*base.get("volumes", []), *over.get("volumes", [])]}
        merged["volumes"] = list(by_target.values())
    return merged


def target_of(volume: str) -> str:
    return VARIABLE.sub("", volume).split(":")[1]


def variables(text: str) -> dict[str, str]:
    """Name of each variable outside comments, with what follows it: `:?` must be given, `:-` has a default."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return {name: mark for name, mark, _ in VARIABLE.findall("\n".join(lines))}
