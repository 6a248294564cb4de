"""What the api makes of results: official evaluations carry their shortlist, flags their tone and what could be wrong with them."""

from dataclasses import dataclass

import msgspec

from services.api.naming import BlockNames, flag_view, ranking_view
from services.api.views import Words
from services.contracts.flags import CounterCheck, MissingReport
from services.contracts.results import Shortlist
from tests.unit.alerting.fakes import flag
from tests.unit.scoring.engine.events import BLOCK, Log, pack, report


@dataclass
class Evaluated:
    log: Log
    names: BlockNames


def evaluated() -> Evaluated:
    made = pack(units=[f"u{number}" for number in range(1, 6)])
    block = made.blocks[0].model_copy(update={"shortlist": 0.2})
    made = made.model_copy(update={"blocks": (block,)})
    log = Log(made).activate()
    for number in range(1, 6):
        log.add(report(f"u{number}", "i", "2025-01", float(number)))
    return Evaluated(log, BlockNames(BLOCK, made))


def test_an_official_evaluation_shows_its_shortlist() -> None:
    block = evaluated()
    evaluation = block.log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert ranking_view(evaluation, block.names, full=False).shortlist == Shortlist(0.2, 1, ["u5"], [])  # type: ignore[list-item]


def test_a_flag_says_in_both_languages_what_could_be_wrong_with_it() -> None:
    check = CounterCheck(None, 1, MissingReport("i", 4, False), False, True)
    view = flag_view(flag("u1", check=check, kind="silent"), evaluated().names)
    assert view.tone == "urge"
    assert view.doubts == Words(
        "1 báo cáo quá hạn; “Chữ” ở mức trung vị của khối thì hạng là 4; đơn vị mới sắp xếp lại",
        "1 overdue; with “Text” at the block's median it would be rank 4; the unit was reorganised lately",
    )


def test_a_flag_without_a_check_has_no_doubts() -> None:
    assert flag_view(flag("u1"), evaluated().names).doubts is msgspec.UNSET
