"""The base of every service's settings: environment variables that begin with `THIDUA_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service needs. Each service adds its own fields; units stand in the names."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", extra="ignore", frozen=True)

    kafka_bootstrap: str = Field("127.0.0.1:19092", description="broker addresses, comma-separated")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    def kafka_servers(self) -> list[str]:
        """Addresses as the clients take them."""
        return [address.strip() for address in self.kafka_bootstrap.split(",") if address.strip()]
