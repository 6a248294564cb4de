"""`thidua backup` and `thidua restore`: the log, the packs, the keys' hashes and the people, as files. Everything else is computed from them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from services.cli.apps import sub_command
from services.cli.backup_folder import BackupFolder, Copied
from services.cli.broker import KafkaBroker
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.log_copy import LogCopier
from services.cli.settings import settings
from services.cli.topics import create_topics
from services.contracts.kafka import kafka_security
from services.contracts.topics import EVENTS, PACKS, PEOPLE, PRINCIPALS, TIMESTAMPS, TOPICS, Topic

app = sub_command()

SEGMENT_RECORDS: Final = 20_000
"""Records in one file: what a backup that is cut off does again at most."""

REFERENCE: Final = (PACKS, PRINCIPALS, PEOPLE)
"""Compacted topics: copied whole each time, so that who was erased is not in the next backup either."""

Folder = Annotated[Path, typer.Argument(help="The backup's folder.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")]
Tell = Callable[[str], None]


@app.command()
def backup(folder: Folder, as_json: AsJson = False) -> None:
    """Write the log and what stands beside it into FOLDER. Run again on the same folder, it adds what came since; services may run.

    The folder holds names and contacts of council members: keep it as such.

    Example: thidua backup /srv/backups/thidua
    """
    broker, copier = _broker(), _copier()
    partitions = broker.existing([EVENTS]).get(EVENTS.name)
    if partitions is None:
        raise CalledWrongly(
            f"There is no topic {EVENTS.name}.", "Point THIDUA_KAFKA_BOOTSTRAP at the broker to back up."
        )
    kept = BackupFolder.create_or_resume(folder, partitions.partitions)
    copied = {topic.name: back_up(broker, copier, kept, topic) for topic in (*REFERENCE, EVENTS)}
    typer.echo(json.dumps(copied) if as_json else _said(copied, f"in {folder}"))


@app.command()
def restore(folder: Folder, as_json: AsJson = False) -> None:
    """Write a backup into a broker whose log is empty; missing topics are created. Cut off, it may be run again and goes on.

    Every event comes to stand where it stood, so that every evaluation computed from it has the same bytes. Start the services afterwards:
    scoring computes the evaluations again, storage fills ClickHouse.

    Example: thidua restore /srv/backups/thidua
    """
    kept = BackupFolder.open(folder)
    kept.check(topic.name for topic in (*REFERENCE, EVENTS))
    broker, copier = _broker(), _copier()
    create_topics(broker, TOPICS, kept.contents.partitions, settings().replication)
    copied = {topic.name: _restore_reference(copier, kept, topic) for topic in REFERENCE}
    broker.alter([with_given_times(EVENTS)])
    try:
        copied[EVENTS.name] = restore_log(broker, copier, kept)
    finally:
        broker.alter([EVENTS])
    typer.echo(json.dumps(copied) if as_json else _said(copied, "restored"))


def with_given_times(topic: Topic) -> Topic:
    """The topic while it is restored: records keep the times that the first broker gave them."""
    return replace(topic, config={**topic.config, TIMESTAMPS: "CreateTime"})


def back_up(broker: KafkaBroker, copier: LogCopier, kept: BackupFolder, topic: Topic) -> int:
    """Copies what the folder lacks of the topic; how many records. Raises `FoundWrong` where the log itself has a hole."""
    if topic in REFERENCE:
        kept.forget(topic.name)
    count = 0
    for partition, span in broker.spans(topic).items():
        start = kept.next_offset(topic.name, partition)
        for first, next, records in _segments(copier, topic, partition, start, span.end):
            if topic == EVENTS and len(records) != next - first:
                raise _hole(topic, partition, first, next)
            kept.write(topic.name, partition, first, next, records)
            count += len(records)
    return count


def _segments(
    copier: LogCopier, topic: Topic, partition: int, start: int, end: int
) -> Iterator[tuple[int, int, list[Copied]]]:
    """[first, next) with its records, until the end that the topic had when it was asked."""
    held: list[Copied] = []
    first = start
    for records in copier.read(topic.name, partition, start, end) if start < end else ():
        held.extend(records)
        if len(held) >= SEGMENT_RECORDS:
            next = held[-1].offset + 1
            yield first, next, held
            first, held = next, []
    if first < end:
        yield first, end, held


def restore_log(broker: KafkaBroker, copier: LogCopier, kept: BackupFolder) -> int:
    """Appends what the log lacks of the backup. Raises `FoundWrong` when the log holds something else, or more."""
    count = 0
    for partition, span in broker.spans(EVENTS).items():
        if span.end > kept.next_offset(EVENTS.name, partition):
            raise FoundWrong(
                f"{EVENTS.name}/{partition} holds {span.end} records, more than the backup.",
                "Restore into a broker whose log is empty, or holds the beginning of this very backup.",
            )
        _require_beginning(copier, kept, partition, span.end)
        for segment in kept.segments(EVENTS.name, partition):
            lacking = [record for record in kept.read(segment) if record.offset >= span.end]
            if lacking:
                copier.append(EVENTS.name, partition, lacking, at=lacking[0].offset)
            count += len(lacking)
    return count


def _require_beginning(copier: LogCopier, kept: BackupFolder, partition: int, end: int) -> None:
    """That what stands in the log already is what a restore that was cut off wrote: its last record tells."""
    if end == 0:
        return
    (last,) = [record for records in copier.read(EVENTS.name, partition, end - 1, end) for record in records]
    held = next(s for s in kept.segments(EVENTS.name, partition) if s.first < end <= s.next)
    if last not in kept.read(held):
        raise FoundWrong(
            f"{EVENTS.name}/{partition} is of another log.", "Restore into a broker whose log is empty."
        )


def _restore_reference(copier: LogCopier, kept: BackupFolder, topic: Topic) -> int:
    """Written again it changes nothing: the topic keeps the newest value of each key."""
    count = 0
    for segment in kept.segments(topic.name):
        records = kept.read(segment)
        copier.append(topic.name, segment.partition, records, at=None)
        count += len(records)
    return count


def _hole(topic: Topic, partition: int, first: int, next: int) -> FoundWrong:
    return FoundWrong(
        f"{topic.name}/{partition} lacks records between {first} and {next}: events were deleted from the log.",
        "Look at the topic's retention (thidua doctor); a copy with a hole could not be restored to the same evaluations.",
    )


def _said(copied: dict[str, int], what: str) -> str:
    return ", ".join(f"{count} records of {name}" for name, count in copied.items()) + f": {what}."


def _broker() -> KafkaBroker:
    return KafkaBroker.of(settings())


def _copier() -> LogCopier:
    return LogCopier(settings().kafka_servers(), kafka_security(settings()))
