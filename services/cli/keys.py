"""`thidua keys`: issues, revokes and lists API keys, and issues the demonstration keys of a pack."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.apps import sub_command
from services.cli.broker import KafkaBroker
from services.cli.counted import counted
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.key_files import read_key, write_key
from services.cli.key_register import KeyRegister
from services.cli.pack_folder import CheckedPack, read_right_pack
from services.cli.settings import settings
from services.contracts.ids import CampaignId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.principals import Principal, Role, issue_key

app = sub_command("Issue, revoke and list API keys.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def issue(
    campaign: Annotated[str, typer.Argument(help="Campaign id, as hdi.", show_default=False)],
    principal: Annotated[
        str, typer.Argument(help="Short id; its sources begin with /CAMPAIGN/ID.", show_default=False)
    ],
    role: Annotated[str, typer.Option(help="unit, department, office or council.")],
    name: Annotated[str | None, typer.Option(help="Name for people; else the id.")] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="A unit that it may report for; may be given again.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the key to this new file (0600), do not print it.")
    ] = None,
) -> None:
    """Issue a key. It is shown once and kept nowhere; only its hash is stored.

    Example: thidua keys issue sample xa-1 --role unit --unit xa-mau-1 --out xa-1.key
    """
    planned = _planned(principal, name or principal, role, unit)
    if out is not None and out.exists():
        raise FoundWrong(f"{out} exists already.", "Give another file, or move this one away.")
    issued = _register().issue(CampaignId(campaign), planned)
    if out is None:
        typer.echo(issued.key)
    else:
        write_key(out, issued.key)
        typer.echo(f"Key {issued.id} was written to {out}.")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The part of a key between td_ and the next _.")],
) -> None:
    """Revoke a key: the door refuses it from now on.

    Example: thidua keys revoke 5f0c2a9d7b31
    """
    revoked = _register().revoke(key_id)
    typer.echo(f"Key {revoked.id} of {revoked.name} ({revoked.campaign}) is revoked.")


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List who holds which key.

    Example: thidua keys list --json
    """
    held = sorted(_register().all().values(), key=lambda one: (one.campaign, one.role, one.name))
    if as_json:
        typer.echo(json.dumps([_row(one) for one in held], ensure_ascii=False))
        return
    typer.echo(f"{'key':12}  {'state':7}  {'campaign':10}  {'role':10}  {'holds':9}  name")
    for one in held:
        state = "revoked" if one.revoked else "valid"
        units = "all units" if one.units is None else counted(len(one.units), "unit")
        typer.echo(f"{one.id}  {state:7}  {one.campaign:10}  {one.role:10}  {units:9}  {one.name}")


@app.command()
def demo(
    folders: Annotated[list[Path], typer.Argument(help="Pack folders.", show_default=False)],
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Folder of the key files; else the stack's keys/.")
    ] = None,
) -> None:
    """Issue a key to each principal of the packs' principals.yaml, as DIR/CAMPAIGN-PRINCIPAL.key; existing files are kept and used.

    Example: thidua keys demo campaigns/hdi --dir var/keys
    """
    target = directory or settings().keys_dir
    packs = [read_right_pack(folder) for folder in folders]
    issue_demo_keys(_register(), packs, target)
    for folder, checked in zip(folders, packs, strict=True):
        typer.echo(f"{folder}: {counted(len(checked.principals), 'key')} in {target}")


def issue_demo_keys(register: KeyRegister, packs: Sequence[CheckedPack], directory: Path) -> None:
    """Every planned principal has a key file and opens the door with it. Running it again changes nothing."""
    planned = [(CampaignId(checked.pack.campaign.id), one) for checked in packs for one in checked.principals]
    register.ensure([(of, one, _key_of(directory / f"{of}-{one.id}.key")) for of, one in planned])


def _key_of(file: Path) -> str:
    """The file's key; a file with a new one is made when there is none. The register learns of it afterwards, so a cut-off run resumes."""
    if not file.exists():
        write_key(file, issue_key().key)
    return read_key(file)


def _register() -> KeyRegister:
    return KeyRegister(KafkaBroker.of(settings()))


def _planned(principal: str, name: str, role: str, units: list[str] | None) -> PlannedPrincipal:
    if role not in Role.__args__:  # type: ignore[attr-defined]
        raise CalledWrongly(f"There is no role {role!r}.", "Give --role unit, department, office or council.")
    if role == "unit" and len(units or []) != 1:
        raise CalledWrongly("A unit's key holds one unit.", "Give --unit once.")
    return PlannedPrincipal(id=principal, name=name, role=role, units=None if units is None else tuple(units))


def _row(one: Principal) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "campaign": one.campaign,
        "role": one.role,
        "source_prefix": one.source_prefix,
        "units": None if one.units is None else sorted(one.units),
        "issued": one.issued.isoformat(),
        "revoked": one.revoked.isoformat() if one.revoked else None,
    }
