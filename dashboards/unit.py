"""One unit: its place with the interval, its criteria against their targets, and its history."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import colours
from dashboards.frame import FIGURES, UNITS, Frame, build
from dashboards.language import Say
from dashboards.panels import AnyPanel, band, coloured, figure, lines, rows
from dashboards.queries import BLOCK, PERIOD, UNIT
from dashboards.wording import INTERVAL, RANK, moved, simulated

_HISTORY = f"grafana_history(block = {BLOCK})"
_CRITERIA = f"grafana_criteria(block = {BLOCK}, unit = {UNIT})"


def unit(say: Say) -> Dashboard:
    frame = Frame(UNITS, unit=True, period=True, since="now-5y/y", until="now/y", refresh="5m", past=True)
    return build(frame, [*_place(say), _criteria(say), *_groups(say), *_history(say), *_live(say)], say)


def _place(say: Say) -> list[AnyPanel]:
    here = f"FROM {_HISTORY} WHERE unit = {UNIT} AND period = {PERIOD}"
    rank = f"SELECT concat({RANK}, ' / ', toString(of)) AS rank, {INTERVAL} AS interval {here}"
    return [
        figure(
            say(f"Hạng kỳ $period · {FIGURES}", f"Rank in $period · {FIGURES}"),
            rank,
            ["rank", "interval"],
            say,
            width=8,
        ),
        figure(
            say("Điểm", "Score"),
            f"SELECT anyIf(h.score, unit = {UNIT}) AS score, median(h.score) AS median FROM {_HISTORY} AS h WHERE period = {PERIOD}",
            ["score", "median"],
            say,
            width=6,
        ),
        figure(say("Phủ", "Coverage"), f"SELECT coverage {here}", ["coverage"], say),
        figure(
            say("So với kỳ gốc", "Since the baseline"),
            f"SELECT {moved(say)} AS moved, delta {here}",
            ["moved", "delta"],
            say,
            width=6,
        ),
    ]


def _criteria(say: Say) -> AnyPanel:
    sql = f"""
SELECT if(c.{say.title} = '', c.criterion, c.{say.title}) AS criterion, state, actual, p.planned AS planned, p.light AS light, target,
       score AS points, weight, figure_period, origin, concat(source, ' ', event) AS event, {simulated(say)} AS simulated
FROM {_CRITERIA} AS c
LEFT JOIN grafana_paths(block = {BLOCK}, unit = {UNIT}, period = {PERIOD}) AS p ON p.criterion = c.criterion
WHERE c.period = {PERIOD}
ORDER BY c.position"""
    names = [
        "criterion",
        "state",
        "actual",
        "planned",
        "light",
        "target",
        "points",
        "weight",
        "figure_period",
        "origin",
        "event",
        "simulated",
    ]
    title = say(
        f"Tiêu chí so với kế hoạch và chỉ tiêu, kỳ $period · {FIGURES}",
        f"Criteria against path and target, $period · {FIGURES}",
    )
    return rows(title, sql, names, say, height=11).description(
        say(
            "Kế hoạch đến ngày là mức phải đạt vào ngày của số liệu, nếu gói chiến dịch có lộ trình; chỉ tiêu là mức để đạt đủ điểm, phương pháp so "
            "trong khối thì không có. Ô trống là chưa có số, không phải 0.",
            "Planned is what the path asks for on the figure's day, where the pack plans one; the target is the level for full points, and methods "
            "that compare within the block have none. An empty cell is no figure, not 0.",
        )
    )


def _groups(say: Say) -> list[AnyPanel]:
    sql = f"""
SELECT if({say.title} = '', toString(position), {say.title}) AS group, anyIf(score, unit = {UNIT}) AS points, median(score) AS median
FROM grafana_groups(block = {BLOCK})
WHERE period = {PERIOD}
GROUP BY group, position ORDER BY position"""
    flags = f"""
SELECT as_of AS at, kind, state, since, {RANK} AS rank, {INTERVAL} AS interval, gap, concat(toString(hits), '/', toString(window)) AS hits,
       {simulated(say)} AS simulated
FROM grafana_flag_changes(scope = {BLOCK})
WHERE unit = {UNIT}
ORDER BY at DESC LIMIT 50"""
    by_group = rows(
        say(f"Nhóm so với trung vị khối · {FIGURES}", f"Groups against the block median · {FIGURES}"),
        sql,
        ["group", "points", "median"],
        say,
        width=10,
        height=9,
    )
    flag_names = ["at", "kind", "state", "since", "rank", "interval", "gap", "hits", "simulated"]
    return [
        by_group.unit("percentunit").decimals(0),
        rows(
            say(f"Cờ của đơn vị · {FIGURES}", f"Flags of the unit · {FIGURES}"),
            flags,
            flag_names,
            say,
            width=14,
            height=9,
        ),
    ]


def _history(say: Say) -> list[AnyPanel]:
    here = f"FROM {_HISTORY} WHERE unit = {UNIT} AND $__timeFilter(ends)"
    ranks = (
        f"SELECT ends AS time, rank, interval_best, interval_worst {here} AND rank IS NOT NULL ORDER BY time"
    )
    scores = f"""
SELECT ends AS time, anyIf(h.score, unit = {UNIT}) AS score, median(h.score) AS median
FROM {_HISTORY} AS h WHERE $__timeFilter(ends)
GROUP BY time ORDER BY time"""
    criteria = f"""
SELECT ends AS time, if({say.title} = '', criterion, {say.title}) AS criterion, score AS points
FROM {_CRITERIA} WHERE $__timeFilter(ends) AND score IS NOT NULL
ORDER BY time, criterion"""
    rank_panel = lines(
        say(f"Hạng và khoảng 90% · {FIGURES}", f"Rank and 90% interval · {FIGURES}"),
        ranks,
        ["rank", "interval_best", "interval_worst"],
        say,
        width=8,
        step="1d",
    )
    return [
        band(coloured(rank_panel, rank=colours.DATA), "interval_best", "interval_worst")
        .min(1)
        .decimals(0)
        .axis_label(say("hạng, 1 là cao nhất", "rank, 1 is the best")),
        coloured(
            lines(
                say(f"Điểm và trung vị khối · {FIGURES}", f"Score and block median · {FIGURES}"),
                scores,
                ["score", "median"],
                say,
                width=8,
                step="1d",
            ),
            score=colours.DATA,
            median=colours.MEDIAN,
        ),
        lines(
            say(f"Mức đạt theo tiêu chí · {FIGURES}", f"Reached by criterion · {FIGURES}"),
            criteria,
            [],
            say,
            width=8,
            step="1d",
        ).unit("percentunit"),
    ]


def _live(say: Say) -> list[AnyPanel]:
    """The last day, whatever the dashboard's range: its evaluations span years."""
    live = f"FROM read_ranking_history(block = {BLOCK}, unit = {UNIT}, seconds = 86400)"
    ranks = f"SELECT minute AS time, rank, interval_best, interval_worst {live} WHERE rank IS NOT NULL ORDER BY time"
    scores = f"SELECT minute AS time, score {live} WHERE score IS NOT NULL ORDER BY time"
    rank_panel = lines(
        say(f"Hạng trực tiếp, 24 giờ · {FIGURES}", f"Live rank, 24 hours · {FIGURES}"),
        ranks,
        ["rank", "interval_best", "interval_worst"],
        say,
    )
    return [
        band(coloured(rank_panel, rank=colours.DATA), "interval_best", "interval_worst")
        .min(1)
        .decimals(0)
        .time_from("24h"),
        coloured(
            lines(
                say(f"Điểm trực tiếp, 24 giờ · {FIGURES}", f"Live score, 24 hours · {FIGURES}"),
                scores,
                ["score"],
                say,
            ),
            score=colours.DATA,
        ).time_from("24h"),
    ]
