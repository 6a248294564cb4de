"""How every client of Kafka is secured: one function for kafka-python and aiokafka, which name these arguments alike.

Faust takes credentials instead; `scoring.faust_app` makes them of the same arguments.
"""

import ssl
from collections.abc import Mapping
from typing import Any, Final

from services.contracts.settings import ServiceSettings

Security = Mapping[str, Any]
"""Keyword arguments of a client: protocol, TLS context, name and password."""

UNSECURED: Final[Security] = {}
"""What the clients do without arguments: plain text, as on one machine's loopback."""


def kafka_security(settings: ServiceSettings) -> Security:
    """The arguments that these settings ask for. Raises `OSError` when a file is missing or is no certificate (`ssl.SSLError` is one)."""
    if settings.kafka_security_protocol == "PLAINTEXT":
        return UNSECURED
    arguments: dict[str, Any] = {
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": _context(settings),
    }
    if settings.kafka_security_protocol == "SASL_SSL":
        arguments |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_user,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return arguments


def _context(settings: ServiceSettings) -> ssl.SSLContext:
    """Checks the broker's certificate and its host name; shows our own when there is one."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=settings.kafka_ca_file)
    if settings.kafka_cert_file is not None:
        context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
    return context
