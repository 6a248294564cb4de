"""A benchmark that is told to end leaves nothing behind."""

import signal
import subprocess
import sys

from bench.stacks import ended_in_order

_BENCHMARK = """
import time
from bench.stacks import ended_in_order
with ended_in_order():
    try:
        print("started", flush=True)
        time.sleep(600)
    finally:
        print("ended what it started", flush=True)
"""


def test_a_benchmark_that_is_told_to_end_ends_what_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", _BENCHMARK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "ended what it started\n"
    assert process.returncode == 128 + signal.SIGTERM


def test_afterwards_the_signal_does_what_it_did_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ended_in_order():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
