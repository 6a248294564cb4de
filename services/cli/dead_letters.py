"""`thidua dead-letters`: what could not be applied after the door, and once more into the log after a fix."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker, Outgoing
from services.cli.counted import counted
from services.cli.failures import CalledWrongly
from services.cli.settings import settings
from services.contracts.event_data import Place
from services.contracts.events import EVENT_SCHEMA, AnyEvent, decode_event, encode_record, split_record
from services.contracts.results import DeadLetter, decode_dead_letter
from services.contracts.topics import DEAD_LETTERS, EVENTS

app = sub_command("List, show and replay what could not be applied.")

_DETAIL_CHARACTERS: Final = 100

Reason = Annotated[str | None, typer.Option(help="Only of this reason, as bad-event.")]
Unit = Annotated[str | None, typer.Option(help="Only about this unit.")]
Block = Annotated[str | None, typer.Option(help="Only of this block, as sample/communes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AtPlace = Annotated[
    str, typer.Argument(help="partition:offset:index, as list prints it.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters; None asks for all."""

    reason: str | None = None
    unit: str | None = None
    block: str | None = None

    def takes(self, letter: DeadLetter) -> bool:
        return (
            self.reason in (None, letter.reason)
            and self.block in (None, letter.key)
            and self.unit in (None, unit_of(letter))
        )


@app.command("list")
def list_letters(
    reason: Reason = None, unit: Unit = None, block: Block = None, as_json: AsJson = False
) -> None:
    """List dead letters, oldest first: where each stands in the log, why it was refused and what it is about.

    Example: thidua dead-letters list --reason bad-event --block sample/communes
    """
    found = letters(KafkaBroker.of(settings()), Wanted(reason, unit, block))
    if as_json:
        typer.echo(json.dumps([_row(letter) for letter in found], ensure_ascii=False))
        return
    for letter in found:
        about = unit_of(letter) or "-"
        detail = letter.detail[:_DETAIL_CHARACTERS]
        typer.echo(
            f"{place_text(letter.place):>14}  {letter.at:%Y-%m-%d %H:%M}  {letter.reason:16}  {letter.key:24}  {about:16}  {detail}"
        )
    typer.echo(counted(len(found), "dead letter"))


@app.command()
def show(
    place: AtPlace,
    body: Annotated[
        bool, typer.Option("--body", help="Print the refused bytes alone, as they were.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter whole: reason, hint and the bytes.

    Example: thidua dead-letters show 3:1041:0 --body > event.json
    """
    letter = letter_at(KafkaBroker.of(settings()), place)
    if body:
        sys.stdout.buffer.write(letter.body)
    elif as_json:
        typer.echo(
            json.dumps(_row(letter) | {"body": letter.body.decode(errors="replace")}, ensure_ascii=False)
        )
    else:
        for name, value in _row(letter).items():
            typer.echo(f"{name:8} {value}")
        typer.echo(letter.body.decode(errors="replace"))


@app.command()
def replay(
    place: Annotated[str | None, typer.Argument(help="Only this one.", show_default=False)] = None,
    reason: Reason = None,
    unit: Unit = None,
    block: Block = None,
    body: Annotated[
        Path | None, typer.Option(help="Mended bytes, in the place of those that were refused; with a PLACE.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be replayed, and stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Append refused events to the log once more, after the pack, the engine or the event was mended. Each counts once, however often
    it is replayed; one that still cannot be applied becomes a dead letter again.

    Example: thidua dead-letters replay --reason unknown-pack --block sample/communes
    """
    broker = KafkaBroker.of(settings())
    wanted = Wanted(reason, unit, block)
    if place is None and wanted == Wanted():
        raise CalledWrongly("Nothing says what to replay.", "Name a PLACE, or --reason, --unit or --block.")
    if body is not None and place is None:
        raise CalledWrongly("--body needs to know whose bytes it has.", "Name the letter's PLACE.")
    chosen = letters(broker, wanted) if place is None else [letter_at(broker, place)]
    mended = None if body is None else _read(body)
    records, left = replayable(chosen, mended)
    if records and not dry_run:
        broker.append(EVENTS, records)
    _tell(len(records), left, as_json=as_json, dry_run=dry_run)


def letters(broker: Broker, wanted: Wanted) -> list[DeadLetter]:
    """The letters about events, each place once, in the order in which they were refused."""
    found: dict[Place, DeadLetter] = {}
    for record in broker.read(DEAD_LETTERS):
        if record.value is None:
            continue
        letter = decode_dead_letter(record.value)
        if letter.topic == EVENTS.name and wanted.takes(letter):
            found.setdefault(letter.place, letter)
    return sorted(found.values(), key=lambda letter: (letter.at, letter.place))


def letter_at(broker: Broker, place: str) -> DeadLetter:
    """Raises `CalledWrongly` for a text that is no place, and for a place without a letter."""
    try:
        wanted = Place(*map(int, place.split(":")))
    except (TypeError, ValueError):
        raise CalledWrongly(
            f"{place!r} is no place in the log.",
            "Write partition:offset:index, as thidua dead-letters list does.",
        ) from None
    for letter in letters(broker, Wanted()):
        if letter.place == wanted:
            return letter
    raise CalledWrongly(
        f"There is no dead letter at {place}.", "thidua dead-letters list shows where there are."
    )


def replayable(
    chosen: Sequence[DeadLetter], mended: bytes | None = None
) -> tuple[list[Outgoing], list[tuple[DeadLetter, str]]]:
    """A record for each letter whose bytes are events now, and the others with the reason. `mended` stands for the bytes of the only one."""
    records, left = [], []
    for letter in chosen:
        try:
            events = events_in(letter.body if mended is None else mended)
        except msgspec.DecodeError as error:
            left.append((letter, f"its bytes are no event that this version reads: {error}"))
        else:
            records.append(Outgoing(letter.key, encode_record(events), EVENT_SCHEMA))
    return records, left


def events_in(body: bytes) -> list[AnyEvent]:
    """One event, or an array of them. Raises `msgspec.DecodeError`."""
    if body.lstrip().startswith(b"["):
        return [decode_event(raw) for raw in split_record(body)]
    return [decode_event(body)]


def unit_of(letter: DeadLetter) -> str | None:
    """The subject of the refused event, as far as it can be read."""
    try:
        return msgspec.json.decode(letter.body, type=_Subject).subject
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def place_text(place: Place) -> str:
    return f"{place.partition}:{place.offset}:{place.index}"


class _Subject(msgspec.Struct):
    subject: str | None = None


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "place": place_text(letter.place),
        "at": letter.at.isoformat(),
        "block": letter.key,
        "unit": unit_of(letter),
        "reason": letter.reason,
        "detail": letter.detail,
        "hint": letter.hint,
        "source": letter.source,
        "id": letter.id,
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CalledWrongly(
            f"{path} cannot be read: {error.strerror}.", "Name a file with the event."
        ) from error


def _tell(count: int, left: Sequence[tuple[DeadLetter, str]], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        rows = [{"place": place_text(letter.place), "why": why} for letter, why in left]
        typer.echo(
            json.dumps(
                {"replayed": 0 if dry_run else count, "found": count, "left": rows}, ensure_ascii=False
            )
        )
        return
    for letter, why in left:
        typer.echo(f"left: {place_text(letter.place)} {why}")
    done = "would be replayed" if dry_run else "replayed; what still cannot be applied is a dead letter again"
    typer.echo(f"{counted(count, 'dead letter')} {done}.")
    if left:
        typer.echo(
            "Mend those that are left: thidua dead-letters show PLACE --body > FILE, then replay PLACE --body FILE."
        )
