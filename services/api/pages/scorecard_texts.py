"""Every text of a unit's scorecard, Vietnamese first, English beside."""

from typing import Final

from services.contracts.language import Language

_BOTH: Final[dict[str, tuple[str, str]]] = {
    "scorecard": ("Phiếu điểm", "Scorecard"),
    "board": ("Bảng xếp hạng", "Ranking"),
    "to_live": ("Trực tiếp", "Live"),
    "to_newest": ("Đánh giá gần nhất: {period}", "Newest evaluation: {period}"),
    "as_json": ("Dạng JSON", "As JSON"),
    "live": ("xếp hạng trực tiếp", "live ranking"),
    "official": ("đánh giá chính thức, lần {edition}", "official evaluation, edition {edition}"),
    "as_of": ("tính đến {time}", "as of {time}"),
    # head
    "rank_in_block": ("Hạng trong khối", "Rank in the block"),
    "of_ranked": ("trên {of} đơn vị được xếp hạng", "of {of} ranked units"),
    "interval": ("Khoảng hạng 90%: {interval}", "90% rank interval: {interval}"),
    "interval_why": (
        "Hạng có thể khác trong khoảng này nếu trọng số thay đổi hoặc số liệu có sai số.",
        "The rank may be another within it if weights change or figures are in error.",
    ),
    "level_with": ("Bằng điểm với {names}", "Level with {names}"),
    "not_ranked": ("Chưa xếp hạng", "Not ranked"),
    "low_coverage": (
        "Báo cáo chưa đủ để xếp hạng. Điểm dưới đây là tạm tính.",
        "Too little is reported to be ranked. The points below are provisional.",
    ),
    "missing_figure": (
        "Thiếu số liệu bắt buộc: {criteria}. Điểm dưới đây là tạm tính.",
        "A required figure is overdue: {criteria}. The points below are provisional.",
    ),
    "nothing_counts": ("Chưa có số liệu nào để tính điểm.", "Nothing can be scored yet."),
    "score": ("Tổng điểm", "Score"),
    "score_of": ("trên {scale}", "of {scale}"),
    "coverage": ("Độ phủ báo cáo", "Reporting coverage"),
    "moved": ("Đổi hạng", "Rank change"),
    "net": ("Đổi điểm, đã trừ xu hướng chung", "Score change, less the block's own"),
    "net_why": ("đơn vị {own}; trung vị khối {common}", "unit {own}; block median {common}"),
    "up": ("lên {places} bậc", "up {places}"),
    "down": ("xuống {places} bậc", "down {places}"),
    "same": ("giữ hạng", "same rank"),
    "since": ("so với {period}", "since {period}"),
    "leading": ("trên trung vị khối và đang tiến", "above the block's median and gaining"),
    "slipping": ("trên trung vị khối, đang chậm lại", "above the block's median and losing ground"),
    "catching_up": ("dưới trung vị khối, đang bắt kịp", "below the block's median and catching up"),
    "falling_behind": ("dưới trung vị khối và đang tụt lại", "below the block's median and falling behind"),
    # why there is no change
    "no_change": ("Không so được với kỳ trước", "Not compared with the period before"),
    "not_ranked_now": ("kỳ này chưa được xếp hạng", "not ranked now"),
    "no_earlier_evaluation": ("chưa có kỳ đánh giá nào trước đó", "there is no earlier evaluation"),
    "other_rules": ("kỳ trước chấm theo quy định khác", "the earlier one was scored by other rules"),
    "other_units": ("khối đã đổi thành phần", "other units were in the block"),
    "merged": ("đơn vị đã sáp nhập hoặc chia tách", "units were merged or split since"),
    "not_ranked_then": ("kỳ trước chưa được xếp hạng", "not ranked then"),
    "not_reported_then": ("kỳ trước báo cáo chưa được một nửa", "less than half was reported then"),
    "store_silent": (
        "Kho lưu các kỳ đánh giá chưa trả lời nên chưa so được với kỳ trước.",
        "The store of evaluations does not answer, so the period before is not compared.",
    ),
    # why this score
    "why": ("Vì sao ở hạng này", "Why this rank"),
    "why_how": (
        "Điểm hơn (+) hoặc kém (−) theo từng tiêu chí. Các dòng cộng lại đúng bằng mức chênh.",
        "Points more (+) or less (−) by criterion. The lines add up to the difference exactly.",
    ),
    "above": ("So với đơn vị xếp ngay trên", "Against the unit above"),
    "below": ("So với đơn vị xếp ngay dưới", "Against the unit below"),
    "middle": ("So với đơn vị giữa bảng", "Against the unit in the middle"),
    "change": ("So với chính mình kỳ trước", "Against itself before"),
    "who": ("{name}, hạng {rank}, {score} điểm", "{name}, rank {rank}, {score} points"),
    "when": ("{period}, hạng {rank}, {score} điểm", "{period}, rank {rank}, {score} points"),
    "sum": ("Cộng", "Sum"),
    "no_difference": ("Không khác ở tiêu chí nào", "No criterion differs"),
    # criteria
    "criteria": ("Từng tiêu chí", "Criterion by criterion"),
    "criteria_how": (
        "Điểm các dòng cộng lại đúng bằng tổng điểm.",
        "The points of the lines add up to the score exactly.",
    ),
    "geometric": (
        "Nơi lấy trung bình nhân hoặc điều hòa, một tiêu chí thấp có thể trừ nhiều hơn phần của nó.",
        "Under a geometric or harmonic mean a low criterion can cost more than it is worth.",
    ),
    "criterion": ("Tiêu chí", "Criterion"),
    "actual": ("Thực hiện", "Figure"),
    "target": ("Chỉ tiêu", "Target"),
    "path": ("Kế hoạch đến nay", "Planned by now"),
    "attained": ("Mức đạt", "Attained"),
    "points": ("Điểm", "Points"),
    "total": ("Điểm cuối cùng", "Final score"),
    "not_counted": ("không tính", "not counted"),
    "not_reported": ("chưa báo cáo", "not reported"),
    "not_due": ("chưa đến hạn", "not due"),
    "not_applicable": ("không áp dụng", "not applicable"),
    "inherited": ("kế thừa, chờ xác nhận", "inherited, to be confirmed"),
    "zero_for": ("quá hạn, tính 0 điểm", "overdue, counts as 0"),
    "exclude_for": ("quá hạn, để ngoài", "overdue, left out"),
    "peer_mean_for": (
        "quá hạn, lấy trung bình đơn vị tương đồng",
        "overdue, the mean of its peers stands in",
    ),
    "peer_median_for": (
        "quá hạn, lấy trung vị đơn vị tương đồng",
        "overdue, the median of its peers stands in",
    ),
    "last_value_for": ("quá hạn, tạm lấy số liệu cũ", "overdue, its own older figure stands in"),
    "fail_for": ("quá hạn, chưa thể xếp hạng", "overdue, and it cannot be ranked without"),
    "other_for": ("quá hạn", "overdue"),
    "on_path": ("đúng kế hoạch", "on the path"),
    "at_risk": ("có nguy cơ chậm", "at risk"),
    "off_path": ("chậm kế hoạch", "off the path"),
    "adjusted": ("Hội đồng điều chỉnh {points}", "adjusted by the council {points}"),
    "of_period": ("số liệu {period}", "figure of {period}"),
    "said_otherwise": ("{origin} báo {value}", "{origin} reports {value}"),
    "origin_self": ("đơn vị tự", "the unit itself"),
    "origin_department": ("sở, ngành", "the department"),
    "origin_automatic": ("hệ thống tự động", "the automatic feed"),
    # foot
    "pack": ("Gói thi đua", "Campaign pack"),
    "engine": ("bản tính {engine}", "engine {engine}"),
    "check": ("Kiểm tra lại", "Check it"),
}

SCORECARD_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "vi": {key: both[0] for key, both in _BOTH.items()},
    "en": {key: both[1] for key, both in _BOTH.items()},
}
