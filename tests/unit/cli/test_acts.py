"""Acts from the command line: each is an event that the door takes, and what cannot be right never leaves."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.cli.acts import tell_sent, unit_named
from services.cli.council import Verdict, adjustment, decision
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.periods import campaign_of_all, closing, reopening, require_period
from services.cli.publication import publication
from services.cli.reply import answer
from services.contracts.act_rules import Act
from services.contracts.event_data import AdjustmentData
from services.contracts.events import encode_event
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.validation import EventValidator
from tests.door_samples import principal, small_pack
from tests.unit.cli.fakes import FakeDoor

AT = datetime(2025, 7, 5, 8, tzinfo=UTC)
FLAG = "demo/north:leader:n1:0123456789abcdef"
POINTS = AdjustmentData(criterion="root", period="2025-06", points=2.0, reason="found")

EVERY: list[tuple[Act, str]] = [
    (closing("demo/north", "2025-06", "final", "office", AT), "office"),
    (reopening("demo/north", "2025-06", "lost", "office", AT), "office"),
    (publication(BlockId("demo/north"), "0" * 32, "office", "office", AT), "office"),
    (decision(FLAG, Verdict.CONFIRM, "seen", "council", AT), "council"),
    (adjustment("demo/n1", POINTS, "council", AT), "council"),
    (answer(FLAG, "Late.", ["CV-1"], "n1", AT), "unit"),
]


@pytest.mark.parametrize(("act", "role"), EVERY)
def test_the_door_takes_what_the_command_sends(act: Act, role: str) -> None:
    pack = small_pack().pack
    scheme = pack.schemes[0]
    root = scheme.root.model_copy(update={"adjustable": 5.0})
    catalog = PackCatalog()
    catalog.put(
        compile_pack(pack.model_copy(update={"schemes": (scheme.model_copy(update={"root": root}),)})).body
    )
    sender = principal(role, source_prefix=act.source.removesuffix("/cli"))
    assert EventValidator(catalog).check(encode_event(act), sender, AT).block == "demo/north"


def test_the_same_act_later_is_another_but_the_same_points_are_not_given_twice() -> None:
    later = AT + timedelta(minutes=1)
    assert (
        closing("demo/north", "2025-06", "final", "office", AT).id
        != closing("demo/north", "2025-06", "final", "office", later).id
    )
    assert (
        adjustment("demo/n1", POINTS, "council", AT).id == adjustment("demo/n1", POINTS, "council", later).id
    )


@pytest.mark.parametrize("text", ["n1", "demo/", "/n1", "demo/north/n1"])
def test_what_is_no_unit_is_told(text: str) -> None:
    with pytest.raises(CalledWrongly, match="no unit of a campaign"):
        unit_named(text)


def test_what_is_no_flag_is_told() -> None:
    with pytest.raises(CalledWrongly, match="no id of a flag"):
        answer("n1", "Late.", [], "n1", AT)


def test_what_is_no_period_is_told() -> None:
    with pytest.raises(CalledWrongly, match="not a period"):
        require_period("June")


def test_blocks_of_two_campaigns_need_two_keys() -> None:
    with pytest.raises(CalledWrongly, match="demo and hdi"):
        campaign_of_all(["demo/north", "hdi/world"])


def test_each_result_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    acts = [act for act, _ in EVERY[:2]]
    tell_sent(FakeDoor(), acts, as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["subject"], row["status"], row["problem"]) for row in rows] == [
        ("demo/north", "accepted", None)
    ] * 2


def test_a_rejected_act_ends_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    act = EVERY[0][0]
    with pytest.raises(FoundWrong, match=r"It is wrong\.\nCorrect it\."):
        tell_sent(FakeDoor(refused=frozenset({act.id})), [act], as_json=False)
    assert capsys.readouterr().out == "period.closed of demo/north: rejected.\n"
