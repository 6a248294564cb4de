"""Settings of the command: where the stack is, unless options say so."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.settings import ServiceSettings, read_settings

_CHECKOUT = Path(__file__).resolve().parents[2]


def _default_data_dir() -> Path:
    """`var/` of the checkout; of the working directory when installed without one."""
    home = _CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()
    return home / "var"


class CliSettings(ServiceSettings):
    """Environment first; what it leaves out comes from the running embedded stack's `run/stack.json`, then from the defaults."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=_default_data_dir, description="data of the embedded stack")
    ingest_url: str = Field("http://127.0.0.1:18080", description="address of the HTTP door")
    clickhouse_url: str = Field(
        "http://127.0.0.1:18123", description="address of ClickHouse's HTTP interface"
    )
    partitions: int = Field(DEFAULT_PARTITIONS, description="partitions of the topics that are kept by block")
    storage_group: str = Field(
        "storage", description="consumer group of storage: what it has committed is stored"
    )
    replication: int = Field(1, description="copies of each partition: 3 on a cluster, 1 on one machine")
    feed_rate: float = Field(
        2.0, description="events a second of the simulated campaigns' live feed: rows move, a room can follow"
    )
    door_retry_s: float = Field(
        600.0, description="how long a command goes on trying a door that does not answer"
    )

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"


@cache
def settings() -> CliSettings:
    """Read once a run."""
    own = read_settings(CliSettings)
    recorded = _recorded_environment(own.data_dir)
    missing = {name: value for name, value in recorded.items() if name not in own.model_fields_set}
    return own.model_copy(update=CliSettings(**missing).model_dump(include=set(missing)))


def _recorded_environment(data_dir: Path) -> dict[str, Any]:
    """Fields that a stack started on this folder wrote down for its programs; empty when there is none."""
    try:
        environment = json.loads((data_dir / "run" / "stack.json").read_text())["environment"]
    except (OSError, ValueError, KeyError):
        return {}
    prefix = "THIDUA_"
    found = {
        key.removeprefix(prefix).lower(): value
        for key, value in environment.items()
        if key.startswith(prefix)
    }
    return {name: value for name, value in found.items() if name in CliSettings.model_fields}
