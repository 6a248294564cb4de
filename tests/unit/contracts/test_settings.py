"""Settings that are not right end every program with one sentence: variable, value, form."""

import pytest
from pydantic import SecretStr

from deploy.embedded.settings import EmbeddedSettings
from services.cli.settings import CliSettings
from services.contracts.settings import ServiceSettings, read_settings
from services.ingest.settings import IngestSettings


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        (EmbeddedSettings, "PORT_BASE", "28x00", "THIDUA_PORT_BASE '28x00' must be a whole number."),
        (CliSettings, "FEED_RATE", "fast", "THIDUA_FEED_RATE 'fast' must be a number."),
        (
            IngestSettings,
            "INGEST_PORT",
            "70000",
            "THIDUA_INGEST_PORT '70000' must be less than or equal to 65535.",
        ),
        (
            ServiceSettings,
            "LOG_LEVEL",
            "verbose",
            "THIDUA_LOG_LEVEL 'verbose' must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'.",
        ),
        (
            ServiceSettings,
            "KAFKA_CERT_FILE",
            "a.pem",
            "THIDUA_KAFKA_CERT_FILE and THIDUA_KAFKA_KEY_FILE go together.",
        ),
    ],
)
def test_a_fault_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: type[ServiceSettings],
    name: str,
    value: str,
    sentence: str,
) -> None:
    monkeypatch.setenv(f"THIDUA_{name}", value)
    with pytest.raises(SystemExit) as ended:
        read_settings(kind)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{sentence}\n"


def test_a_password_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(ServiceSettings, kafka_sasl_password=["hunter2"])
    assert "hunter2" not in capsys.readouterr().err


def test_right_settings_are_read() -> None:
    assert read_settings(ServiceSettings, kafka_sasl_password="x").kafka_sasl_password == SecretStr("x")
