"""What the storage service reads from its environment."""

from pydantic import Field

from services.contracts.clickhouse import ClickHouseSettings


class StorageSettings(ClickHouseSettings):
    """Each default has its reason; all variables begin with `THIDUA_`."""

    storage_host: str = Field(
        "127.0.0.1", description="address of the health port: loopback, it needs no key"
    )
    storage_port: int = Field(18082, description="health port; 0 takes a free one")
    storage_group: str = Field("storage", description="consumer group; its offsets are what is safely stored")
    storage_replicated: bool = Field(
        False, description="whether migrate makes a database with replicas; one machine has none"
    )
    storage_batch_rows: int = Field(
        120_000,
        description="rows that are written at once: of 60,000 events ClickHouse takes 97 MiB, and the embedded one has 384",
    )
    storage_batch_bytes: int = Field(
        32 * 1024 * 1024, description="bytes of records that are written at once: bounds memory"
    )
    storage_batch_s: float = Field(
        0.5,
        description="the longest that a row waits: fresh for people, and at most two parts a second a table",
    )
    storage_batch_max_s: float = Field(
        2.0, description="the longest that a row waits while inserts take long: fewer parts are less work"
    )
    storage_session_s: float = Field(
        6.0,
        description="when a process is gone for good, others take its partitions after this; the broker's least",
    )
    storage_poll_interval_s: float = Field(
        120.0, description="longest stretch without a poll: one insert that times out, with room"
    )
    storage_retry_s: float = Field(0.25, description="first pause after a failed insert; doubles")
    storage_retry_max_s: float = Field(5.0, description="longest pause between two tries")
