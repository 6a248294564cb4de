"""`thidua alerts`: what became of the messages to the council, and sending again what was given up."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker, Outgoing
from services.cli.failures import CalledWrongly
from services.cli.settings import settings
from services.contracts.alerts import (
    ALERT_SCHEMA,
    Alert,
    AlertId,
    asked_again,
    decode_alert,
    encode_alert,
    is_given_up,
)
from services.contracts.topics import ALERTS

app = sub_command("List alerts to the council, and send again those that reached nobody.")


@app.command("list")
def list_alerts(
    scope: Annotated[str, typer.Argument(help="CAMPAIGN or CAMPAIGN/BLOCK; all without it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that were sent.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List alerts that reached nobody yet: given up, waiting for their next sending, or skipped. Names roles, never people.

    Example: thidua alerts list sample --all
    """
    found = [one for one in newest(_broker()) if _is_of(one, scope) and (everything or _reached_nobody(one))]
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        typer.echo("  ".join(_line(one)))
    if not found:
        typer.echo("No alerts." if everything else "Every alert reached its role.")


@app.command()
def retry(
    alert: Annotated[str, typer.Argument(help="Its id, or the first characters of it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Send alerts again that were given up or skipped, once what hindered them is mended.

    Example: thidua alerts retry --all
    """
    if bool(alert) == everything:
        raise CalledWrongly(
            "Which alert is to be sent again was not said.", "Give its id, from thidua alerts list, or --all."
        )
    broker = _broker()
    held = newest(broker)
    wanted = [one for one in held if is_given_up(one)] if everything else [chosen(held, alert)]
    ask_again(broker, wanted, datetime.now(UTC))
    typer.echo(f"{len(wanted)} to be sent again; thidua alerts list shows what becomes of it.")


def newest(broker: Broker) -> list[Alert]:
    """The newest step of every alert, oldest first."""
    steps: dict[AlertId, Alert] = {}
    for record in broker.read(ALERTS):
        if record.value is not None:
            alert = decode_alert(record.value)
            if alert.number > (steps[alert.id].number if alert.id in steps else 0):
                steps[alert.id] = alert
    return sorted(steps.values(), key=lambda one: (one.at, one.id))


def chosen(alerts: Iterable[Alert], start: str) -> Alert:
    """The one alert whose id begins so. Raises `CalledWrongly` for none, several, and one that is on its way or was sent."""
    found = [one for one in alerts if one.id.startswith(start)]
    if len(found) != 1:
        raise CalledWrongly(
            f"{len(found)} alerts have an id that begins with {start!r}.",
            "Look with thidua alerts list --all.",
        )
    if not (is_given_up(found[0]) or found[0].step == "skipped"):
        raise CalledWrongly(
            f"That alert is {found[0].step}, so it is not sent again.",
            "Only what was given up or skipped is.",
        )
    return found[0]


def ask_again(broker: Broker, alerts: Iterable[Alert], at: datetime) -> None:
    """Alerting follows the topic and takes them up. It writes nothing more about such an alert itself, so the two cannot cross."""
    records = [Outgoing(one.id, encode_alert(asked_again(one, at)), ALERT_SCHEMA) for one in alerts]
    if records:
        broker.append(ALERTS, records)


def _is_of(alert: Alert, scope: str) -> bool:
    return not scope or alert.block == scope or alert.block.startswith(f"{scope}/")


def _reached_nobody(alert: Alert) -> bool:
    return alert.step in ("sending", "failed", "skipped")


def _state(alert: Alert) -> str:
    if is_given_up(alert):
        return "given up"
    return "waiting" if alert.step == "failed" else alert.step


def _line(alert: Alert) -> list[str]:
    about = ", ".join(dict.fromkeys(f"{flag.unit} {flag.state}" for flag in alert.flags))
    return [
        alert.id,
        f"{_state(alert):<12}",
        f"{alert.at.astimezone():%Y-%m-%d %H:%M}",
        f"{alert.block} -> {alert.role} by {alert.channel}",
        about,
        f"({alert.reason})" if alert.reason else "",
    ]


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "state": _state(alert),
        "block": alert.block,
        "role": alert.role,
        "channel": alert.channel,
        "occasion": alert.occasion,
        "attempts": alert.attempts,
        "at": alert.at.isoformat(),
        "retry_at": None if alert.retry_at is None else alert.retry_at.isoformat(),
        "reason": alert.reason,
        "units": list(dict.fromkeys(flag.unit for flag in alert.flags)),
    }


def _broker() -> Broker:
    return KafkaBroker.of(settings())
