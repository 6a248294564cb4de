"""The base of every service's settings: environment variables that begin with `THIDUA_`."""

import sys
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_FORMS: Final = {
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
}
S = TypeVar("S", bound=BaseSettings)


def read_settings(kind: type[S], **given: Any) -> S:
    """The settings from the environment, `given` ones first: how every service and command reads them.

    Settings that are not right end the program with exit code 2 and one sentence for each: the variable, its value, and what it must be.
    """
    try:
        return kind(**given)
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix", ""))
        for fault in error.errors(include_url=False, include_context=False):
            print(_sentence(prefix, dict(fault)), file=sys.stderr)
        raise SystemExit(2) from None


def _sentence(prefix: str, fault: dict[str, Any]) -> str:
    said = str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "must be", 1)
    if not fault["loc"]:
        return f"{said}."
    name = f"{prefix}{fault['loc'][0]}".upper()
    shown = "" if "PASSWORD" in name else f" {fault['input']!r}"
    return f"{name}{shown} {_FORMS.get(str(fault['type']), said)}."


class ServiceSettings(BaseSettings):
    """What every service needs. Each service adds its own fields; units stand in the names."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", extra="ignore", frozen=True)

    kafka_bootstrap: str = Field("127.0.0.1:19092", description="broker addresses, comma-separated")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = Field(
        "PLAINTEXT",
        description="plain text is for loopback and a closed network; a password never goes over it",
    )
    kafka_ca_file: Path | None = Field(
        None,
        description="PEM of who signed the brokers' certificates; without it the system's own list is taken",
    )
    kafka_cert_file: Path | None = Field(
        None, description="PEM of this service's certificate, by which the ACLs know it"
    )
    kafka_key_file: Path | None = Field(None, description="PEM of its key")
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="with SASL_SSL; the broker keeps no password in clear with SCRAM"
    )
    kafka_sasl_user: str = Field("", description="with SASL_SSL: the name that the ACLs know")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="with SASL_SSL: its password")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="lines below it are left out"
    )

    def kafka_servers(self) -> list[str]:
        """Addresses as the clients take them."""
        return [address.strip() for address in self.kafka_bootstrap.split(",") if address.strip()]

    @model_validator(mode="after")
    def _kafka_is_whole(self) -> Self:
        """Half a pair of settings would fail only at the first connection, and would then look like a broker that is down."""
        if (self.kafka_cert_file is None) != (self.kafka_key_file is None):
            raise ValueError("THIDUA_KAFKA_CERT_FILE and THIDUA_KAFKA_KEY_FILE go together")
        if self.kafka_security_protocol == "SASL_SSL" and not (
            self.kafka_sasl_user and self.kafka_sasl_password.get_secret_value()
        ):
            raise ValueError("SASL_SSL needs THIDUA_KAFKA_SASL_USER and THIDUA_KAFKA_SASL_PASSWORD")
        return self
