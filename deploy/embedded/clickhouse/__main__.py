"""Starts the server: `python -m deploy.embedded.clickhouse --host 127.0.0.1 --port 18123 --path DIR`."""

import argparse
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout
from starlette.applications import Starlette

from deploy.embedded.clickhouse.settings import ServerSettings
from services.contracts.settings import read_settings

KEEP_ALIVE_S = 60  # longer than a service's pause between two batches, so that its connection is still there
LOCK_NAME = "thidua.lock"


class CannotStart(Exception):  # noqa: N818 - says what happened
    """Why the server does not start, in one sentence."""


def main() -> int:
    """Runs until SIGTERM or SIGINT; 1 when it cannot start."""
    arguments = _arguments()
    settings = read_settings(ServerSettings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        _serve(arguments.host, arguments.port, arguments.path.resolve(), settings)
    except CannotStart as reason:
        print(f"Cannot start the ClickHouse server: {reason}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.clickhouse", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    parser.add_argument("--port", type=int, default=18123, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--path", type=Path, required=True, help="data directory; one server at a time")
    return parser.parse_args()


def _serve(host: str, port: int, path: Path, settings: ServerSettings) -> None:
    listener = _listen(host, port)
    with _owned(path):
        app, version = _build(path, settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=settings.shutdown_grace_s,
        )
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        print(f"ClickHouse engine {version} answers on {address}, data in {path}", flush=True)
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                stop, lambda *_: None
            )  # uvicorn raises it again after its shutdown, which was the clean end
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as failure:
        raise CannotStart(
            f"{host}:{port} cannot be bound ({os.strerror(failure.errno or 0)}); choose another --port."
        ) from failure


def _owned(path: Path) -> FileLock:
    """The lock on the data directory; the system takes it back when the process ends, however it ends."""
    if set("?&") & set(str(path)):
        raise CannotStart(
            f"the engine takes no '?' or '&' in a path, and {path} has one; give another --path."
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / LOCK_NAME, blocking=False)
        lock.acquire()
    except Timeout as failure:
        raise CannotStart(f"another server owns {path}; stop it first or give another --path.") from failure
    except OSError as failure:
        raise CannotStart(f"{path} cannot be used as a data directory ({failure.strerror}).") from failure
    return lock


def _build(path: Path, settings: ServerSettings) -> tuple[Starlette, str]:
    # Here and not above: the engine takes 0.3 s to load, and a refusal should not wait for it
    from deploy.embedded.clickhouse.app import build_app  # noqa: PLC0415
    from deploy.embedded.clickhouse.engine import Engine  # noqa: PLC0415
    from deploy.embedded.clickhouse.errors import ClickHouseError  # noqa: PLC0415

    try:
        engine = Engine(path, settings.engine_arguments(), settings.session_arguments())
    except ClickHouseError as failure:
        raise CannotStart(f"the engine cannot open {path}: {failure}") from failure
    return build_app(engine, settings), engine.version


if __name__ == "__main__":
    sys.exit(main())
