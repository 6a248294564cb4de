"""A block across its official evaluations: rank bands with intervals, scores by group, coverage, and the table of one period."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import colours
from dashboards.frame import BLOCKS, FIGURES, UNITS, Frame, build, url_of
from dashboards.language import Say
from dashboards.panels import AnyPanel, band, bars_over_time, coloured, lines, linked, matrix, rows
from dashboards.queries import BLOCK, PERIOD, UNIT
from dashboards.wording import INTERVAL, RANK, moved, simulated

_HISTORY = f"grafana_history(block = {BLOCK})"
_GROUPS = f"grafana_groups(block = {BLOCK})"


def block_over_time(say: Say) -> Dashboard:
    frame = Frame(BLOCKS, units=True, period=True, since="now-5y/y", until="now/y", refresh="5m", past=True)
    return build(frame, [_ranks(say), *_over_time(say), _table(say), _groups(say)], say)


def _ranks(say: Say) -> AnyPanel:
    """Repeated for each chosen unit."""
    sql = f"""
SELECT ends AS time, rank, interval_best, interval_worst
FROM {_HISTORY}
WHERE unit IN ({UNIT}) AND $__timeFilter(ends) AND rank IS NOT NULL
ORDER BY time"""
    title = say(f"Hạng và khoảng 90%: $unit · {FIGURES}", f"Rank and 90% interval: $unit · {FIGURES}")
    panel = lines(title, sql, ["rank", "interval_best", "interval_worst"], say, width=24, step="1d")
    panel = band(coloured(panel, rank=colours.DATA), "interval_best", "interval_worst")
    return (
        panel.repeat("unit")
        .repeat_direction("h")
        .min(1)
        .decimals(0)
        .axis_label(say("hạng, 1 là cao nhất", "rank, 1 is the best"))
    )


def _over_time(say: Say) -> list[AnyPanel]:
    scores = f"""
SELECT ends AS time, min(score) AS lowest, quantile(0.25)(score) AS q1, median(score) AS median, quantile(0.75)(score) AS q3, max(score) AS highest
FROM {_HISTORY} WHERE $__timeFilter(ends) AND score IS NOT NULL
GROUP BY time ORDER BY time"""
    groups = f"""
SELECT ends AS time, if({say.title} = '', toString(position), {say.title}) AS group, median(score) AS points
FROM {_GROUPS} WHERE $__timeFilter(ends) AND score IS NOT NULL
GROUP BY time, group ORDER BY time, group"""
    coverage = f"""
SELECT ends AS time, min(h.coverage) AS lowest, median(h.coverage) AS median, max(h.coverage) AS highest
FROM {_HISTORY} AS h WHERE $__timeFilter(ends)
GROUP BY time ORDER BY time"""
    counts = f"""
SELECT ends AS time, countIf(rank IS NOT NULL) AS ranked, countIf(rank IS NULL) AS unranked
FROM {_HISTORY} WHERE $__timeFilter(ends)
GROUP BY time ORDER BY time"""
    spread = lines(
        say(f"Điểm của khối · {FIGURES}", f"Scores of the block · {FIGURES}"),
        scores,
        ["lowest", "q1", "median", "q3", "highest"],
        say,
        step="1d",
    )
    by_group = lines(
        say(f"Mức đạt theo nhóm (trung vị) · {FIGURES}", f"Reached by group (median) · {FIGURES}"),
        groups,
        [],
        say,
        step="1d",
    )
    covered = lines(
        say("Phủ của khối", "Coverage of the block"),
        coverage,
        ["lowest", "median", "highest"],
        say,
        step="1d",
    )
    return [
        coloured(
            band(spread, "q1", "q3"),
            median=colours.DATA,
            lowest=colours.BAND,
            highest=colours.BAND,
        ),
        by_group.unit("percentunit"),
        coloured(band(covered, "lowest", "highest"), median=colours.DATA).unit("percentunit").max(1),
        coloured(
            bars_over_time(
                say("Đơn vị đã và chưa xếp hạng", "Units ranked and not ranked"),
                counts,
                ["ranked", "unranked"],
                say,
            ),
            ranked=colours.DATA,
            unranked=colours.BAND,
        ),
    ]


def _table(say: Say) -> AnyPanel:
    sql = f"""
SELECT {RANK} AS rank, name, {INTERVAL} AS interval, score, coverage, {moved(say)} AS moved, delta, {simulated(say)} AS simulated, unit
FROM {_HISTORY}
WHERE period = {PERIOD}
ORDER BY place"""
    names = ["rank", "name", "interval", "score", "coverage", "moved", "delta", "simulated"]
    title = say(f"Kết quả kỳ $period · {FIGURES}", f"Result of $period · {FIGURES}")
    panel = rows(title, sql, names, say, width=14, height=18, hidden=["unit"])
    address = url_of(UNITS, say, "${period:queryparam}", "var-unit=${__data.fields.unit}")
    return linked(panel, "name", say("Mở đơn vị", "Open the unit"), address)


def _groups(say: Say) -> AnyPanel:
    sql = f"""
SELECT name, if({say.title} = '', toString(position), {say.title}) AS group, score AS points
FROM {_GROUPS}
WHERE period = {PERIOD}
ORDER BY place, position"""
    title = say(f"Mức đạt theo nhóm, kỳ $period · {FIGURES}", f"Reached by group, $period · {FIGURES}")
    panel = rows(title, sql, [], say, width=10, height=18).unit("percentunit").decimals(0)
    return matrix(panel, "name", "group", "points")
