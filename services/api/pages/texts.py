"""Every text of the board, Vietnamese first, English beside. The script gets the same texts, so that both say the same."""

from typing import Final

from services.contracts.flag_words import KINDS
from services.contracts.language import PERIODS, Language

_BOTH: Final[dict[str, tuple[str, str]]] = {
    "locale": ("vi-VN", "en-GB"),
    "board": ("Bảng xếp hạng", "Ranking"),
    "skip": ("Đến bảng xếp hạng", "To the ranking"),
    "operations": ("Vận hành", "Operations"),
    # heads of the columns
    "rank": ("Hạng", "Rank"),
    "moved": ("Đổi", "Move"),
    "delta": ("Δ ròng", "Net Δ"),
    "unit": ("Đơn vị", "Unit"),
    "score": ("Điểm", "Score"),
    "score_of": ("Điểm / {scale}", "Score / {scale}"),
    "interval": ("Khoảng hạng", "Rank interval"),
    "interval_short": ("Khoảng 90%", "90% interval"),
    "coverage": ("Phủ %", "Cov. %"),
    # rows
    "kept": ("giữ hạng", "same rank"),
    "up": ("lên", "up"),
    "down": ("xuống", "down"),
    "tied": ("đồng hạng", "tied"),
    "not_ranked": ("Chưa xếp hạng", "Not ranked"),
    "no_score": ("chưa có số", "no figure"),
    "of": ("trên", "of"),
    "interval_label": (
        "Khoảng hạng 90%: {low} đến {high} trong {of}",
        "90% rank interval: {low} to {high} of {of}",
    ),
    "not_reported": ("chưa báo cáo", "not reported"),
    "inherited": ("kế thừa, chờ xác nhận", "inherited, to confirm"),
    "not_due": ("chưa đến hạn", "not due"),
    "not_applicable": ("không áp dụng", "not applicable"),
    "zero": ("bằng 0", "zero"),
    # masthead
    "compared": ("so với", "against"),
    "no_baseline": ("không có mốc so sánh", "no comparable baseline"),
    "per_minute": ("Sự kiện mỗi phút", "Events a minute"),
    "per_minute_chart": ("Sự kiện mỗi phút trong 60 phút qua", "Events a minute, last 60 minutes"),
    "lag": ("Trễ p95", "Lag p95"),
    "second": ("giây", "s"),
    "feed": ("Luồng số liệu", "Feed"),
    "live": ("Trực tiếp", "Live"),
    "slow": ("Chưa có sự kiện mới", "No new event"),
    "halted": ("Khối tạm dừng", "Block halted"),
    "halt": ("Bảng đứng yên từ {since}.", "This board stands still since {since}."),
    "halt_why": (
        "Thứ hạng đang hiện là của {shown}. Báo cáo gửi sau đó vẫn được giữ đủ và sẽ được tính; văn phòng và người vận hành đều thấy việc này.",
        "The ranking shown is that of {shown}. Reports sent since are all kept and will count; the office and the operator see this.",
    ),
    "ago": ("{time} trước", "{time} ago"),
    "since": ("từ", "since"),
    "down_since": ("Mất kết nối từ {time}", "Disconnected since {time}"),
    "stale_since": ("Số liệu dừng từ {time}", "Stale since {time}"),
    "retry_in": ("thử lại sau {seconds} giây", "next try in {seconds} s"),
    "retrying": ("đang kết nối lại", "connecting"),
    "waiting": ("Đang chờ", "Waiting"),
    # strip, notices
    "simulated": ("MÔ PHỎNG", "SIMULATED"),
    "simulated_strip": (
        "Mọi con số, hạng và cờ trên màn hình này là số bịa để minh họa, không phải kết quả của đơn vị nào.",
        "Every figure, rank and flag on this screen is invented for illustration; none is a unit's record.",
    ),
    "source": ("Nguồn", "Source"),
    # flags
    "flags": ("Cờ", "Flags"),
    **{
        f"{state}_{kind}": (f"{vi}: {words['vi']}", f"{en}: {words['en']}")
        for state, (vi, en) in {
            "proposed": ("Đề xuất", "Proposed"),
            "replied": ("Đã giải trình", "Replied"),
            "confirmed": ("Đã xác nhận", "Confirmed"),
        }.items()
        for kind, words in KINDS.items()
    },
    "muted_leader": ("Tạm dừng xét: đang thanh tra, xem xét", "On hold: under inspection"),
    "flag_rank": ("Hạng", "Rank"),
    "flag_unranked": ("Chưa xếp hạng", "Not ranked"),
    "flag_hits": ("{hits} trên {window} lần đánh giá gần nhất", "{hits} of {window} evaluations"),
    "flag_more": ("và {count} cờ khác", "and {count} more"),
    "no_flags": ("Chưa có cờ nào trong khối này", "No flag in this block"),
    "no_flags_why": (
        "Lần đánh giá gần nhất: {time}. Không đơn vị nào chạm ngưỡng.",
        "Last evaluation: {time}. No unit met a threshold.",
    ),
    "no_flags_yet": (
        "Chưa có lần đánh giá nào; cờ chỉ mở sau đánh giá chính thức.",
        "No evaluation yet; flags open after official evaluations only.",
    ),
    # notices about the feed
    "frozen": ("Số liệu đứng", "Frozen figures"),
    "frozen_why": (
        "{share}% số liệu trùng {since}, trùng hết ở {units} trên {of} đơn vị",
        "{share}% of figures are those of {since}, all of them at {units} of {of} units",
    ),
    "jump": ("Số liệu nhảy", "Figures leap"),
    "jump_why": (
        "{group}: {units} trên {of} đơn vị đổi quá {limit} điểm so với {since}",
        "{group}: {units} of {of} units moved by over {limit} points since {since}",
    ),
    "part_above_whole": ("Phần lớn hơn tổng", "Part above whole"),
    "part_above_whole_why": (
        "{group}: phần lớn hơn tổng ở {units} trên {of} đơn vị báo cáo đủ cả hai",
        "{group}: the part is above the whole at {units} of {of} units that reported both",
    ),
    # key
    "key_hollow": ("rỗng: đề xuất", "hollow: proposal"),
    "key_solid": ("đặc: đã xác nhận", "solid: confirmed"),
    "key_delta": ("đổi điểm trừ trung vị", "change less the median change"),
    "key_median": ("trung vị", "median"),
    "key_tie": ("đồng hạng", "tied"),
    "key_unranked": ("độ phủ chưa đủ để xếp hạng", "coverage too low to rank"),
    "key_ward": ("phường", "phường (ward)"),
    "screen": ("Màn {page}/{pages}", "Screen {page}/{pages}"),
    "screen_left": ("còn {time}", "{time} left"),
    "next_block": ("{title} sau {time}", "{title} in {time}"),
    # ways between pages
    "blocks": ("Các khối thi đua", "Peer blocks"),
    "block": ("Khối", "Block"),
    "ranked_of": ("Xếp hạng / đơn vị", "Ranked / units"),
    "period": ("Kỳ", "Period"),
    "empty_short": ("chưa có", "none yet"),
    "other_language": ("English", "Tiếng Việt"),
    # map
    "map": ("Bản đồ", "Map"),
    "map_of": ("Bản đồ: {title}", "Map: {title}"),
    "map_title": (
        "Bản đồ tô theo điểm, số trong mỗi vùng là hạng. Bảng xếp hạng của khối có cùng số liệu.",
        "Areas coloured by points, with each unit's rank. The block's ranking has the same figures.",
    ),
    "map_classes": ("Số đơn vị theo nhóm điểm", "Units by class of points"),
    "map_below": ("dưới {points}", "below {points}"),
    "map_from": ("từ {points}", "from {points}"),
    "map_unranked": ("chưa xếp", "not ranked"),
    "map_top": ("Đầu bảng", "Top"),
    "map_bottom": ("Cuối bảng", "Bottom"),
    "key_label": ("Số trong vùng:", "Number in an area:"),
    "key_colour": ("Màu: điểm trên {scale}", "Colour: points of {scale}"),
    "key_other": ("đơn vị của khối khác", "units of other blocks"),
    "key_undrawn": ("{count} đơn vị không có trên bản đồ", "{count} units are not on the map"),
    # nothing to show
    "loading": ("Đang đọc số liệu", "Reading the figures"),
    "empty": ("Chưa có bảng xếp hạng cho khối này", "No ranking for this block yet"),
    "empty_why": (
        "Chưa nhận được báo cáo nào của {units} đơn vị. Bảng tự hiện khi có báo cáo đầu tiên.",
        "No report of its {units} units has come in. The board appears with the first one.",
    ),
    "no_block": ("Không có khối {block}", "There is no block {block}"),
    "no_block_why": ("Các khối đang có:", "These are there:"),
    "no_campaign": ("Chưa có phong trào nào được công bố", "No campaign is published yet"),
    "no_campaign_why": (
        "Văn phòng công bố gói phong trào bằng lệnh thidua pack publish; bảng tự hiện sau đó.",
        "The office publishes a campaign pack with thidua pack publish; the board appears after that.",
    ),
    "checked": ("Kiểm tra lần cuối: {time}", "Last checked: {time}"),
    **{f"p_{form}": both for form, both in PERIODS.items()},
    # durations
    "d_seconds": ("{s} giây", "{s} s"),
    "d_minutes": ("{m} phút {s} giây", "{m} min {s} s"),
    "d_hours": ("{h} giờ {m} phút", "{h} h {m} min"),
    "d_days": ("{d} ngày", "{d} days"),
}

TEXTS: Final[dict[Language, dict[str, str]]] = {
    "vi": {key: both[0] for key, both in _BOTH.items()},
    "en": {key: both[1] for key, both in _BOTH.items()},
}

WEEKDAYS: Final[dict[Language, tuple[str, ...]]] = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
