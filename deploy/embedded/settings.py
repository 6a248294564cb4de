"""Where the embedded stack keeps its data and caches, and which ports it takes by default."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[2]


def _default_data_dir() -> Path:
    """`var/` of the checkout; of the working directory when installed without one."""
    home = PROJECT if (PROJECT / "pyproject.toml").exists() else Path.cwd()
    return home / "var"


class EmbeddedSettings(BaseSettings):
    """Read from environment variables that begin with THIDUA_; the command's options come first."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", extra="ignore")

    data_dir: Path = Field(default_factory=_default_data_dir)
    cache_dir: Path = Field(default_factory=lambda: Path.home() / ".cache" / "thidua")

    disk_warn_gb: float = (
        2.0  # `status` and `doctor` warn below it; a province's log grows by about 1 GB a year
    )

    port_base: int = 18000  # above the registered services that people run locally, below ephemeral ports
    kafka_port: int | None = None
    kafka_controller_port: int | None = None
    clickhouse_port: int | None = None
    ingest_port: int | None = None
    scoring_port: int | None = None
    storage_port: int | None = None
    alerting_port: int | None = None
    api_port: int | None = None

    @staticmethod
    def default_data_dir() -> Path:
        return _default_data_dir()
