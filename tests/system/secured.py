"""A broker with TLS and ACLs as the cluster overlay has them, and services that come to it with a certificate each."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.embedded import kafka
from deploy.embedded.jars import ensure_jars
from deploy.embedded.layout import LISTENING, Layout
from deploy.embedded.ports import HOST, Ports
from deploy.embedded.settings import EmbeddedSettings
from tests.support import asking
from tests.unit.deploy.compose.composed import OVERLAY, ROOT, parsed

_READY_WITHIN_S: Final = 240.0


class SecuredBroker:
    """One node. Its security is read from the overlay's own variables; what needs three nodes there is one here."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder, EmbeddedSettings().cache_dir, Ports.free())
        self.tls = folder / "tls"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        self.layout.create_folders()
        ensure_jars(self.layout.cache_dir)
        subprocess.run([ROOT / "deploy/cluster/certificates.sh", self.tls], check=True, capture_output=True)
        kafka.prepare(self.layout)
        with kafka.properties_file(self.layout).open("a") as properties:
            properties.writelines(f"{name}={value}\n" for name, value in self._security().items())
        self._run(kafka.broker_argv(self.layout), "kafka", dict(os.environ))

    def environment(self, principal: str) -> dict[str, str]:
        """What points a service at this broker, with that certificate."""
        own = self.tls / principal
        return self.layout.environment | {
            "THIDUA_KAFKA_SECURITY_PROTOCOL": "SSL",
            "THIDUA_KAFKA_CA_FILE": str(own / "ca.pem"),
            "THIDUA_KAFKA_CERT_FILE": str(own / "cert.pem"),
            "THIDUA_KAFKA_KEY_FILE": str(own / "key.pem"),
            "THIDUA_DATA_DIR": str(self.layout.data_dir / principal),
        }

    def step(self, principal: str, *module: str, **more: str) -> str:
        """Runs a deploy step to its end; its output."""
        environment = os.environ | self.environment(principal) | more
        done = subprocess.run(
            [sys.executable, "-m", *module], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_until_ready(self, service: str, **more: str) -> None:
        """Starts a service with its own certificate, and again when it ends itself, as a supervisor would."""
        assert service in LISTENING
        url = f"http://{HOST}:{getattr(self.layout.ports, service)}/readyz"
        argv = [sys.executable, "-m", f"services.{service}"]
        environment = os.environ | self.environment(service) | more

        def is_ready() -> bool:
            running = self._processes.get(service)
            if running is None or running.poll() is not None:
                self._run(argv, service, environment)
            return _status(url) == 200

        until(is_ready, lambda: f"{service} is ready:\n{self.log(service)}")

    def log(self, program: str) -> str:
        return self.layout.log(program).read_text()

    def stop(self) -> None:
        for process in reversed(self._processes.values()):
            process.kill()
            process.wait()

    def _security(self) -> dict[str, Any]:
        overlay = parsed(OVERLAY)["x-broker"]
        secured = {
            name.removeprefix("KAFKA_").lower().replace("_", "."): str(value).replace("$$", "$")
            for name, value in overlay.items()
            if re.search("SSL|AUTHORIZER|SUPER|ALLOW|PROTOCOL_MAP", name)
        }
        return {name: value.replace("/tls/", f"{self.tls}/kafka/") for name, value in secured.items()} | {
            "listeners": f"CLIENTS://{HOST}:{self.layout.ports.kafka},"
            f"CONTROLLER://{HOST}:{self.layout.ports.kafka_controller}",
            "advertised.listeners": f"CLIENTS://{HOST}:{self.layout.ports.kafka}",
            "inter.broker.listener.name": "CLIENTS",
        }

    def _run(self, argv: list[str], name: str, environment: dict[str, str]) -> None:
        with self.layout.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                argv, env=environment, stdout=log, stderr=subprocess.STDOUT
            )


@contextmanager
def secured_broker(folder: Path) -> Iterator[SecuredBroker]:
    broker = SecuredBroker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def until(holds: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {_READY_WITHIN_S:g} s: {what()}"
        time.sleep(0.1)


def _status(url: str) -> int:
    try:
        return asking.get(url).status_code
    except httpx.TransportError:
        return 0
