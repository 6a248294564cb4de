"""Every metric of every service: its name, its labels, and what an operator reads from it. `/metrics` of each service shows its own.

Rules: names begin with `thidua_`, units stand in them; a label has few values that are known beforehand (a status, a topic, a partition),
never a unit, a block, a key or an address; counting happens once a request, a record or a batch, never once an event.
"""

from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from services.contracts.spread import Spread
from services.contracts.steps import Step

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_ANSWER_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STEP_S: Final = (0.001, 0.0025, *_ANSWER_S, 30.0, 60.0, 300.0, 3600.0)
_INSERT_S: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class ServiceMetrics:
    """What every service shows: its process (CPU seconds, memory, open files, start time). One object a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)

    def exposition(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self.registry)

    def _seconds(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, what, buckets=buckets, registry=self.registry)

    def watch(self, gauge: Gauge, value: Callable[[], float]) -> None:
        """The gauge's value is asked for when it is read, so that keeping it costs nothing."""
        gauge.set_function(value)

    def watch_each(self, name: str, what: str, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """A gauge whose labels come and go (partitions, topics): only those of now are shown."""
        self.registry.register(_Each(name, what, label, values))

    def _steps(self, *steps: Step) -> dict[Step, Spread]:
        """Seconds that events took for steps of their way, as `thidua_step_seconds{step=...}`: added once a record, weighing its events."""
        spreads = {step: Spread() for step in steps}
        self.registry.register(_Spreads("thidua_step_seconds", "Seconds of an event's way", spreads))
        return spreads


class _Each(Collector):
    def __init__(self, name: str, what: str, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        self._family = name, what, label
        self._values = values

    def collect(self) -> list[GaugeMetricFamily]:
        name, what, label = self._family
        family = GaugeMetricFamily(name, what, labels=[label])
        for key, value in self._values().items():
            family.add_metric([key], value)
        return [family]


class _Spreads(Collector):
    def __init__(self, name: str, what: str, spreads: Mapping[Step, Spread]) -> None:
        self._family = name, what
        self._spreads = spreads

    def collect(self) -> list[HistogramMetricFamily]:
        family = HistogramMetricFamily(*self._family, labels=["step"])
        for step, spread in self._spreads.items():
            buckets = [(str(edge), float(spread.up_to(edge))) for edge in _STEP_S]
            family.add_metric([step], [*buckets, ("+Inf", float(spread.events))], spread.sum_us / 1e6)
        return [family]


class HttpMetrics(ServiceMetrics):
    """Of a service that people and programs speak to over HTTP."""

    def __init__(self) -> None:
        super().__init__()
        # Answers. 5xx above nothing wants a look; 503 at the door means that the log or the tables are not there.
        self.http_requests = self._counter("thidua_http_requests", "Answers by status", "status")
        # How long until an answer begins. At the door that is until the broker has acknowledged; a stream counts once, at its start.
        self.http_answer_seconds = self._seconds(
            "thidua_http_answer_seconds", "From a request's head to its answer's", _ANSWER_S
        )


class IngestMetrics(HttpMetrics):
    """The door."""

    def __init__(self) -> None:
        super().__init__()
        # What became of events: accepted, duplicate, rejected. Many rejected: a sender or a pack is wrong.
        events = self._counter("thidua_ingest_events", "Events by what became of them", "outcome")
        self.events = {outcome: events.labels(outcome) for outcome in ("accepted", "duplicate", "rejected")}
        # Records and bytes that the log acknowledged; events by records is how well senders batch.
        self.records = self._counter("thidua_ingest_records", "Records that the log acknowledged")
        self.record_bytes = self._counter("thidua_ingest_record_bytes", "Bytes of these records")
        # How long the log took to acknowledge what one request gave it.
        self.append_seconds = self._seconds(
            "thidua_ingest_append_seconds", "Until a request's records were acknowledged", _ANSWER_S
        )
        # Appends that were not acknowledged in time; each is followed by a new producer.
        self.append_failures = self._counter(
            "thidua_ingest_append_failures", "Appends that were not acknowledged"
        )
        # Requests that had to wait for their key's credit, and those refused with 429: one key sends more than its share.
        held_back = self._counter("thidua_ingest_held_back", "Requests of keys over their share", "outcome")
        self.held_back = {outcome: held_back.labels(outcome) for outcome in ("delayed", "refused")}
        # 1 when packs and keys are read and the log answers.
        self.ready = self._gauge("thidua_ingest_ready", "Whether events can be taken now")


class ScoringMetrics(ServiceMetrics):
    """A scoring worker."""

    def __init__(self) -> None:
        super().__init__()
        # Records and events that the fold applied, catch-up after a start included.
        self.records = self._counter("thidua_scoring_records", "Records of campaign.events applied")
        self.events = self._counter("thidua_scoring_events", "Events in these records")
        # Acknowledged outputs by topic: campaign.dead-letters is the one to watch.
        self.outputs = self._counter(
            "thidua_scoring_outputs", "Outputs that the broker acknowledged", "topic"
        )
        # How long the broker took to acknowledge a batch of outputs; offsets are confirmed behind it.
        self.publish_seconds = self._seconds(
            "thidua_scoring_publish_seconds", "Until a batch of outputs was acknowledged", _ANSWER_S
        )
        # Live values that could not be written; they are written again within seconds.
        self.live_failures = self._counter(
            "thidua_scoring_live_failures", "Live values that were not written"
        )
        # How long a gained partition took to load: what a restart or a rebalance costs the board.
        self.load_seconds = self._seconds(
            "thidua_scoring_load_seconds", "Until a gained partition was loaded", (*_INSERT_S, 120.0)
        )
        # Owned partitions, how many of them are loaded, their blocks, and blocks that are not applied any further.
        self.partitions = self._gauge("thidua_scoring_partitions", "Partitions that this worker owns")
        self.loaded_partitions = self._gauge("thidua_scoring_loaded_partitions", "Those that are loaded")
        self.blocks = self._gauge("thidua_scoring_blocks", "Blocks of these partitions")
        self.halted_blocks = self._gauge("thidua_scoring_halted_blocks", "Blocks that three crashes halted")
        # From the door into the log, until applied, until the first ranking that covers it; which events count: contracts/steps.py.
        self.steps = self._steps("door_to_log", "log_to_applied", "applied_to_ranked")
        # Seconds since the loop ran last; the worker ends itself at two thirds of its session.
        self.stalled_seconds = self._gauge("thidua_scoring_stalled_seconds", "Since the event loop ran last")

    def watch_behind(self, behind: Callable[[], Mapping[str, float]]) -> None:
        """Records behind the newest that was seen, by partition: grows when the worker cannot follow."""
        self.watch_each("thidua_scoring_behind_records", "Records not applied yet", "partition", behind)


class StorageMetrics(ServiceMetrics):
    """The way into ClickHouse."""

    def __init__(self) -> None:
        super().__init__()
        # Rows written, by table; written again after a kill they count again.
        self.rows = self._counter("thidua_storage_rows", "Rows written", "table")
        # From the door until ClickHouse has it.
        self.steps = self._steps("door_to_stored")
        # How long one insert took; near 30 s it times out.
        self.insert_seconds = self._seconds("thidua_storage_insert_seconds", "One insert", _INSERT_S)
        # Attempts that must be made again: ClickHouse or the broker does not answer.
        self.retries = self._counter("thidua_storage_retries", "Attempts that failed and come again")
        # Records that storage cannot use, by topic: they went to the dead letters.
        self.refused_records = self._counter("thidua_storage_refused_records", "Records refused", "topic")
        # When something was written last, seconds since 1970; 0 before the first.
        self.last_insert = self._gauge(
            "thidua_storage_last_insert_timestamp_seconds", "When rows were written last"
        )

    def watch_behind(self, behind: Callable[[], Mapping[str, float]]) -> None:
        """Records that are not stored yet, by topic: grows when ClickHouse is down or too slow."""
        self.watch_each("thidua_storage_behind_records", "Records not stored yet", "topic", behind)


class ApiMetrics(HttpMetrics):
    """The pages, the JSON and the streams."""

    def __init__(self) -> None:
        super().__init__()
        # Records that were applied to what the board shows, by topic.
        self.records = self._counter("thidua_api_records", "Records followed", "topic")
        # Records that this version cannot read: a writer is newer, or broken.
        self.unreadable_records = self._gauge("thidua_api_unreadable_records", "Records that cannot be read")
        # From the ranking in the worker, and from the door, until the streams were given it.
        self.steps = self._steps("ranked_to_board", "door_to_board")
        # Open streams, and those dropped because their reader took nothing for too long.
        self.readers = self._gauge("thidua_api_readers", "Open streams")
        self.dropped_readers = self._gauge("thidua_api_dropped_readers", "Streams dropped as too slow")
        # 1 when everything that stood in the topics at the start was read.
        self.ready = self._gauge("thidua_api_ready", "Whether the board shows all that is known")


class AlertingMetrics(ServiceMetrics):
    """The way to council members."""

    def __init__(self) -> None:
        super().__init__()
        # Messages that wait for their next sending: above nothing for long, the mail server or a webhook does not answer.
        self.waiting = self._gauge("thidua_alerting_waiting", "Alerts that are to be sent again")
        # Roles that the packs name and nobody holds: an alert to one of them reaches no one.
        self.vacant_roles = self._gauge("thidua_alerting_vacant_roles", "Roles without a person")
        # 1 when it knows packs, people and alerts, and reads flags.
        self.ready = self._gauge("thidua_alerting_ready", "Whether flags are told of")

    def watch_alerts(self, alerts: Callable[[], Mapping[str, float]]) -> None:
        """Steps of alerts as far as the compacted topic tells: sending, sent, failed and so on. `failed` wants a look."""
        self.watch_each("thidua_alerting_steps", "Steps of alerts that are recorded", "step", alerts)
