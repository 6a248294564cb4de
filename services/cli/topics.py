"""`thidua topics`: the deploy step that creates the topics and checks the settings of those that exist."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple

import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker, TopicState
from services.cli.failures import FoundWrong
from services.cli.settings import settings
from services.contracts.topics import TOPICS, Topic

app = sub_command("Create the topics and check their settings.")


@app.callback()
def topics() -> None:
    """Create the topics and check their settings."""


@app.command()
def create(
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Of the topics kept by block; fixed at creation.")
    ] = None,
    replication: Annotated[int | None, typer.Option(min=1, help="Copies of each partition.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Create every topic that does not exist, and bring the settings of the others up to date. May be run again.

    Example: thidua topics create --partitions 12
    """
    broker = KafkaBroker.of(settings())
    count = partitions or settings().partitions
    made, altered = create_topics(broker, TOPICS, count, replication or settings().replication)
    kept = [topic.name for topic in TOPICS if topic.name not in made]
    if as_json:
        typer.echo(json.dumps({"created": made, "altered": altered, "kept": kept, "partitions": count}))
    else:
        typer.echo(
            f"{len(made)} topics created, {len(kept)} there already ({len(altered)} of them with settings altered), "
            f"{count} partitions by block."
        )


class Changed(NamedTuple):
    """Names of topics."""

    created: list[str]
    altered: list[str]


def create_topics(broker: Broker, topics: Iterable[Topic], partitions: int, replication: int) -> Changed:
    """Creates what is missing and alters what has other settings. Raises `FoundWrong`, and then changes nothing, when a topic that exists
    has another number of partitions: that is fixed at creation."""
    wanted = list(topics)
    existing = broker.existing(wanted)
    held = [topic for topic in wanted if topic.name in existing]
    wrong = [line for topic in held for line in wrong_partitions(topic, existing[topic.name], partitions)]
    if wrong:
        raise FoundWrong(
            "\n".join(wrong), "Partitions are fixed at creation: call with the number that exists."
        )
    outdated = [topic for topic in held if any(wrong_settings(topic, existing[topic.name]))]
    missing = [topic for topic in wanted if topic.name not in existing]
    if outdated:
        broker.alter(outdated)
    if missing:
        broker.create(missing, partitions, replication)
    return Changed([topic.name for topic in missing], [topic.name for topic in outdated])


def differences(topic: Topic, found: TopicState, partitions: int) -> Iterator[str]:
    """A line for each thing about an existing topic that is not as it must be."""
    yield from wrong_partitions(topic, found, partitions)
    yield from wrong_settings(topic, found)


def wrong_partitions(topic: Topic, found: TopicState, partitions: int) -> Iterator[str]:
    expected = partitions if topic.by_block else 1
    if found.partitions != expected:
        yield f"{topic.name} has {found.partitions} partitions, not {expected}."


def wrong_settings(topic: Topic, found: TopicState) -> Iterator[str]:
    for name, value in topic.config.items():
        held = found.config.get(name, "")
        if set(held.split(",")) != set(value.split(",")):
            yield f"{topic.name} has {name}={held}, not {value}."
