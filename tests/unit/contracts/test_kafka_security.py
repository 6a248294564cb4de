"""Every client of Kafka is secured as the settings say: none is forgotten, and half a setting is refused at the start."""

import ast
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.contracts.kafka import UNSECURED, kafka_security
from services.contracts.settings import ServiceSettings
from services.scoring.faust_app import build_app
from services.scoring.settings import ScoringSettings

SERVICES = Path(__file__).parents[3] / "services"
CLIENTS = {
    "KafkaProducer",
    "KafkaConsumer",
    "KafkaAdminClient",
    "AIOKafkaProducer",
    "AIOKafkaConsumer",
    "AIOKafkaAdminClient",
    "App",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key, in one folder."""
    folder = tmp_path_factory.mktemp("tls")
    made = f"-keyout {folder}/key.pem -out {folder}/cert.pem -subj /CN=ingest -days 1"
    curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    subprocess.run(
        ["openssl", "req", "-x509", *curve.split(), *made.split()], check=True, capture_output=True
    )
    return folder


def secured(folder: Path, **more: str) -> ServiceSettings:
    return ServiceSettings(
        kafka_ca_file=folder / "cert.pem",
        kafka_cert_file=folder / "cert.pem",
        kafka_key_file=folder / "key.pem",
        **more,
    )


def test_on_loopback_nothing_is_secured_and_clients_keep_their_defaults() -> None:
    assert kafka_security(ServiceSettings()) == UNSECURED


def test_tls_checks_the_brokers_certificate_and_name(certificate: Path) -> None:
    arguments = kafka_security(secured(certificate, kafka_security_protocol="SSL"))
    context = arguments["ssl_context"]
    assert set(arguments) == {"security_protocol", "ssl_context"}
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_password_goes_over_tls_only(certificate: Path) -> None:
    arguments = kafka_security(
        secured(
            certificate,
            kafka_security_protocol="SASL_SSL",
            kafka_sasl_user="ingest",
            kafka_sasl_password="of the test",
        )
    )
    assert arguments["sasl_plain_password"] == "of the test"
    assert isinstance(arguments["ssl_context"], ssl.SSLContext)
    with pytest.raises(ValidationError):
        ServiceSettings(kafka_security_protocol="SASL_PLAINTEXT")


@pytest.mark.parametrize(
    "half",
    [
        {"kafka_cert_file": "a.pem"},
        {"kafka_key_file": "a.pem"},
        {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_user": "ingest"},
    ],
)
def test_half_a_setting_is_refused_at_the_start(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="THIDUA_KAFKA_"):
        ServiceSettings(**half)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_faust_gets_the_same_as_the_other_clients(certificate: Path, protocol: str, tmp_path: Path) -> None:
    settings = ScoringSettings(
        **secured(
            certificate, kafka_security_protocol=protocol, kafka_sasl_user="u", kafka_sasl_password="p"
        ).model_dump(),
        data_dir=tmp_path,
    )
    credentials = build_app(settings, "scoring-test-0").conf.broker_credentials
    assert credentials.protocol.value == protocol


def clients_built() -> Iterator[tuple[str, ast.Call]]:
    """Every place of the services' code that builds a client."""
    for path in sorted(SERVICES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name_of(node) in CLIENTS:
                yield f"{path.relative_to(SERVICES)}:{node.lineno}", node


def _name_of(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "id", None) or getattr(function, "attr", "")


def test_no_client_is_built_without_the_settings_security() -> None:
    built = dict(clients_built())
    assert len(built) >= 10
    assert [where for where, call in built.items() if all(k.arg is not None for k in call.keywords)] == []


def test_no_follower_is_built_without_the_settings_security() -> None:
    followers = [
        (path.name, node)
        for path in sorted(SERVICES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _name_of(node) == "TopicFollower"
    ]
    assert followers
    assert [name for name, call in followers if "security" not in {k.arg for k in call.keywords}] == []
