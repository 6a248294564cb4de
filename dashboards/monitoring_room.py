"""The monitoring room: the live ranking of a block, its flags, what moved, and how fresh all of it is."""

from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import colours
from dashboards.frame import FIGURES, ROOM, UNITS, Frame, build, url_of
from dashboards.language import Say
from dashboards.panels import AnyPanel, bars, bars_over_time, figure, lines, linked, rows
from dashboards.queries import BLOCK, STEPS
from dashboards.wording import INTERVAL, OPEN_FLAGS, RANK, UNDECIDED, moved, simulated


def monitoring_room(say: Say) -> Dashboard:
    return build(Frame(ROOM, refresh="10s"), [*_freshness(say), *_tables(say), *_movement(say)], say)


def _freshness(say: Say) -> list[AnyPanel]:
    ago = f"SELECT dateDiff('second', max(last_event), now64()) AS seconds_ago FROM grafana_block_state WHERE block = {BLOCK}"
    state = f"SELECT if(halted, 'halted', 'running') AS halted FROM grafana_block_state WHERE block = {BLOCK}"
    ranked = f"SELECT countIf(rank IS NOT NULL) AS ranked, countIf(rank IS NULL) AS unranked FROM grafana_ranking(block = {BLOCK})"
    coverage = f"SELECT median(coverage) AS coverage FROM grafana_ranking(block = {BLOCK})"
    flags = f"""
SELECT {OPEN_FLAGS}
FROM grafana_flag_changes(scope = {BLOCK}) WHERE {UNDECIDED}"""
    return [
        _seconds_ago(say(f"Sự kiện gần nhất · {FIGURES}", f"Last event · {FIGURES}"), ago, say),
        figure(say("Bảng xếp hạng", "Ranking"), state, ["halted"], say),
        figure(say("Đơn vị", "Units"), ranked, ["ranked", "unranked"], say, width=6),
        figure(say("Phủ (trung vị)", "Coverage (median)"), coverage, ["coverage"], say),
        figure(
            say("Cờ đang mở", "Open flags"),
            flags,
            ["leaders", "underperformers", "other_flags"],
            say,
            width=6,
        ),
    ]


def _seconds_ago(title: str, sql: str, say: Say) -> stat.Panel:
    """How old the newest event is: slow and late are colours of the feed, not of a unit."""
    fresh = colours.steps(colours.OK, (60, colours.SLOW), (900, colours.BROKEN))
    return (
        figure(title, sql, [], say)
        .unit("s")
        .display_name(say("giây trước", "seconds ago"))
        .thresholds(fresh)
        .color_scheme(colours.by_thresholds())
    )


def _tables(say: Say) -> list[AnyPanel]:
    ranking = f"""
SELECT {RANK} AS rank, name, {INTERVAL} AS interval, score, coverage, {moved(say)} AS moved, delta, {simulated(say)} AS simulated, unit
FROM grafana_ranking(block = {BLOCK})
ORDER BY place"""
    flags = f"""
SELECT kind, name, state, since, {RANK} AS rank, {INTERVAL} AS interval, concat(toString(hits), '/', toString(window)) AS hits,
       {simulated(say)} AS simulated, unit
FROM grafana_flag_changes(scope = {BLOCK})
WHERE {UNDECIDED}
ORDER BY kind, as_of DESC"""
    names = ["rank", "name", "interval", "score", "coverage", "moved", "delta", "simulated"]
    title = say(f"Bảng xếp hạng trực tiếp · {FIGURES}", f"Live ranking · {FIGURES}")
    board = _to_unit(rows(title, ranking, names, say, width=15, height=20, hidden=["unit"]), say)
    flag_names = ["kind", "name", "state", "since", "rank", "interval", "hits", "simulated"]
    flag_title = say(f"Cờ đang mở · {FIGURES}", f"Open flags · {FIGURES}")
    return [
        board.description(
            say(
                "Hạng luôn đi cùng khoảng 90%: hai khoảng chồng nhau thì chưa thể nói đơn vị nào hơn. Dấu – là chưa xếp hạng, không phải hạng cuối.",
                "A rank stands beside its 90% interval: where two overlap, neither unit beats the other. – is not ranked, which is not last.",
            )
        ),
        _to_unit(
            rows(flag_title, flags, flag_names, say, width=9, height=20, hidden=["unit"]), say
        ).description(
            say(
                "Cờ là đề xuất cho đến khi Hội đồng quyết định.",
                "A flag is a proposal until the council decides.",
            )
        ),
    ]


def _to_unit(panel: table.Panel, say: Say) -> table.Panel:
    return linked(
        panel, "name", say("Mở đơn vị", "Open the unit"), url_of(UNITS, say, "var-unit=${__data.fields.unit}")
    )


def _movement(say: Say) -> list[AnyPanel]:
    movers = f"""
SELECT name, moved FROM grafana_ranking(block = {BLOCK})
WHERE moved IS NOT NULL
ORDER BY abs(moved) DESC, place LIMIT 10"""
    scores = f"""
SELECT time, name, score FROM grafana_live(block = {BLOCK}, {STEPS})
WHERE unit IN (SELECT unit FROM grafana_ranking(block = {BLOCK}) ORDER BY place LIMIT 10)
ORDER BY time, name"""
    arrivals = f"""
SELECT $__timeInterval(minute) AS time, sum(events) AS events
FROM grafana_arrivals
WHERE $__timeFilter(minute) AND block = {BLOCK}
GROUP BY time ORDER BY time"""
    sides = colours.steps(colours.URGE, (0, colours.QUIET), (1, colours.LEAD))
    return [
        bars(
            say(f"Đổi hạng nhiều nhất · {FIGURES}", f"Largest moves · {FIGURES}"),
            movers,
            ["name"],
            say,
            width=8,
        )
        .thresholds(sides)
        .color_scheme(colours.by_thresholds())
        .display_name(say("bậc so với kỳ gốc", "places since the baseline")),
        lines(
            say(f"Điểm của 10 đơn vị đầu · {FIGURES}", f"Score of the first 10 · {FIGURES}"),
            scores,
            [],
            say,
            width=10,
        ),
        bars_over_time(say("Sự kiện", "Events"), arrivals, ["events"], say, width=6),
    ]
