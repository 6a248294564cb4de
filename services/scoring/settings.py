"""Settings of the scoring worker."""

from pathlib import Path

from pydantic import Field

from services.contracts.settings import ServiceSettings


class ScoringSettings(ServiceSettings):
    """Times and limits are those that a prototype was measured with (ENGINEERING 1)."""

    data_dir: Path = Field(Path("var"), description="folder of the lock file and of the crash memory")
    scoring_host: str = Field("127.0.0.1", description="address of the health endpoint")
    scoring_port: int = Field(18081, description="port of the health endpoint; 0: none")
    scoring_session_s: float = Field(
        6.0, description="group session; a dead worker's partitions move after it"
    )
    scoring_heartbeat_s: float = Field(1.5, description="group heartbeat, a quarter of the session")
    scoring_batch_records: int = Field(1000, description="records taken from Faust at a time")
    scoring_batch_within_s: float = Field(
        0.02, description="p95 from log to evaluation 27 ms; 0.2 gives 202 ms"
    )
    scoring_pack_wait_s: float = Field(60.0, description="how long an activated pack may be missing")
    scoring_dead_letters_in_a_row: int = Field(
        1000, description="the worker stops after so many refused events in a row"
    )
    scoring_dead_letters_window: int = Field(5000, description="events over which the refused share is taken")
    scoring_dead_letters_share: float = Field(0.5, description="the worker stops above this refused share")
    scoring_checkpoint_every_s: float = Field(
        10.0, description="a changed partition is saved so often; bounds what a start reads"
    )
    scoring_checkpoint_events: int = Field(
        50_000, description="events after which it is saved at once; a fold applies them in half a second"
    )
