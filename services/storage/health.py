"""What the health port and the metrics tell of storage, from its progress."""

from dataclasses import asdict

from services.contracts.health import Health
from services.contracts.metrics import StorageMetrics
from services.storage.progress import Progress


def health_of(progress: Progress) -> Health:
    """Lives while the loop turns; is ready when partitions are assigned, their lag is known and nothing is in trouble."""
    snapshot = progress.snapshot()
    return Health(snapshot.alive, snapshot.ready, asdict(snapshot))


def watch_progress(metrics: StorageMetrics, progress: Progress) -> None:
    """Shows lag and last insert as they are whenever they are asked for."""
    metrics.watch(metrics.last_insert, lambda: progress.snapshot().last_insert_s or 0.0)
    metrics.watch_behind(lambda: {topic: float(lag) for topic, lag in progress.snapshot().lag.items()})
