"""What a busy chairman reads: which unit, what, how sure, since when, what is asked, where to look."""

import html
from pathlib import Path
from typing import Any

import pytest

from services.alerting.directory import Directory, Recipient
from services.alerting.ports import Message
from services.alerting.wording import Letters
from services.contracts.alerts import Alert, alert_id
from services.contracts.flags import CounterCheck, Flag, MissingReport, Mover, SmallestBase
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId, FlagId, PackHash
from services.contracts.pack.base import Text
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.council import CouncilRole
from services.contracts.pack.load import load_pack
from services.contracts.topics import PACKS
from tests.unit.alerting.fakes import NOW, confirmed, flag, replied

BLOCK = BlockId("sample/communes")
SAMPLE = compile_pack(load_pack(Path(__file__).parents[3] / "campaigns" / "sample"))


def sample_flag(unit: str, kind: str = "leader", state: str = "proposed", **more: Any) -> Flag:
    id = FlagId(f"{BLOCK}:{kind}:{unit}:e1")
    movers = [Mover("online-dossiers", 5.25), Mover("poverty", -1.1)]
    fields = {"id": id, "block": BLOCK, "kind": kind, "pack": SAMPLE.hash, "of": 8, "movers": movers}
    return flag(unit, state, **(fields | {"simulated": True} | more))


LEADER = sample_flag("xa-mau-2")
UNDER = sample_flag(
    "xa-mau-5", "underperformer", rank=8, interval=(7, 8), gap=-20.0, movers=[Mover("poverty", -9.04)]
)


def written(*flags: Flag, language: str = "vi", occasion: str = "evaluation", known: bool = True) -> Message:
    directory = Directory()
    if known:
        directory.apply(Record(PACKS.name, 0, 0, SAMPLE.hash, SAMPLE.body, (), 0))
    role = CouncilRole(
        role="chair",
        title=Text(vi="Chủ tịch Hội đồng", en="Chair of the council"),
        language=language,  # type: ignore[arg-type]
    )
    alert = Alert(
        id=alert_id(BLOCK, EvaluationId("e1"), occasion, "chair", "email"),
        block=BLOCK,
        evaluation=EvaluationId("e1"),
        occasion=occasion,
        role="chair",
        channel="email",
        step="sending",
        number=1,
        at=NOW,
        flags=list(flags),
        simulated=any(one.simulated for one in flags),
    )
    letters = Letters(directory, "https://bang.tinh.example/")
    return letters.write(alert, Recipient(role, "email", "Bà Thử", "ba@tinh.example"))


def test_the_subject_of_one_flag_names_the_unit_and_what() -> None:
    assert written(LEADER).subject == (
        "[MÔ PHỎNG] Thi đua · Khối xã, phường: Xã Mẫu Hai – đề xuất dẫn đầu (tháng 6/2026)"
    )


def test_the_subject_of_several_flags_counts_them() -> None:
    ended = sample_flag("xa-mau-4", state="ended", rank=None, interval=None, gap=None)
    assert written(LEADER, UNDER, ended).subject == (
        "[MÔ PHỎNG] Thi đua · Khối xã, phường: 1 đề xuất dẫn đầu, 1 đề xuất cần đôn đốc, 1 thôi đề xuất (tháng 6/2026)"
    )


def test_a_proposal_says_how_sure_since_when_and_why() -> None:
    vietnamese = written(LEADER, UNDER).text.partition("---")[0]
    assert "1. Xã Mẫu Hai: đề xuất DẪN ĐẦU" in vietnamese
    assert (
        "Hạng 1/8 (khoảng 90 %: hạng 1–2), đạt ngưỡng 2 trong 3 kỳ gần nhất, từ tháng 5/2026." in vietnamese
    )
    assert (
        "Hơn trung vị khối 12,5 điểm, chủ yếu do: Hồ sơ được giải quyết trực tuyến +5,3; Tỷ lệ hộ nghèo −1,1."
        in vietnamese
    )
    assert "2. Xã Mẫu Năm: đề xuất CẦN ĐÔN ĐỐC" in vietnamese
    assert "Kém trung vị khối 20,0 điểm, chủ yếu do: Tỷ lệ hộ nghèo −9,0." in vietnamese


def test_it_is_a_proposal_and_says_what_is_asked_and_where_to_look() -> None:
    text = written(LEADER).text
    assert "rồi xác nhận hoặc bác bỏ. Đây là đề xuất của hệ thống, chưa phải kết luận." in text
    assert "then confirm or dismiss. This is the system's proposal, not a verdict." in text
    assert "https://bang.tinh.example/?block=sample/communes" in text


def test_english_stands_below_or_above_as_the_role_reads() -> None:
    vietnamese_first, english_first = written(LEADER), written(LEADER, language="en")
    assert vietnamese_first.text.index("Đề nghị") < vietnamese_first.text.index("Please")
    assert english_first.text.index("Please") < english_first.text.index("Đề nghị")
    assert english_first.subject == (
        "[MÔ PHỎNG / SIMULATED] Emulation · Communes and wards: Xã Mẫu Hai – proposed leader (month 6/2026)"
    )


def test_simulated_figures_are_marked_in_subject_and_both_bodies() -> None:
    message = written(LEADER)
    for part in (message.subject, message.text, message.html):
        assert "MÔ PHỎNG" in part
    assert "MÔ PHỎNG" not in "".join(written(sample_flag("xa-mau-2", simulated=False))[1:4])


def test_a_confirmed_flag_gives_the_reason_and_asks_nothing() -> None:
    message = written(confirmed(LEADER, 5))
    assert "Hội đồng ĐÃ XÁC NHẬN dẫn đầu" in message.text
    assert "Lý do: seen on the spot" in message.text
    assert "Để biết, không cần làm gì thêm." in message.text
    assert "Đề nghị" not in message.text


def test_an_answered_flag_gives_the_units_words_and_asks_for_the_decision() -> None:
    message = written(replied(sample_flag("xa-mau-2"), 1))
    assert "đã giải trình về đề xuất dẫn đầu" in message.subject
    assert "Đơn vị giải trình: Sổ liệu <gửi> muộn" in message.text
    assert "Sổ liệu &lt;gửi&gt; muộn" in message.html
    assert "xác nhận hoặc bác bỏ" in message.text
    assert message.data["flags"][0]["reply"] == "Sổ liệu <gửi> muộn"


def test_an_ended_flag_of_a_unit_that_left_says_so() -> None:
    message = written(sample_flag("xa-mau-2", state="ended", rank=None, interval=None, gap=None))
    assert "THÔI đề xuất dẫn đầu" in message.text
    assert "nay không còn trong diện xếp hạng" in message.text


def test_an_escalated_one_says_that_nobody_has_decided() -> None:
    message = written(LEADER, occasion="escalation:member")
    assert message.subject.startswith("[MÔ PHỎNG] [Chưa ai quyết định] ")
    assert "Chưa ai quyết định về đề xuất này." in message.text


def test_what_people_wrote_cannot_become_html() -> None:
    evil = sample_flag("xa-mau-2", movers=[Mover("<script>", 1.0)])
    assert "<script>" not in written(evil, known=False).html
    assert "&lt;script&gt;" in written(evil, known=False).html


def test_without_the_pack_ids_stand_for_names() -> None:
    message = written(sample_flag("xa-mau-2", pack=PackHash("0" * 64)), known=False)
    assert "communes: xa-mau-2" in message.subject


def test_a_webhook_gets_the_same_as_data() -> None:
    data = written(LEADER).data
    assert (data["block"], data["period"], data["simulated"]) == (BLOCK, "2026-06", True)
    (one,) = data["flags"]
    assert (one["name"], one["unit"], one["kind"], one["state"]) == (
        "Xã Mẫu Hai",
        "xa-mau-2",
        "leader",
        "proposed",
    )
    assert (one["rank"], one["of"], list(one["interval"]), one["hits"], one["window"]) == (1, 8, [1, 2], 2, 3)


def test_the_recipients_name_and_address_stand_in_no_message() -> None:
    assert "Thử" not in "".join(str(part) for part in written(LEADER))
    assert "ba@" not in "".join(str(part) for part in written(LEADER))


CHECK = CounterCheck(
    SmallestBase("online-dossiers", 12.0, 240.0), 1, MissingReport("poverty", 4, True), True, False
)

KINDS_SAID = [
    ("off_path", "CHẬM TIẾN ĐỘ", "BEHIND ITS PATH"),
    ("silent", "CHẬM BÁO CÁO", "REPORTS OVERDUE"),
    ("sudden_change", "BIẾN ĐỘNG ĐỘT NGỘT", "SUDDEN CHANGE"),
    ("frozen", "SỐ LIỆU LẶP LẠI", "FIGURES REPEAT"),
    ("review", "SỐ LIỆU CẦN RÀ SOÁT", "FIGURES TO REVIEW"),
]


@pytest.mark.parametrize(("kind", "vi", "en"), KINDS_SAID)
def test_every_kind_has_its_words_and_names_what_it_is_about(kind: str, vi: str, en: str) -> None:
    one = sample_flag("xa-mau-2", kind, criteria=["online-dossiers", "poverty"])
    text = written(one).text
    assert f"đề xuất {vi}" in text
    assert f"proposed: {en}" in text
    assert "Về: " in text
    assert "trung vị khối" not in text.partition("---")[0]


def test_a_silent_unit_is_not_within_a_threshold_of_evaluations() -> None:
    text = written(sample_flag("xa-mau-2", "silent", criteria=["poverty"])).text
    assert "báo cáo quá hạn, từ" in text
    assert "đạt ngưỡng" not in text


def test_a_review_says_why() -> None:
    text = written(sample_flag("xa-mau-2", "review", criteria=["poverty"], signs=["revised", "burst"])).text
    assert "Dấu hiệu: sửa nhiều sau hạn báo cáo, dồn vào cuối kỳ." in text


@pytest.mark.parametrize("part", ["text", "html"])
def test_what_could_be_wrong_with_a_flag_is_one_line(part: str) -> None:
    text = html.unescape(getattr(written(sample_flag("xa-mau-2", check=CHECK)), part))
    line = next(line for line in text.splitlines() if "Có thể nhầm không" in line)
    assert "ở mức trung vị của khối thì hạng là 4 và không còn đạt ngưỡng" in line
    assert ": 12 (trung vị khối 240)" in line
    assert line.rstrip(" .</br>").endswith("đơn vị đang bị xem xét")


def test_a_flag_that_nothing_speaks_against_says_so() -> None:
    clean = CounterCheck(None, 0, None, False, False)
    assert (
        "Có thể nhầm không: không thấy dấu hiệu trong số liệu."
        in written(sample_flag("xa-mau-2", check=clean)).text
    )


def test_a_subject_counts_every_kind() -> None:
    flags = [sample_flag("xa-mau-2"), sample_flag("xa-mau-3", "silent"), sample_flag("xa-mau-4", "silent")]
    assert "1 đề xuất dẫn đầu, 2 đề xuất chậm báo cáo" in written(*flags).subject
