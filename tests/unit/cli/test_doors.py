"""A door that does not answer is waited for, unless it is that of a local stack that does not run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.doors import say_waiting
from services.cli.failures import CannotReach
from services.cli.settings import settings


@pytest.fixture(autouse=True)
def stopped_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.delenv("THIDUA_INGEST_URL", raising=False)
    monkeypatch.setenv("THIDUA_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_door_of_a_stack_that_does_not_run_is_not_waited_for() -> None:
    with pytest.raises(CannotReach, match="does not run"):
        say_waiting("http://127.0.0.1:18080", False)


@pytest.mark.parametrize(("url", "ever"), [("http://door", False), ("http://127.0.0.1:18080", True)])
def test_another_door_and_one_that_had_answered_are_waited_for(
    capsys: pytest.CaptureFixture[str], url: str, ever: bool
) -> None:
    say_waiting(url, ever)
    assert "does not answer; waiting" in capsys.readouterr().err
