"""`thidua explain`, from a log in memory."""

import re
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from services.cli.broker import Outgoing
from services.cli.explain import explanation_of, written
from services.cli.failures import CalledWrongly
from services.cli.publishing import PACK_SCHEMA
from services.contracts.explanation import OtherFigure
from services.contracts.ids import BlockId, UnitId
from services.contracts.results import EVALUATION_SCHEMA, encode_result
from services.contracts.topics import EVALUATIONS, PACKS
from tests.support.explained import BLOCK, two_months
from tests.unit.cli.fakes import FakeBroker


@pytest.fixture
def broker() -> FakeBroker:
    _, compiled, made = two_months(simulated=True)
    broker = FakeBroker()
    broker.append(PACKS, [Outgoing(compiled.hash, compiled.body, PACK_SCHEMA)])
    broker.append(
        EVALUATIONS, [Outgoing(BLOCK, encode_result(one), EVALUATION_SCHEMA) for one in (*made, made[0])]
    )
    return broker


def test_the_newest_evaluation_is_explained_unless_a_period_is_named(broker: FakeBroker) -> None:
    assert explanation_of(broker, BLOCK, UnitId("u1"), None).period == "2025-02"
    assert explanation_of(broker, BLOCK, UnitId("u1"), "2025-01").period == "2025-01"


def test_the_text_has_every_criterion_the_total_and_the_gaps(broker: FakeBroker) -> None:
    told = explanation_of(broker, BLOCK, UnitId("u2"), None)
    out = StringIO()
    console = Console(file=out, width=120)
    for part in written(told):
        console.print(part)
    text = out.getvalue()
    assert "U2 (u2) in test/b1, 2025-02: rank 2 of 3" in text
    assert "MÔ PHỎNG / simulated" in text
    assert re.search(rf"final score\s+{told.score:.2f}", text)
    for words in ("Life", "Models", "Against the unit above, U1", "Against the unit below, U3", "(2025-01)"):
        assert words in text


def test_a_figure_that_is_missing_is_said_in_words(broker: FakeBroker) -> None:
    out = StringIO()
    for part in written(explanation_of(broker, BLOCK, UnitId("u3"), None)):
        Console(file=out, width=120).print(part)
    assert "not reported" in out.getvalue()


def test_what_another_origin_reported_is_said_under_the_figures(broker: FakeBroker) -> None:
    told = explanation_of(broker, BLOCK, UnitId("u2"), None)
    lines = [
        msgspec.structs.replace(line, others=[OtherFigure("department", 61.5)])
        if line.id == "water"
        else line
        for line in told.lines
    ]
    parts = written(msgspec.structs.replace(told, lines=lines))
    assert parts[2] == "Text: 67 by self counts, department reports 61.5"


@pytest.mark.parametrize(
    ("block", "unit", "period", "message"),
    [
        ("test/nope", "u1", None, "no block 'test/nope'"),
        ("test/b1", "u9", None, "u9 is not in test/b1 in 2025-02"),
        ("test/b1", "u1", "2024-05", "no official evaluation of 2024-05.*2025-01, 2025-02"),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(
    broker: FakeBroker, block: str, unit: str, period: str | None, message: str
) -> None:
    with pytest.raises(CalledWrongly, match=re.compile(message, re.DOTALL)):
        explanation_of(broker, BlockId(block), UnitId(unit), period)
