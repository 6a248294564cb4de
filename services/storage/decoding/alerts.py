"""`campaign.alerts`: one row for each step of an alert."""

from services.contracts.alerts import decode_alert
from services.contracts.following import Record
from services.storage.decoding.origin import Origin, micros, optional_micros
from services.storage.decoding.results import read_result
from services.storage.rows import AlertStepRow, Row


def alert_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    alert = read_result(decode_alert, record.value)
    return [
        AlertStepRow(
            block=alert.block,
            id=alert.id,
            generation=origin.generation,
            number=alert.number,
            evaluation=alert.evaluation,
            occasion=alert.occasion,
            role=alert.role,
            channel=alert.channel,
            part=alert.part,
            step=alert.step,
            attempts=alert.attempts,
            at=micros(alert.at),
            flags=[flag.id for flag in alert.flags],
            units=[flag.unit for flag in alert.flags],
            kinds=[flag.kind for flag in alert.flags],
            states=[flag.state for flag in alert.flags],
            reason=alert.reason or "",
            retry_at=optional_micros(alert.retry_at),
            simulated=alert.simulated,
            body=record.value,
            offset=record.offset,
        )
    ]
