"""Settings of the door: THIDUA_* variables, each default with its reason."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.contracts.settings import ServiceSettings


class IngestSettings(ServiceSettings):
    """The limits of one event and one record are part of the contract, not settings: `contracts.events`."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", extra="ignore", frozen=True)

    ingest_host: str = Field("127.0.0.1", description="address to bind; loopback until TLS stands in front")
    ingest_port: int = Field(18080, ge=0, le=65535, description="port to bind; 0 takes a free one")

    ingest_max_batch_events: int = Field(
        10_000, ge=1, description="about 0.1 s of checking, the loop's longest hold"
    )
    ingest_max_batch_bytes: int = Field(
        8 * 1024 * 1024, ge=1024, description="800 bytes an event of a full batch"
    )
    ingest_body_timeout_s: float = Field(
        30.0, gt=0, description="8 MB over 2 Mbit/s; then a slow sender loses its connection"
    )
    ingest_recent_events: int = Field(
        200_000,
        ge=0,
        description="acknowledged events known as duplicates, about 25 MB; the fold knows the rest",
    )

    ingest_unit_events_per_s: int = Field(
        2_000, ge=1, description="of one unit's key for long: a unit has some hundred figures a month"
    )
    ingest_department_events_per_s: int = Field(
        40_000, ge=1, description="of any other key: a province's own system, which may be the only sender"
    )
    ingest_burst_s: float = Field(
        5.0,
        gt=0,
        description="a key that was quiet may send so many seconds' worth at once; a unit one full batch",
    )
    ingest_key_requests: int = Field(
        64, ge=1, description="of one key under way at a time; one more is answered 429"
    )
    ingest_key_bytes: int = Field(
        24 * 1024 * 1024,
        ge=1024,
        description="of one key's bodies under way: three of the largest, a third of what may wait for the broker",
    )
    ingest_key_wait_s: float = Field(
        1.0,
        gt=0,
        description="a key over its rate waits so long; one that would wait longer is then answered 429",
    )

    ingest_linger_ms: int = Field(
        25,
        ge=0,
        description="a busy door gathers requests for so long into one produce; a lone one is not held",
    )
    ingest_max_block_ms: int = Field(
        2_000, ge=1, description="how long send() may hold the loop without metadata"
    )
    ingest_request_timeout_ms: int = Field(
        4_000, ge=1, description="one produce; a leader change takes under 2 s"
    )
    ingest_delivery_timeout_ms: int = Field(
        8_000, ge=1, description="all tries; a broker restarted after kill -9 is back in 3 to 5 s"
    )
    ingest_unacknowledged_bytes: int = Field(
        64 * 1024 * 1024,
        ge=1024,
        description="waiting for the broker; beyond it the door answers 503 at once",
    )
    ingest_probe_interval_s: float = Field(
        1.0, gt=0, description="how often the broker is asked whether it lives"
    )
    ingest_shutdown_timeout_s: float = Field(
        12.0, gt=0, description="requests in flight may end: the delivery timeout and a margin"
    )
