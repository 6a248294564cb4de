"""The columns that panels show: one name, one heading in both languages and one manner of showing, wherever a column stands."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from grafana_foundation_sdk.builders import barchart, stat, table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, ValueMapping

from dashboards import colours
from dashboards.language import Say
from dashboards.wording import kind_words
from services.contracts.flag_words import KINDS, TONES, Tone

Panel = TypeVar("Panel", table.Panel, timeseries.Panel, stat.Panel, barchart.Panel)


class Column(NamedTuple):
    """Heading in both languages. `unit` is Grafana's; `bar` draws a share of 1 as a bar beside its number."""

    vi: str
    en: str
    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    bar: bool = False


_TONES: Final[dict[Tone, str]] = {"lead": colours.LEAD, "urge": colours.URGE, "look": colours.HOLD}

_COLUMNS: Final[dict[str, Column]] = {
    "rank": Column("Hạng", "Rank", width=80),
    "name": Column("Đơn vị", "Unit"),
    "score": Column("Điểm", "Score", decimals=3, width=100),
    "interval": Column("Khoảng hạng 90%", "90% rank interval", width=120),
    "interval_best": Column("Khoảng 90%: cao nhất", "90% interval: best"),
    "interval_worst": Column("Khoảng 90%: thấp nhất", "90% interval: worst"),
    "coverage": Column("Phủ", "Coverage", "percentunit", 0, 110, bar=True),
    "moved": Column("Đổi hạng", "Move", width=100),
    "delta": Column("Δ ròng", "Net Δ", decimals=3, width=100),
    "simulated": Column("Nguồn số liệu", "Figures", width=130),
    "median": Column("Trung vị khối", "Block median"),
    "q1": Column("Phần tư thứ nhất", "First quarter"),
    "q3": Column("Phần tư thứ ba", "Third quarter"),
    "lowest": Column("Thấp nhất", "Lowest"),
    "highest": Column("Cao nhất", "Highest"),
    "ranked": Column("Đã xếp hạng", "Ranked"),
    "unranked": Column("Chưa xếp hạng", "Not ranked"),
    "group": Column("Nhóm", "Group"),
    "criterion": Column("Tiêu chí", "Criterion"),
    "state": Column("Trạng thái", "State", width=140),
    "actual": Column("Thực hiện", "Actual", decimals=3, width=110),
    "target": Column("Chỉ tiêu", "Target", decimals=3, width=110),
    "points": Column("Mức đạt", "Reached", "percentunit", 1, 160, bar=True),
    "weight": Column("Trọng số", "Weight", width=90),
    "figure_period": Column("Kỳ của số liệu", "Figure of", width=110),
    "origin": Column("Người báo cáo", "Reported by", width=120),
    "event": Column("Bằng chứng", "Evidence"),
    "kind": Column("Cờ", "Flag", width=150),
    "since": Column("Từ kỳ", "Since", width=90),
    "hits": Column("Lần vào ngưỡng", "Evaluations that met it", width=110),
    "gap": Column("Cách trung vị", "Gap to median", decimals=3, width=110),
    "block": Column("Khối", "Block"),
    "period": Column("Kỳ", "Period", width=90),
    "at": Column("Lúc", "At", "dateTimeAsIso", width=170),
    "last_event": Column("Sự kiện cuối", "Last event", "dateTimeAsIso"),
    "behind_s": Column("Bảng chậm hơn log", "Ranking behind the log", "s", 1),
    "halted": Column("Bảng", "Ranking"),
    "events": Column("Sự kiện", "Events"),
    "different": Column("Khác nhau", "Different"),
    "repeated": Column("Trùng lặp", "Repeated"),
    "unreadable": Column("Không đọc được", "Unreadable"),
    "step": Column("Bước", "Step"),
    "p50_s": Column("p50", "p50", "s", 3),
    "p95_s": Column("p95", "p95", "s", 3),
    "p99_s": Column("p99", "p99", "s", 3),
    "reason": Column("Lý do", "Reason"),
    "detail": Column("Chi tiết", "Detail"),
    "hint": Column("Cần làm gì", "What to do"),
    "place": Column("Vị trí trong log", "Place in the log"),
    "type": Column("Việc", "Act"),
    "text": Column("Nội dung", "Text"),
    "proposed": Column("Đề xuất", "Proposed"),
    "confirmed": Column("Đã xác nhận", "Confirmed"),
    "ended": Column("Đã kết thúc", "Ended"),
    "leaders": Column("★ Dẫn đầu", "★ Leaders"),
    "underperformers": Column("◆ Cần đôn đốc", "◆ Need a push"),
    "other_flags": Column("Cờ khác", "Other flags"),
    "planned": Column("Kế hoạch đến ngày", "Planned for the day", decimals=3, width=120),
    "light": Column("So kế hoạch", "Against the path", width=130),
    "letters": Column("Bản ghi lỗi", "Dead letters"),
    "channel": Column("Kênh", "Channel"),
    "role": Column("Vai trò", "Role"),
    "attempts": Column("Lần gửi", "Attempts", width=80),
}


def show(panel: Panel, names: Sequence[str], say: Say) -> Panel:
    """The panel, with headings, units and colours for these of its columns. Raises `KeyError` for a column that is not known here."""
    for name in names:
        panel = panel.override_by_name(name, _properties(name, say))
    return panel


def hide(panel: table.Panel, *names: str) -> table.Panel:
    """Columns that only links need. Tables hide by the first property up to Grafana 12.1, by the second since."""
    for name in names:
        panel = panel.override_by_name(name, [_is("custom.hidden", True), _is("custom.hideFrom.viz", True)])
    return panel


def _properties(name: str, say: Say) -> list[DynamicConfigValue]:
    return [*_looks(_COLUMNS[name], say), *_meaning(name, say)]


def _looks(column: Column, say: Say) -> list[DynamicConfigValue]:
    looks = [_is("displayName", say(column.vi, column.en))]
    for identity, value in (
        ("unit", column.unit),
        ("decimals", column.decimals),
        ("custom.width", column.width),
    ):
        if value is not None:
            looks.append(_is(identity, value))
    if column.bar:
        cell = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
        looks += [_is("custom.cellOptions", cell), _is("min", 0), _is("max", 1)]
        looks.append(_is("color", colours.fixed(colours.DATA).build()))
    return looks


def _meaning(name: str, say: Say) -> list[DynamicConfigValue]:
    """Words and colours of a column's values."""
    mappings = _mappings(say).get(name)
    if mappings is None:
        return []
    return [_is("mappings", mappings), _is("custom.cellOptions", {"type": "color-text"})]


def _mappings(say: Say) -> dict[str, list[ValueMapping]]:
    return {
        "moved": colours.begins(("▲", colours.LEAD), ("▼", colours.URGE)),
        "kind": colours.words(*((kind, kind_words(kind, say), _TONES[TONES[kind]]) for kind in KINDS)),
        "simulated": colours.words((say.simulated, say.simulated, colours.SIMULATED)),
        "state": colours.words(
            ("reported", say("đã báo cáo", "reported"), colours.QUIET),
            ("not_reported", say("chưa báo cáo", "not reported"), colours.URGE),
            ("inherited", say("kế thừa, chờ xác nhận", "inherited, to confirm"), colours.URGE),
            ("not_due", say("chưa đến hạn", "not due"), colours.QUIET),
            ("not_applicable", say("không áp dụng", "not applicable"), colours.QUIET),
            ("proposed", say("đề xuất", "proposed"), colours.QUIET),
            ("replied", say("đã giải trình", "replied"), colours.QUIET),
            ("confirmed", say("đã xác nhận", "confirmed"), colours.LEAD),
            ("dismissed", say("đã bác", "dismissed"), colours.QUIET),
            ("ended", say("đã kết thúc", "ended"), colours.QUIET),
        ),
        "light": colours.words(
            ("on_path", say("● đạt kế hoạch", "● on the path"), colours.LEAD),
            ("at_risk", say("◐ có nguy cơ", "◐ at risk"), colours.SIMULATED),
            ("off_path", say("○ chậm kế hoạch", "○ off the path"), colours.URGE),
        ),
        "origin": colours.words(
            ("self", say("đơn vị", "the unit"), colours.QUIET),
            ("department", say("sở, ngành", "a department"), colours.QUIET),
            ("automatic", say("tự động", "automatic"), colours.QUIET),
        ),
        "step": colours.words(
            ("sending", say("đang gửi", "sending"), colours.SLOW),
            ("sent", say("đã gửi", "sent"), colours.OK),
            ("failed", say("✕ không gửi được", "✕ failed"), colours.BROKEN),
            ("skipped", say("bỏ qua", "skipped"), colours.QUIET),
            ("acknowledged", say("đã nhận", "acknowledged"), colours.OK),
            ("escalated", say("đã chuyển cấp trên", "escalated"), colours.SLOW),
        ),
        "halted": colours.words(
            ("running", say("đang chạy", "running"), colours.OK),
            ("halted", say("✕ tạm dừng", "✕ halted"), colours.BROKEN),
            ("none", say("chưa có", "none yet"), colours.QUIET),
        ),
    }


def _is(identity: str, value: object) -> DynamicConfigValue:
    return DynamicConfigValue(id_val=identity, value=value)
