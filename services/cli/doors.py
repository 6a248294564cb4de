"""Finds the door and the keys: options first, then the running embedded stack."""

from pathlib import Path

import typer

from deploy.embedded.invocation import command
from services.cli.door import DoorClient
from services.cli.failures import CalledWrongly, CannotReach
from services.cli.key_files import read_key
from services.cli.pack_folder import CheckedPack
from services.cli.sending import Door
from services.cli.settings import CliSettings, settings
from services.contracts.ids import CampaignId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.principals import Role


def planned_sender(checked: CheckedPack, role: Role) -> PlannedPrincipal:
    """The pack's first principal of that role; of departments, the first that holds all units. Raises `CalledWrongly` when it has none."""
    of_role = [planned for planned in checked.principals if planned.role == role]
    if not of_role:
        campaign = checked.pack.campaign.id
        raise CalledWrongly(
            f"The pack of {campaign} plans no principal of role {role}.", "Add one to its principals.yaml."
        )
    return next((planned for planned in of_role if planned.units is None), of_role[0])


def open_door(url: str | None, campaign: CampaignId, principal: str, key_file: Path | None) -> Door:
    """The door with the principal's key: the given file's, or the demonstration key of the running stack."""
    file = key_file or demo_key_file(campaign, principal)
    return door_client(url, file)


def door_client(url: str | None, key_file: Path) -> DoorClient:
    """The door with the file's key. When it is silent, a person hears of that at once."""
    return DoorClient(
        url or settings().ingest_url,
        read_key(key_file),
        deadline_s=settings().door_retry_s,
        silent=say_waiting,
    )


def say_waiting(url: str, ever_answered: bool) -> None:
    """Says that the door is waited for. Raises `CannotReach` when it never answered and belongs to the local stack, which does not run."""
    if not ever_answered and _is_of_stopped_stack(url.rstrip("/")):
        raise CannotReach(
            f"The stack on {settings().data_dir} does not run, so its door at {url} does not answer.",
            f"Start it with {command('up')}, then run this again.",
        )
    typer.echo(
        f"The door at {url} does not answer; waiting (Ctrl-C ends, sending again later changes nothing).",
        err=True,
    )


def _is_of_stopped_stack(url: str) -> bool:
    """Where no stack was ever started, or none of this version, the address that nobody set is meant to be its."""
    try:
        from deploy.embedded.stack import Stack  # noqa: PLC0415 - 0.3 s that a door that answers need not cost
    except ImportError:  # in the services' image, which has no embedded stack
        return False

    stack = Stack.recorded(settings().data_dir)
    if stack is None:
        return "ingest_url" not in CliSettings().model_fields_set and url == settings().ingest_url
    return url == stack.urls["ingest"] and not stack.is_running()


def demo_key_file(campaign: CampaignId, principal: str) -> Path:
    return settings().keys_dir / f"{campaign}-{principal}.key"
