"""`thidua topics`: the deploy step that creates the topics and checks the settings of those that exist."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated

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
    """Create every topic that does not exist, and check those that do. May be run again.

    Example: thidua topics create --partitions 12
    """
    broker = KafkaBroker.of(settings())
    count = partitions or settings().partitions
    made = create_topics(broker, TOPICS, count, replication or settings().replication)
    kept = [topic.name for topic in TOPICS if topic.name not in made]
    if as_json:
        typer.echo(json.dumps({"created": made, "kept": kept, "partitions": count}))
    else:
        typer.echo(f"{len(made)} topics created, {len(kept)} there already, {count} partitions by block.")


def create_topics(broker: Broker, topics: Iterable[Topic], partitions: int, replication: int) -> list[str]:
    """Names of the topics that were created now. Raises `FoundWrong` when one that exists has other settings."""
    wanted = list(topics)
    existing = broker.existing(wanted)
    differing = [
        line for t in wanted if t.name in existing for line in differences(t, existing[t.name], partitions)
    ]
    if differing:
        raise FoundWrong(
            "\n".join(differing),
            "Partitions are fixed at creation: call with the number that exists. Alter other settings with kafka-configs.sh --alter.",
        )
    missing = [topic for topic in wanted if topic.name not in existing]
    if missing:
        broker.create(missing, partitions, replication)
    return [topic.name for topic in missing]


def differences(topic: Topic, found: TopicState, partitions: int) -> Iterator[str]:
    """A line for each setting of an existing topic that is not as it must be."""
    expected = partitions if topic.by_block else 1
    if found.partitions != expected:
        yield f"{topic.name} has {found.partitions} partitions, not {expected}."
    for name, value in topic.config.items():
        held = found.config.get(name, "")
        if set(held.split(",")) != set(value.split(",")):
            yield f"{topic.name} has {name}={held}, not {value}."
