"""The whole pipeline on this machine's cores: events a second that it keeps up with, how fresh the board stays, what each process costs.

    python -m bench.pipeline            # the bars: 500 events/s, then 30,000 events/s for 60 s
    python -m bench.pipeline RATE SECONDS [BATCH [BLOCKS [SPREAD [WORKERS [HISTORY]]]]]
    python -m bench.pipeline --matrix   # blocks, requests spread over blocks, workers, and history: one line each, about 20 minutes

Load generator, door, broker, scoring, storage, ClickHouse, api and a reader of the board's stream all run here. The load is open: requests
leave at their times. It counts as sustained when every event was accepted, and nothing lags behind it at its end: scoring has applied all within a
second, storage has written all within `STORED_WITHIN_S`, and every event counts once in ClickHouse.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from bench.pipeline_board import Freshness, accepted_between, freshness
from bench.pipeline_history import write_history
from bench.pipeline_load import Load, Sent
from bench.pipeline_stack import Lag, Pipeline, running, wait_until

WARM_UP_S: Final = 5.0
LOOK_EVERY_S: Final = 5.0
APPLIED_WITHIN_S: Final = 1.0
STORED_WITHIN_S: Final = 5.0
HISTORY_WITHIN_S: Final = 420.0
CALM_P95_S: Final = 0.3
BUSY_P95_S: Final = 1.0
CALM: Final = Load("calm", 500, 20, 10, 10, 1)
BUSY: Final = Load("busy", 30_000, 60, 200, 10, 1)


class Measurement(NamedTuple):
    """`cpu_us`: CPU microseconds an event, by process. `lags`: while the load ran. The two waits began with the load's last answer."""

    load: Load
    sent: Sent
    fresh: Freshness
    lags: list[Lag]
    applied_after_s: float
    stored_after_s: float
    cpu_us: dict[str, float]
    rows: tuple[int, int]

    @property
    def rate(self) -> float:
        """Events a second that the door has accepted."""
        return self.sent.events / self.sent.took_s

    @property
    def through(self) -> float:
        """Events a second that were through the whole pipeline: until the last was applied and stored."""
        return self.sent.events / (self.sent.took_s + max(self.applied_after_s, self.stored_after_s))


def measure(pipeline: Pipeline, load: Load) -> Measurement:
    """Runs the load once, after a warm-up of the same kind, whose figures it supersedes: of one time, the greater name counts."""
    _run(pipeline, load._replace(run=f"a-warm-up-of-{load.run}", lasts_s=WARM_UP_S))
    wait_until(lambda: _is_drained(pipeline), "the warm-up is stored")
    rows, starts, cpu, own = pipeline.rows(), pipeline.ends(), pipeline.cpu_s(), time.process_time()
    sent, lags = _run(pipeline, load)
    began, ends = time.monotonic(), pipeline.ends()
    wait_until(lambda: pipeline.applied(ends), "everything is applied")
    applied_s = time.monotonic() - began
    wait_until(lambda: pipeline.stored(ends), "everything is stored")
    stored_s = time.monotonic() - began
    spent = {name: seconds - cpu[name] for name, seconds in pipeline.cpu_s().items()}
    spent |= {"generator": sent.cpu_s, "reader": time.process_time() - own}
    accepted = list(accepted_between(pipeline.bootstrap, starts, ends))
    newest = {record.block: record.offset for record in accepted}
    wait_until(lambda: pipeline.shown(newest), "the board shows everything")
    now = pipeline.rows()
    return Measurement(
        load,
        sent,
        freshness(accepted, pipeline.board.seen),
        lags,
        applied_s,
        stored_s,
        {name: seconds / sent.events * 1e6 for name, seconds in spent.items()},
        (now[0] - rows[0], now[1] - rows[1]),
    )


def _is_drained(pipeline: Pipeline) -> bool:
    return pipeline.lag() == Lag(0, 0)


def _run(pipeline: Pipeline, load: Load) -> tuple[Sent, list[Lag]]:
    """Starts the generator and looks at the lags while it runs."""
    command = [
        sys.executable,
        "-m",
        "bench.pipeline_load",
        "127.0.0.1",
        str(pipeline.stack.layout.ports.ingest),
    ]
    process = subprocess.Popen([*command, *map(str, load)], stdout=subprocess.PIPE, text=True)
    lags = []
    while True:
        try:
            printed, _ = process.communicate(timeout=LOOK_EVERY_S)
            break
        except subprocess.TimeoutExpired:
            lags.append(pipeline.lag())
    if process.returncode:
        raise RuntimeError(f"the load ended with {process.returncode}")
    return msgspec.json.decode(printed, type=Sent), lags


def report(measured: Measurement) -> None:
    load, fresh = measured.load, measured.fresh
    print(
        f"{load.rate:,.0f} events/s for {load.lasts_s:g} s in batches of {load.batch}, {load.blocks} blocks, {load.spread} a request:"
        f" {measured.rate:,.0f} events/s accepted, answers {measured.sent.late_p95_s * 1000:.0f} ms after their time (p95)"
    )
    print(
        f"  accepted to board  p50 {fresh.p50 * 1e3:.0f} ms  p95 {fresh.p95 * 1e3:.0f} ms  p99 {fresh.p99 * 1e3:.0f} ms"
    )
    print(
        f"  records behind, every {LOOK_EVERY_S:g} s (scoring, storage): {' '.join(f'{a}/{b}' for a, b in measured.lags)}"
    )
    if measured.sent.refused:
        print(f"  {measured.sent.refused} requests were answered 429 or 503 and sent again")
    print(f"  through the whole pipeline: {measured.through:,.0f} events/s")
    print(
        f"  all applied {measured.applied_after_s:.2f} s and all stored {measured.stored_after_s:.2f} s after the last answer"
    )
    print(
        f"  rows more in raw_log and events: {measured.rows[0]:,} and {measured.rows[1]:,} of {measured.sent.events:,}"
    )
    parts = "  ".join(f"{name} {us:.1f}" for name, us in measured.cpu_us.items())
    print(f"  CPU us/event: {parts}  all {sum(measured.cpu_us.values()):.1f}", flush=True)


def missed(measured: Measurement, p95_s: float) -> list[str]:
    """The bars that it misses, in words."""
    wanted, load = measured.load.rate, measured.load
    bars = {
        f"{measured.rate:,.0f} events/s accepted, wanted {wanted:,.0f}": measured.rate >= 0.99 * wanted,
        f"p95 {measured.fresh.p95:.2f} s, wanted under {p95_s:g} s": measured.fresh.p95 < p95_s,
        f"applied {measured.applied_after_s:.1f} s after the end, wanted {APPLIED_WITHIN_S:g} s": measured.applied_after_s
        <= APPLIED_WITHIN_S,
        f"stored {measured.stored_after_s:.1f} s after the end, wanted {STORED_WITHIN_S:g} s": measured.stored_after_s
        <= STORED_WITHIN_S,
        f"rows {measured.rows}, wanted {measured.sent.events} of both": set(measured.rows)
        == {measured.sent.events},
    }
    return [f"{load.run}: {said}" for said, is_met in bars.items() if not is_met]


class Setting(NamedTuple):
    """A line of the matrix. `history`: events that stand in the log before the load."""

    blocks: int
    spread: int
    workers: int
    history: int = 10_000


MATRIX: Final = (
    Setting(1, 1, 1),
    Setting(10, 1, 1),
    Setting(100, 1, 1),
    Setting(10, 10, 1),
    Setting(100, 10, 1),
    Setting(10, 1, 2),
    Setting(100, 10, 2),
    Setting(10, 1, 1, 10_000_000),
)


def matrix() -> int:
    """Each setting on a stack of its own: 5,000 events/s for freshness, then as much as it takes for the rate."""
    print(
        "blocks  a request  workers     history   accepted/s   through/s   p95 at 5,000/s   CPU us/event",
        flush=True,
    )
    for setting in MATRIX:
        with running(setting.blocks, setting.workers) as pipeline:
            _write_history(pipeline, setting)
            calm = measure(pipeline, Load("calm", 5_000, 15, 200, setting.blocks, setting.spread))
            busy = measure(pipeline, Load("busy", 40_000, 15, 200, setting.blocks, setting.spread))
        print(
            f"{setting.blocks:>6} {setting.spread:>10} {setting.workers:>8} {setting.history:>11,} {busy.rate:>12,.0f}"
            f" {busy.through:>11,.0f} {calm.fresh.p95 * 1000:>13,.0f} ms {sum(busy.cpu_us.values()):>14.1f}",
            flush=True,
        )
    return 0


def _write_history(pipeline: Pipeline, setting: Setting) -> None:
    """Returns when it is applied and stored."""
    began = time.monotonic()
    write_history(pipeline.bootstrap, setting.history, setting.blocks)
    wait_until(lambda: _is_drained(pipeline), "the history is applied and stored", HISTORY_WITHIN_S)
    print(f"{setting.history:,} events of history after {time.monotonic() - began:.0f} s", flush=True)


def main(arguments: Sequence[str] = ()) -> int:
    if list(arguments) == ["--matrix"]:
        return matrix()
    if arguments:
        return own([float(given) for given in arguments])
    with running(BUSY.blocks) as pipeline:
        return judge(
            (measure(pipeline, load), p95_s) for load, p95_s in ((CALM, CALM_P95_S), (BUSY, BUSY_P95_S))
        )


def own(given: list[float]) -> int:
    """One load as the command line describes it."""
    defaults: list[float] = [0, 0, 200, 10, 1, 1, 0]
    rate, lasts_s, *whole = [*given, *defaults[len(given) :]]
    batch, blocks, spread, workers, history = map(int, whole)
    with running(blocks, workers) as pipeline:
        if history:
            _write_history(pipeline, Setting(blocks, spread, workers, history))
        return judge([(measure(pipeline, Load("own", rate, lasts_s, batch, blocks, spread)), BUSY_P95_S)])


def judge(measurements: Iterable[tuple[Measurement, float]]) -> int:
    """Reports each as it comes; 1 when one misses a bar."""
    misses = []
    for measured, p95_s in measurements:
        report(measured)
        misses += missed(measured, p95_s)
    for miss in misses:
        print(f"MISSED {miss}")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
