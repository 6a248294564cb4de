"""Settings of alerting: THIDUA_* variables, each default with its reason."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from services.contracts.settings import ServiceSettings


class AlertingSettings(ServiceSettings):
    """Who is told stands on `campaign.people` and in the packs; here is only how."""

    data_dir: Path = Field(Path("var"), description="folder of the lock file that keeps a second process out")
    alerting_host: str = Field("127.0.0.1", description="address of the health endpoint")
    alerting_port: int = Field(
        18083, ge=0, le=65535, description="port of the health endpoint; 0: a free one"
    )
    alerting_group: str = Field("alerting", description="name under which its offsets are committed")
    api_url: str = Field(
        "http://127.0.0.1:18000", description="address of the board, as the council reaches it"
    )

    alerting_settle_s: float = Field(
        2.0,
        ge=0,
        description="an evaluation's flags come within 0.1 s; a worker that dies in between needs longer",
    )
    alerting_max_age_h: float = Field(
        168.0, gt=0, description="older flags are recorded as skipped: a week covers an outage over holidays"
    )
    alerting_attempts: int = Field(
        200,
        ge=1,
        description="sendings of one alert; 200 last four days: a mail server down over a long weekend",
    )
    alerting_refused_attempts: int = Field(
        20, ge=1, description="the same where the other side refuses, as for a wrong address; half a day"
    )
    alerting_retry_s: float = Field(
        5.0, gt=0, description="pause before the second sending; it doubles each time"
    )
    alerting_retry_max_s: float = Field(1800.0, gt=0, description="longest pause between two sendings")

    alerting_smtp_host: str = Field("127.0.0.1", description="mail server that takes the messages")
    alerting_smtp_port: int = Field(
        25, ge=1, le=65535, description="its port: 587 with starttls, 465 with ssl"
    )
    alerting_smtp_mode: Literal["insecure", "starttls", "ssl"] = Field(
        "insecure", description="as fits a mail server on the same machine; starttls or ssl for any other"
    )
    alerting_smtp_user: str = Field("", description="name at the mail server; empty: none asked for")
    alerting_smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    alerting_mail_from: str = Field("thidua@localhost.localdomain", description="sender of the e-mails")
    alerting_connect_timeout_s: float = Field(
        5.0, gt=0, description="until a server accepts; the others wait"
    )
    alerting_answer_timeout_s: float = Field(
        10.0, gt=0, description="until a webhook answers; the others wait"
    )
