"""Where everything of one stack lies, and the environment that its programs share."""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deploy.embedded.ports import HOST, Ports

STACK_MARK = (
    "THIDUA_STACK"  # in the environment of every process of a stack: how its own are told from others
)
LISTENING = ("ingest", "scoring", "storage", "alerting", "api")  # services that are told where to listen
_SOCKET_PATH_MAX = 90  # the kernel allows 107 bytes; supervisord first binds a longer temporary name


@dataclass(frozen=True)
class Layout:
    """Paths are absolute. Nothing is created by reading an attribute."""

    data_dir: Path
    cache_dir: Path
    ports: Ports

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def kafka_dir(self) -> Path:
        return self.data_dir / "kafka"

    @property
    def clickhouse_dir(self) -> Path:
        return self.data_dir / "clickhouse"

    @property
    def record(self) -> Path:
        """What a running stack says of itself: ports, urls, environment."""
        return self.run_dir / "stack.json"

    @property
    def socket(self) -> Path:
        """The supervisor's socket: in the run folder, or in a short place when that path is too long."""
        preferred = self.run_dir / "supervisor.sock"
        if len(os.fsencode(preferred)) <= _SOCKET_PATH_MAX:
            return preferred
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"thidua-{os.getuid()}" / f"{name}.sock"

    def log(self, program: str) -> Path:
        return self.log_dir / f"{program}.log"

    @property
    def urls(self) -> dict[str, str]:
        ports = self.ports
        return {
            "ingest": f"http://{HOST}:{ports.ingest}",
            "api": f"http://{HOST}:{ports.api}",
            "clickhouse": f"http://{HOST}:{ports.clickhouse}",
            "kafka": f"{HOST}:{ports.kafka}",
        }

    @property
    def environment(self) -> dict[str, str]:
        """What every service and command reads its settings from, to work on this stack."""
        urls = self.urls
        return {
            "THIDUA_DATA_DIR": str(self.data_dir),
            "THIDUA_CACHE_DIR": str(self.cache_dir),
            "THIDUA_KAFKA_BOOTSTRAP": urls["kafka"],
            "THIDUA_CLICKHOUSE_URL": urls["clickhouse"],
            "THIDUA_INGEST_URL": urls["ingest"],
            "THIDUA_API_URL": urls["api"],
            **{f"THIDUA_{name.upper()}_HOST": HOST for name in LISTENING},
            **{f"THIDUA_{name.upper()}_PORT": str(getattr(self.ports, name)) for name in LISTENING},
        }

    @property
    def own_environment(self) -> dict[str, str]:
        """What is added for processes that the stack itself starts: those end with it."""
        # a killed process must not take its last log lines along, hence unbuffered
        return self.environment | {STACK_MARK: str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def create_folders(self) -> None:
        for folder in (self.run_dir, self.log_dir, self.kafka_dir, self.clickhouse_dir):
            folder.mkdir(parents=True, exist_ok=True)
        for private in (self.keys_dir, self.socket.parent):
            private.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.keys_dir.chmod(0o700)

    def write_record(self, programs: list[str]) -> None:
        """Whole or not at all: `status` may read at any moment."""
        record = {
            "ports": asdict(self.ports),
            "urls": self.urls,
            "programs": programs,
            "cache_dir": str(self.cache_dir),
        }
        unfinished = self.record.with_suffix(".new")
        unfinished.write_text(json.dumps(record | {"environment": self.environment}, indent=2) + "\n")
        unfinished.rename(self.record)

    @classmethod
    def recorded(cls, data_dir: Path) -> tuple[Self, list[str]] | None:
        """The layout and program names of the stack last started on this folder, None if there was none."""
        try:
            record = json.loads((data_dir / "run" / "stack.json").read_text())
            layout = cls(data_dir, Path(record["cache_dir"]), Ports.from_record(record["ports"]))
            return layout, list(record["programs"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
