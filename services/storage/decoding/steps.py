"""What live rankings were the first to show, and when boards had them: of a ranking's header, and `campaign.sightings`."""

import msgspec

from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.steps import Micros, Showing, decode_showing, decode_sightings
from services.storage.decoding.origin import Origin, Undecodable
from services.storage.rows import RankingStepsRow, Row


def sighting_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    try:
        sightings = decode_sightings(record.value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Undecodable(str(error)) from error
    return [
        row
        for one in sightings
        for row in steps_row(
            one.block, Place(one.partition, one.offset, one.index), one.shows.encode(), one.board
        )
    ]


def steps_row(block: str, cause: Place, shows: bytes, board: Micros | None) -> list[Row]:
    """One row; none for a header that cannot be read, as it measures and decides nothing."""
    try:
        showing = decode_showing(shows)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return []
    return [_row(block, cause, showing, board)]


def _row(block: str, cause: Place, showing: Showing, board: Micros | None) -> RankingStepsRow:
    stretches = showing.stretches
    return RankingStepsRow(
        block=block,
        cause_partition=cause.partition,
        cause_offset=cause.offset,
        cause_index=max(cause.index, 0),
        ranked=showing.ranked,
        board=board,
        came=max((one.door for one in stretches), default=showing.ranked),
        offsets=[one.offset for one in stretches],
        events=[one.events for one in stretches],
        door_us=[one.door for one in stretches],
        logged_us=[one.logged for one in stretches],
        applied_us=[one.applied for one in stretches],
        old=showing.tally.old,
        repeats=showing.tally.repeats,
        corrections=showing.tally.corrections,
    )
