"""Settings of the api."""

from pydantic import Field

from services.contracts.clickhouse import ClickHouseSettings


class ApiSettings(ClickHouseSettings):
    """Environment variables `THIDUA_API_*`, and the shared ones."""

    api_host: str = Field(
        "127.0.0.1", description="address to listen on; loopback, as no reader is authenticated"
    )
    api_port: int = Field(18000, ge=0, le=65535, description="port to listen on")
    clickhouse_timeout_s: int = Field(
        5, gt=0, description="a question that takes longer is answered 503; the live board does not ask"
    )
    api_stream_queue: int = Field(
        256,
        ge=8,
        description="frames that wait for one reader of the stream; one more and it is dropped (51 s at 5 a second)",
    )
    api_stream_send_timeout_s: float = Field(
        20.0, gt=0, description="a reader that takes nothing for so long is dropped; two pings are 10 s apart"
    )
    api_freshness_interval_s: float = Field(
        5.0,
        gt=0,
        description="how often the stream tells the freshness; the board counts the seconds in between",
    )
    api_stale_after_s: float = Field(
        180.0, gt=0, description="without an event for so long the board says that the feed is slow"
    )
    api_dead_letters_per_block: int = Field(
        500, ge=1, description="newest dead letters of a block held in memory; the command shows older ones"
    )
    api_dead_letters_mb: int = Field(
        32, ge=1, description="memory of all dead letters together; the block that has most gives first"
    )
    api_freshness_kept_s: float = Field(
        1.0,
        ge=0,
        description="how long an answer of /v1/freshness serves whoever asks: of 340 blocks it takes 0.35 s",
    )
    api_lag_interval_s: float = Field(
        5.0, gt=0, description="how often the broker is asked how far the services are behind"
    )
    api_lag_groups: str = Field(
        "scoring=thidua-scoring,storage=storage,alerting=alerting",
        description="consumer group of each service whose lag is told",
    )
    api_shutdown_grace_s: int = Field(
        3, ge=0, description="time for answers under way when the service stops; streams end at once"
    )

    def lag_groups(self) -> dict[str, str]:
        """By service."""
        pairs = (pair.partition("=") for pair in self.api_lag_groups.split(",") if pair.strip())
        return {service.strip(): group.strip() for service, _, group in pairs}
