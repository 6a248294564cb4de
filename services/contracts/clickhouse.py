"""How every service reaches ClickHouse: the settings, and a client without the traps."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from pydantic import Field, SecretStr

from services.contracts.settings import ServiceSettings


class ClickHouseSettings(ServiceSettings):
    """Where ClickHouse is, and who asks."""

    clickhouse_url: str = Field("http://127.0.0.1:18123", description="address of the HTTP interface")
    clickhouse_user: str = Field("default", description="user of ClickHouse")
    clickhouse_password: SecretStr = Field(SecretStr(""), description="its password")
    clickhouse_ca_file: Path | None = Field(
        None,
        description="PEM of who signed ClickHouse's certificate, with an https address; else the usual authorities",
    )
    clickhouse_database: str = Field("thidua", description="database of the project")
    clickhouse_connect_timeout_s: int = Field(3, description="an engine that is up accepts at once")
    clickhouse_timeout_s: int = Field(30, description="the longest that one query or insert may take")


def connect(settings: ClickHouseSettings, database: str | None = None) -> Any:
    """A clickhouse-connect client that threads may share. Raises `clickhouse_connect.driver.exceptions.Error` when ClickHouse is not there.

    Times come back aware, in UTC. No session: one session serves one query at a time (ENGINEERING 3).
    """
    address = urlsplit(settings.clickhouse_url)
    return clickhouse_connect.get_client(
        host=address.hostname or "127.0.0.1",
        port=address.port or (8443 if address.scheme == "https" else 8123),
        interface=address.scheme,
        ca_cert=None if settings.clickhouse_ca_file is None else str(settings.clickhouse_ca_file),
        username=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database if database is None else database,
        connect_timeout=settings.clickhouse_connect_timeout_s,
        send_receive_timeout=settings.clickhouse_timeout_s,
        autogenerate_session_id=False,
        tz_mode="aware",
    )
