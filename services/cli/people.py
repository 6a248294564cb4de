"""`thidua people`: who holds which role of a council, and how to reach them; writes `campaign.people`."""

import json
from typing import Annotated
from urllib.parse import urlsplit

import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker, Outgoing
from services.cli.failures import CalledWrongly
from services.cli.settings import settings
from services.contracts.people import (
    PERSON_SCHEMA,
    Channel,
    Person,
    PersonId,
    decode_person,
    encode_person,
)
from services.contracts.topics import PEOPLE

app = sub_command("Say who holds a role of a council; names and addresses stand nowhere else.")

RoleId = Annotated[str, typer.Argument(help="CAMPAIGN/ROLE, as sample/chair.", show_default=False)]


@app.command("set")
def set_person(
    role: RoleId,
    name: Annotated[str, typer.Option(help="Name of the person.")],
    email: Annotated[str | None, typer.Option(help="Address of e-mail.")] = None,
    webhook: Annotated[str | None, typer.Option(help="http or https address that takes JSON.")] = None,
) -> None:
    """Put a person into a role, in the place of whoever held it.

    Example: thidua people set sample/chair --name "Bà Thử" --email chair@tinh.example
    """
    put_person(_broker(), person_of(role, name, email, webhook))
    typer.echo(f"{role} is held.")


@app.command()
def remove(role: RoleId) -> None:
    """Erase the person of a role. Kafka forgets what stood there within about a day.

    Example: thidua people remove sample/chair
    """
    broker = _broker()
    if checked_role(role) not in people(broker):
        raise CalledWrongly(
            f"Nobody holds {role!r}.", "List the roles that are held with thidua people list."
        )
    broker.append(PEOPLE, [Outgoing(role, None, PERSON_SCHEMA)])
    typer.echo(f"{role} is held by nobody.")


@app.command("list")
def list_people(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List who holds which role. What it prints is personal data.

    Example: thidua people list --json
    """
    held = [person for _, person in sorted(people(_broker()).items())]
    if as_json:
        rows = [{"id": one.id, "name": one.name, "contacts": one.contacts} for one in held]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in held:
        contacts = "  ".join(f"{channel}: {address}" for channel, address in sorted(one.contacts.items()))
        typer.echo(f"{one.id:24}  {one.name:24}  {contacts}")


def people(broker: Broker) -> dict[PersonId, Person]:
    """The people by role, the newest state of each."""
    held: dict[PersonId, Person] = {}
    for record in broker.read(PEOPLE):
        if record.value is None:
            held.pop(PersonId(record.key), None)
        else:
            held[PersonId(record.key)] = decode_person(record.value)
    return held


def put_person(broker: Broker, person: Person) -> None:
    broker.append(PEOPLE, [Outgoing(person.id, encode_person(person), PERSON_SCHEMA)])


def person_of(role: str, name: str, email: str | None, webhook: str | None) -> Person:
    """Raises `CalledWrongly` for what cannot be a role or an address."""
    contacts: dict[Channel, str] = {}
    if email is not None:
        contacts["email"] = _email(email)
    if webhook is not None:
        contacts["webhook"] = _webhook(webhook)
    if not contacts:
        raise CalledWrongly("A person without a contact cannot be told.", "Give --email, --webhook, or both.")
    return Person(id=checked_role(role), name=name, contacts=contacts)


def checked_role(role: str) -> PersonId:
    if len(role.split("/")) != 2 or not all(role.split("/")):
        raise CalledWrongly(f"{role!r} is no role.", "Give CAMPAIGN/ROLE, such as sample/chair.")
    return PersonId(role)


def _email(address: str) -> str:
    before, _, after = address.rpartition("@")
    if not before or not after or any(sign in address for sign in " ,;<>"):
        raise CalledWrongly(f"{address!r} is no address of e-mail.", "Give one, such as chair@tinh.example.")
    return address


def _webhook(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CalledWrongly(
            f"{address!r} is no webhook.", "Give an address that begins with http:// or https://."
        )
    return address


def _broker() -> Broker:
    return KafkaBroker.of(settings())
