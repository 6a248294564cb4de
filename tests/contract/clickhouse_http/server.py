"""A server process on a free port, for as long as a test needs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
import httpx
from clickhouse_connect.driver.client import Client

STOP_WITHIN_S = 90


@dataclass
class ServerProcess:
    """A running server. `base_url` has no slash at its end."""

    process: subprocess.Popen[str]
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def http(self) -> httpx.Client:
        # plain HTTP: reading the machine's certificate authorities would take longer than most tests
        return httpx.Client(base_url=self.base_url, timeout=120, trust_env=False, verify=False)

    def client(self, **options: object) -> Client:
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, **({"autogenerate_session_id": False} | options)
        )

    def resident_mib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(STOP_WITHIN_S)

    def stop(self) -> int:
        """Exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WITHIN_S)


def command(path: Path, port: int = 0) -> list[str]:
    return [sys.executable, "-m", "deploy.embedded.clickhouse", "--port", str(port), "--path", str(path)]


@contextmanager
def running(path: Path, environment: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """A server on `path` that answers; it is gone when the block ends."""
    process = subprocess.Popen(
        command(path), stdout=subprocess.PIPE, text=True, env=os.environ | dict(environment or {})
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "answers on" in line, line
        yield ServerProcess(process, int(line.split("http://127.0.0.1:")[1].split(",")[0]))
    finally:
        process.kill()
        process.wait(STOP_WITHIN_S)
        if process.stdout is not None:
            process.stdout.close()
