"""A pack folder as the commands use it: the pack, its compiled form, and who is to hold keys."""

from pathlib import Path
from typing import NamedTuple

from services.cli.failures import CalledWrongly, FoundWrong
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.load import load_pack
from services.contracts.pack.model import Pack
from services.contracts.pack.principals import PlannedPrincipal, load_principals
from services.contracts.pack.problem import BadPack


class CheckedPack(NamedTuple):
    """A pack that was read without a fault."""

    pack: Pack
    compiled: CompiledPack
    principals: tuple[PlannedPrincipal, ...]


def read_pack(folder: Path) -> CheckedPack:
    """Raises `BadPack` with all faults, `CalledWrongly` when there is no such folder."""
    if not folder.is_dir():
        raise CalledWrongly(f"There is no folder {folder}.", "Give a pack's folder, such as campaigns/hdi.")
    pack = load_pack(folder)
    return CheckedPack(pack, compile_pack(pack), load_principals(folder, pack))


def read_right_pack(folder: Path) -> CheckedPack:
    """`read_pack` for commands that need a pack without a fault: raises `FoundWrong` with all faults."""
    try:
        return read_pack(folder)
    except BadPack as bad:
        raise FoundWrong(
            str(bad), f"Correct these faults; thidua pack check {folder} shows what is left."
        ) from bad


def named_folder(name: str) -> Path:
    """The folder of a pack given by path, or by the name of a campaign that comes with the program."""
    given = Path(name)
    shipped = Path(__file__).resolve().parents[2] / "campaigns" / name
    return shipped if not given.is_dir() and shipped.is_dir() else given
