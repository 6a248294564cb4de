"""A bare Faust app over one topic of raw bytes, as the benchmarks' peers are: no tables, no web server, no topics of its own."""

import asyncio
import sys

import faust


def raw_app(name: str, bootstrap: str) -> faust.App:
    """`name` is its consumer group, which reads from the earliest offset."""
    return faust.App(
        name,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )


def run(app: faust.App) -> None:
    """Until the process ends. Faust reads the command line, so its arguments are taken away first."""
    worker = faust.Worker(app, loglevel="warn", override_logging=False, redirect_stdouts=False, quiet=True)
    sys.argv[1:] = []
    asyncio.get_event_loop_policy().get_event_loop()
    worker.execute_from_commandline()
