"""A strict schema of what our Compose files use, by the Compose specification. A key that is not here is a mistake or wants adding here.

Stricter than the specification where both forms are allowed: lists of arguments and no shell lines, maps of variables and no lists.
"""

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_DURATION: Final = {"type": "string", "pattern": r"^(\d+(ms|s|m|h))+$"}
_ARGUMENTS: Final = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_TEXTS: Final = {"type": "array", "items": _TEXT, "uniqueItems": True}
_VALUES: Final = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }


_CONDITION: Final = {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}

_HEALTHCHECK: Final = _object(
    {
        "test": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 2,
            "prefixItems": [{"const": "CMD"}],
        },
        "interval": _DURATION,
        "timeout": _DURATION,
        "start_period": _DURATION,
        "start_interval": _DURATION,
        "retries": {"type": "integer", "minimum": 1},
    },
    ["test", "interval", "timeout", "retries", "start_period"],
)

_LIMITS: Final = _object(
    {
        "cpus": {"type": "string", "pattern": r"^\d+(\.\d+)?$"},
        "memory": {"type": "string", "pattern": r"^\d+[MG]$"},
    },
    ["cpus", "memory"],
)

_SERVICE: Final = _object(
    {
        "image": _TEXT,
        "build": _object({"context": _TEXT, "dockerfile": _TEXT}, ["context", "dockerfile"]),
        "extends": _object({"file": _TEXT, "service": _TEXT}, ["file", "service"]),
        "profiles": _TEXTS,
        "hostname": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "user": {"type": "string", "pattern": r"^\d+:\d+$"},
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "tmpfs": _TEXTS,
        "cap_drop": {"const": ["ALL"]},
        "security_opt": {"const": ["no-new-privileges:true"]},
        "entrypoint": _ARGUMENTS,
        "command": _ARGUMENTS,
        "environment": _VALUES,
        "volumes": _TEXTS,
        "ports": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^127\.0\.0\.1:(\$\{\w+:-\d+\}|\d+):\d+$"},
        },
        "networks": _TEXTS,
        "depends_on": {
            "type": "object",
            "additionalProperties": _object({"condition": _CONDITION}, ["condition"]),
        },
        "healthcheck": _HEALTHCHECK,
        "logging": _object({"driver": _TEXT, "options": _VALUES}, ["driver", "options"]),
        "restart": {"type": "string", "pattern": r"^(no|always|unless-stopped|on-failure(:\d+)?)$"},
        "stop_grace_period": _DURATION,
        "ulimits": {
            "type": "object",
            "additionalProperties": _object({"soft": {"type": "integer"}, "hard": {"type": "integer"}}),
        },
        "deploy": _object({"resources": _object({"limits": _LIMITS}, ["limits"])}, ["resources"]),
    }
)

COMPOSE_FILE: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "networks": {"type": "object", "additionalProperties": _object({})},
        "volumes": {"type": "object", "additionalProperties": _object({})},
    },
    "patternProperties": {"^x-": {}},
    "required": ["services"],
    "additionalProperties": False,
}
