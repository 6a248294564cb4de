"""What each topic's records are in the store: a record goes in, the rows of one or more tables come out. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from services.contracts import topics
from services.contracts.following import Record
from services.storage.columns import Columns, by_table
from services.storage.decoding.alerts import alert_rows
from services.storage.decoding.dead_letters import dead_letter_rows
from services.storage.decoding.evaluations import evaluation_rows
from services.storage.decoding.events import event_rows
from services.storage.decoding.flags import flag_rows
from services.storage.decoding.origin import Origin, Undecodable
from services.storage.decoding.packed_events import packed_events
from services.storage.decoding.packs import pack_rows
from services.storage.decoding.principals import principal_rows
from services.storage.decoding.rankings import ranking_rows
from services.storage.decoding.steps import sighting_rows
from services.storage.packed import Packed
from services.storage.rows import Row

Decoder = Callable[[Record, Origin], list[Row]]

DECODERS: Final[Mapping[str, Decoder]] = {
    topics.EVENTS.name: event_rows,
    topics.PACKS.name: pack_rows,
    topics.PRINCIPALS.name: principal_rows,
    topics.RANKINGS.name: ranking_rows,
    topics.EVALUATIONS.name: evaluation_rows,
    topics.FLAGS.name: flag_rows,
    topics.ALERTS.name: alert_rows,
    topics.DEAD_LETTERS.name: dead_letter_rows,
    topics.SIGHTINGS.name: sighting_rows,
}
"""A decoder raises `Undecodable` for a record that its reader cannot use; a tombstone gives no rows."""


def decode(record: Record, origin: Origin) -> Sequence[Columns | Packed]:
    """The record's rows, by table. Raises `Undecodable`."""
    if record.topic == topics.EVENTS.name and (quick := packed_events(record, origin)) is not None:
        return quick
    return by_table(DECODERS[record.topic](record, origin))


__all__ = ["DECODERS", "Decoder", "Origin", "Undecodable", "decode"]
