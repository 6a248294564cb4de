"""What the server may use of the machine, and who may ask it."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class ServerSettings(BaseSettings):
    """Read from environment variables that begin with THIDUA_CLICKHOUSE_; units stand in the names."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_CLICKHOUSE_", extra="ignore", frozen=True)

    user: str = "default"
    password: SecretStr = SecretStr("")
    """Empty: every user is let in. Otherwise only `user` with this password, and the reader."""
    reader: str = ""
    reader_password: SecretStr = SecretStr("")
    """A second user, for Grafana: it may only query. Empty: there is none."""

    memory_limit_mib: int = Field(384, ge=64)
    """What queries and caches may take on top of the engine's own 290 MiB; past it a query fails with code 241."""
    mark_cache_mib: int = Field(16, ge=1)
    background_threads: int = Field(2, ge=1)  # merges share two cores with five services and a broker

    worker_threads: int = Field(48, ge=2)
    """Statements at work at one moment; the rest wait. A connected client that says nothing takes none."""
    spool_in_memory_mib: int = Field(4, ge=0)  # past it a `wait_end_of_query` result goes to disk
    housekeeping_every_s: float = Field(10.0, gt=0)  # ends idle sessions, gives freed memory back: 1 ms
    shutdown_grace_s: int = Field(3, ge=1)  # the supervisor kills after 10 s

    def engine_arguments(self) -> dict[str, int]:
        """Start arguments of the engine and the settings that every connection begins with."""
        return {
            "max_server_memory_usage": self.memory_limit_mib * MIB,
            "mark_cache_size": self.mark_cache_mib * MIB,
            "index_mark_cache_size": 4 * MIB,
            "uncompressed_cache_size": 0,
            "mmap_cache_size": 0,
            "compiled_expression_cache_size": 4 * MIB,
            "background_pool_size": self.background_threads,
            "background_schedule_pool_size": 4,
            "background_common_pool_size": 2,
            "background_move_pool_size": 1,
            "background_fetches_pool_size": 1,
        } | self.session_arguments()

    @staticmethod
    def session_arguments() -> dict[str, int]:
        """Where chdb's defaults differ from the server's, would answer an insert before it is stored, or would take 20 MiB
        for a document that a slow client reads (20 of them met the memory limit; a thread of its own formats as fast)."""
        return {"async_insert": 0, "implicit_select": 0, "output_format_parallel_formatting": 0}
