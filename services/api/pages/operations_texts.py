"""Every text of the operator's page, Vietnamese first, English beside."""

from typing import Final

from services.contracts.language import Language
from services.contracts.results import HaltReason

_BOTH: Final[dict[str, tuple[str, str]]] = {
    "all_go_on": ("Mọi khối đang chạy", "Every block goes on"),
    "stand_still": ("{count} khối đứng yên", "{count} blocks stand still"),
    "one_stands_still": ("1 khối đứng yên", "1 block stands still"),
    "checked": ("Cập nhật {time}.", "As of {time}."),
    "not_caught_up": (
        "Đang đọc lại các chủ đề; số dưới đây chưa đủ.",
        "The topics are still being read; the figures below are not whole yet.",
    ),
    # figures
    "halted_now": ("Khối đứng yên", "Blocks that stand still"),
    "last_minute": ("Thư chết phút này", "Dead letters this minute"),
    "last_hour": ("Thư chết 60 phút qua", "Dead letters, last 60 minutes"),
    "held": ("Đang giữ để xem", "Held to be looked at"),
    "held_why": ("thư cũ hơn: thidua dead-letters list", "older ones: thidua dead-letters list"),
    "unstored": ("Bản ghi chờ vào kho", "Records waiting to be stored"),
    "unstored_why": (
        "tăng mãi thì xem thidua status: kho (ClickHouse) dừng hoặc đầy đĩa; bảng xếp hạng vẫn chạy",
        "if it keeps growing, see thidua status: the store (ClickHouse) is down or its disk is full; the boards go on",
    ),
    # blocks that stand still
    "halts": ("Khối đứng yên", "Blocks that stand still"),
    "halts_why": (
        "Các khối khác vẫn chạy. Báo cáo của khối đứng yên vẫn được giữ đủ trong nhật ký.",
        "The others go on. What is sent for a block that stands still is all kept in the log.",
    ),
    "no_halts": ("Không khối nào đứng yên.", "No block stands still."),
    "block": ("Khối", "Block"),
    "since": ("Từ", "Since"),
    "shown": ("Bảng đang hiện", "Board shows"),
    "never_shown": ("chưa có bảng", "no board yet"),
    "why": ("Lý do", "Reason"),
    "place": ("Vị trí", "Place"),
    "remedy": ("Cách xử lý", "What to do"),
    "engine": ("phiên bản {engine}", "engine {engine}"),
    # dead letters
    "letters": ("Thư chết", "Dead letters"),
    "letters_why": (
        "Sự kiện không áp dụng được. Bản gốc luôn được giữ; phát lại bao nhiêu lần cũng chỉ tính một lần.",
        "Events that could not be applied. Their bytes are kept for ever; however often one is replayed, it counts once.",
    ),
    "no_letters": ("Không có thư chết nào.", "There are no dead letters."),
    "count": ("Số", "Count"),
    "hour": ("60 phút qua", "Last 60 minutes"),
    "hour_label": ("{count} trong 60 phút qua", "{count} in the last 60 minutes"),
    "command": ("Lệnh phát lại", "To replay"),
    "no_replay": ("không cần phát lại", "no replay needed"),
    "about": ("Theo khối và đơn vị", "By block and unit"),
    "about_why": ("24 giờ qua, nhiều nhất trước.", "The last 24 hours, the most first."),
    "unit": ("Đơn vị", "Unit"),
    "unreadable": ("không đọc được", "not readable"),
    "last": ("Gần nhất", "Newest"),
    "newest": ("Mới nhất", "The newest"),
    "newest_why": (
        "Nội dung gốc: thidua dead-letters show VỊ_TRÍ, hoặc /v1/dead-letters với khóa của văn phòng hay hội đồng.",
        "The bytes: thidua dead-letters show PLACE, or /v1/dead-letters with a key of the office or the council.",
    ),
    "at": ("Lúc", "At"),
    "refused_by": ("Nơi từ chối", "Refused by"),
    "scoring": ("chấm điểm", "scoring"),
    "storage": ("lưu trữ", "storage"),
}

OPERATIONS_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "vi": {key: both[0] for key, both in _BOTH.items()},
    "en": {key: both[1] for key, both in _BOTH.items()},
}

HALT_REASONS: Final[dict[HaltReason, tuple[str, str]]] = {
    "engine_crashed": (
        "Bộ tính điểm hỏng ba lần tại một sự kiện",
        "The engine crashed three times at one event",
    ),
    "too_many_refused": (
        "Quá nhiều sự kiện bị từ chối, bộ tính điểm dừng",
        "Too many events are refused, the worker stopped",
    ),
}

HALT_REMEDIES: Final[dict[HaltReason, tuple[str, str]]] = {
    "engine_crashed": (
        "Cài phiên bản bộ tính điểm đã sửa lỗi: khối tự chạy tiếp từ đúng chỗ này, không mất gì. Nếu lỗi do máy (bộ nhớ, đĩa): dừng bộ tính điểm "
        "rồi chạy lệnh bên dưới.",
        "Start a version of the worker that mends the fault: the block goes on from this place and loses nothing. If the fault lay in the machine "
        "(memory, disk): stop the worker, then run the command below.",
    ),
    "too_many_refused": (
        "Tìm nguyên nhân bằng lệnh bên dưới, sửa nơi gửi, gói hoặc phiên bản. Phần đã nằm trong nhật ký chỉ qua được khi nâng "
        "THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW hoặc _SHARE. Sau đó khởi động lại bộ tính điểm.",
        "Find the cause by the command below; mend the writers, the pack or the version. What is in the log already passes only with a higher "
        "THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW or _SHARE. Then start the worker again.",
    ),
}

HALT_COMMANDS: Final[dict[HaltReason, str]] = {
    "engine_crashed": "thidua halts release {block}",
    "too_many_refused": "thidua dead-letters list --block {block}",
}

REASONS: Final[dict[str, tuple[str, str, str]]] = {
    "bad-record": (
        "Bản ghi không đọc được",
        "A record that cannot be read",
        "Sửa nơi ghi (hoặc phiên bản), rồi gửi lại các sự kiện trong bản ghi.",
    ),
    "bad-event": (
        "Sự kiện sai dạng",
        "An event of a wrong form",
        "Sửa trường mà phần chi tiết nêu, rồi phát lại bản đã sửa.",
    ),
    "bad-period": (
        "Kỳ không hợp lệ",
        "A period that cannot be",
        "Gửi lại với kỳ đúng theo chu kỳ của chỉ tiêu.",
    ),
    "bad-measure": (
        "Con số không đúng kiểu",
        "A figure of a wrong kind",
        "Gửi đúng một trong: giá trị, tử số với mẫu số, đạt hay không đạt.",
    ),
    "unknown-block": (
        "Khối không có trong gói",
        "A block that no pack has",
        "Đối chiếu với gói đã công bố; sửa gói hoặc nơi gửi, rồi phát lại.",
    ),
    "unknown-unit": (
        "Đơn vị không có trong gói",
        "A unit that no pack has",
        "Đối chiếu với gói đã công bố; đơn vị đã sáp nhập thì đơn vị kế thừa báo cáo.",
    ),
    "unknown-pack": (
        "Chưa có gói phong trào",
        "No pack is active",
        "Công bố và kích hoạt gói, rồi phát lại.",
    ),
    "unknown-flag": (
        "Không có cờ đó",
        "No such flag",
        "Cờ có thể đã đóng trước đó; nêu cờ đang mở.",
    ),
    "unit-held": (
        "Đơn vị đang bị tạm dừng xét",
        "The unit is on hold",
        "Bỏ tạm dừng trước, hoặc bác cờ.",
    ),
    "unknown-evaluation": (
        "Không có lần đánh giá đó",
        "No such evaluation",
        "Công bố lần đánh giá có trong danh sách của khối.",
    ),
    "edition-frozen": (
        "Kỳ đã công bố",
        "The period is published",
        "Yêu cầu lần đánh giá sau bản đã công bố, do văn phòng ký, có lý do.",
    ),
    "correction-unsigned": (
        "Đính chính chưa được ký",
        "A correction that nobody signed",
        "Gửi qua cửa bằng khóa của văn phòng, có lý do.",
    ),
    "block-halted": (
        "Khối đứng yên tại đây",
        "The block stands still here",
        "Xem bảng khối đứng yên ở trên; không cần phát lại.",
    ),
}
"""By slug: the reason in Vietnamese and in English, and the remedy in Vietnamese. In English the letter's own hint is the remedy."""
