"""`council.yaml`: roles that are told of flags; what does not fit is told by its line. A pack without one keeps its hash."""

from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack

COUNCIL = """\
- role: chair
  title: {vi: Chủ tịch, en: Chair}
  blocks: []
- role: member
  title: {vi: Ủy viên, en: Member}
  blocks: [communes]
  channels: [email, webhook]
  escalate_after_hours: 48
  escalate_to: chair
"""


def written(folder: Path, text: str = COUNCIL) -> Path:
    (folder / "council.yaml").write_text(text, encoding="utf-8")
    return folder


def test_roles_are_read_and_survive_publishing(folder: Path) -> None:
    pack = read_compiled(compile_pack(load_pack(written(folder))).body).pack
    chair, member = pack.council
    assert (chair.role, chair.channels, chair.language) == ("chair", ("email",), "vi")
    assert (member.channels, member.escalate_after_hours, member.escalate_to) == (
        ("email", "webhook"),
        48,
        "chair",
    )


def test_a_role_hears_of_its_blocks_of_all_or_of_none(folder: Path) -> None:
    chair, member = load_pack(written(folder)).council
    assert [chair.hears_of("communes"), member.hears_of("communes"), member.hears_of("other")] == [
        False,
        True,
        False,
    ]
    everything = COUNCIL.replace("  blocks: [communes]\n", "")
    assert load_pack(written(folder, everything)).council[1].hears_of("communes")


def test_a_pack_without_a_council_keeps_its_hash(folder: Path) -> None:
    compiled = compile_pack(load_pack(folder))
    assert b"council" not in compiled.body
    assert compile_pack(load_pack(written(folder))).hash != compiled.hash


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[communes]", "[comunes]", "council.yaml:6: there is no block 'comunes'; write 'communes' instead"),
        (
            "escalate_to: chair",
            "escalate_to: chairs",
            "council.yaml:9: there is no role 'chairs'; write 'chair' instead",
        ),
        (
            "escalate_to: chair",
            "escalate_to: member",
            "council.yaml:9: a role cannot escalate to itself; write another role instead",
        ),
        (
            "  escalate_to: chair\n",
            "",
            "council.yaml:4: escalate_after_hours and escalate_to go together; write both, or neither instead",
        ),
        (
            "role: member",
            "role: chair",
            "council.yaml:4: the role 'chair' stands in line 1 already; write another id instead",
        ),
        (
            "webhook]",
            "pigeon]",
            "council.yaml:7: 'channels' cannot be 'pigeon'; write 'email' or 'webhook' instead",
        ),
        (
            "channels: [email, webhook]",
            "channels: []",
            "council.yaml:7: 'channels' is empty; write at least one instead",
        ),
        (
            "hours: 48",
            "hours: 0",
            "council.yaml:8: 'escalate_after_hours' cannot be 0; write a number above 0 instead",
        ),
        (
            "  title: {vi: Ủy viên, en: Member}\n",
            "",
            "council.yaml:4: 'title' is missing; write 'title: ...' instead",
        ),
    ],
)
def test_a_fault_is_told_by_its_line(folder: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(written(folder, COUNCIL.replace(old, new)))
    assert problem in [str(one) for one in bad.value.problems]
