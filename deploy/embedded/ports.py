"""The loopback ports of one stack, and who holds one that is taken."""

import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import count
from typing import Self

import psutil

from deploy.embedded.settings import EmbeddedSettings

HOST = "127.0.0.1"
HIGHEST_BASE = 65535 - 1093
_FREE = range(
    21_000, 32_000
)  # below those that the kernel gives to connections while a program that will listen is not up yet
_PLACES = count(os.getpid() * 1_009)  # processes that start stacks at a time look far from each other


@dataclass(frozen=True)
class Ports:
    kafka: int
    kafka_controller: int
    clickhouse: int
    ingest: int
    scoring: int
    storage: int
    alerting: int
    api: int

    @classmethod
    def from_base(cls, base: int) -> Self:
        """The base itself is the board's, so that it is the one to remember."""
        if not 1024 <= base <= HIGHEST_BASE:
            raise ValueError(f"a port base lies between 1024 and {HIGHEST_BASE}, this is {base}")
        return cls(
            kafka=base + 1092,
            kafka_controller=base + 1093,
            clickhouse=base + 123,
            ingest=base + 80,
            scoring=base + 81,
            storage=base + 82,
            alerting=base + 83,
            api=base,
        )

    @classmethod
    def from_settings(cls, settings: EmbeddedSettings) -> Self:
        """The base's ports, each replaced by its own setting where that is given."""
        ports = asdict(cls.from_base(settings.port_base))
        return cls(**{name: getattr(settings, f"{name}_port") or port for name, port in ports.items()})

    @classmethod
    def from_record(cls, recorded: Mapping[str, int]) -> Self:
        """Ports that a stack wrote down. An older version had fewer programs: what it lacks is as its board's base says, and nobody listens there.

        Raises `KeyError` and `ValueError` for what is no such record.
        """
        ports = asdict(cls.from_base(recorded["api"]))
        return cls(**{name: int(recorded.get(name, port)) for name, port in ports.items()})

    @classmethod
    def free(cls) -> Self:
        """Ports that nobody holds now: for stacks that run side by side."""
        return cls(*(free_port() for _ in cls.__dataclass_fields__))

    def items(self) -> list[tuple[str, int]]:
        return list(asdict(self).items())


def free_port() -> int:
    """One that nobody holds now and no connection is given; another one at each call, until all had their turn."""
    return next(port for place in _PLACES if is_free(port := _FREE[place % len(_FREE)]))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def holder(port: int) -> str | None:
    """`name (pid n)` of the process that listens on the port, None when it may not be told."""
    try:
        for connection in psutil.net_connections("tcp"):
            at = connection.laddr
            if connection.status == psutil.CONN_LISTEN and at and at.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return None
