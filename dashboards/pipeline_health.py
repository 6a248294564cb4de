"""The operator's dashboard: events, seconds to each step, lag, repeats and dead letters."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import colours
from dashboards.frame import PIPELINE, Frame, build
from dashboards.language import Say
from dashboards.panels import AnyPanel, bars_over_time, figure, lines, rows
from dashboards.queries import BETWEEN, BLOCK, STEPS
from dashboards.wording import beside, step

_CHOSEN = f"$__conditionalAll(block IN ({BLOCK}), $block)"
_KEYED = f"$__conditionalAll(key IN ({BLOCK}), $block)"
TARGET_S = 1.0
"""From the door to the live ranking at p95: the promise of the project."""


_WHOLE_RANGE_S = 4_000_000_000
"""A step of time that holds any range."""


def pipeline_health(say: Say) -> Dashboard:
    panels = [*_now(say), *_flow(say), *_seconds(say), *_blocks(say), *_letters(say)]
    return build(Frame(PIPELINE, blocks=True, refresh="10s"), panels, say)


def _now(say: Say) -> list[AnyPanel]:
    ago = f"SELECT dateDiff('second', max(last_event), now64()) AS seconds_ago FROM grafana_block_state WHERE {_CHOSEN}"
    events = f"SELECT sum(events) AS events FROM grafana_arrivals WHERE $__timeFilter(minute) AND {_CHOSEN}"
    behind = f"SELECT max(behind_s) AS behind_s FROM grafana_block_state WHERE ranked AND {_CHOSEN}"
    halted = f"SELECT countIf(halted) AS halted_blocks FROM grafana_block_state WHERE {_CHOSEN}"
    letters = f"SELECT count() AS letters FROM dead_letters FINAL WHERE $__timeFilter(at) AND {_KEYED}"
    differing = "SELECT count() AS differing FROM differing_evaluations"
    faults = colours.steps(colours.OK, (1, colours.BROKEN))
    late = colours.steps(colours.OK, (60, colours.SLOW), (900, colours.BROKEN))
    return [
        figure(say("Sự kiện gần nhất", "Last event"), ago, [], say)
        .unit("s")
        .display_name(say("giây trước", "seconds ago"))
        .thresholds(late)
        .color_scheme(colours.by_thresholds()),
        figure(say("Sự kiện trong khoảng", "Events in range"), events, ["events"], say),
        figure(say("Bảng chậm nhất", "Slowest ranking"), behind, ["behind_s"], say)
        .thresholds(late)
        .color_scheme(colours.by_thresholds()),
        *(
            figure(title, sql, [], say).thresholds(faults).color_scheme(colours.by_thresholds())
            for title, sql in (
                (say("Khối tạm dừng", "Blocks halted"), halted),
                (say("Bản ghi lỗi trong khoảng", "Dead letters in range"), letters),
                (say("Đánh giá có bản khác nhau", "Evaluations whose copies differ"), differing),
            )
        ),
    ]


def _flow(say: Say) -> list[AnyPanel]:
    sql = f"""
SELECT $__timeInterval(minute) AS time, block, sum(events) AS events
FROM grafana_arrivals
WHERE $__timeFilter(minute) AND {_CHOSEN}
GROUP BY time, block ORDER BY time, block"""
    return [bars_over_time(say("Sự kiện theo khối", "Events by block"), sql, [], say, width=24)]


def _seconds(say: Say) -> list[AnyPanel]:
    over_time = f"""
SELECT time, {step(say)} AS step, p95_s FROM grafana_steps(scope = '', {STEPS})
ORDER BY time, number"""
    whole = f"""
SELECT {step(say)} AS step, p50_s, p95_s, p99_s FROM grafana_steps(scope = '', {BETWEEN}, step_s = {_WHOLE_RANGE_S})
ORDER BY number"""
    by_block = f"""
SELECT block, {step(say)} AS step, p50_s, p95_s, p99_s FROM grafana_steps_by_block({BETWEEN}, step_s = {_WHOLE_RANGE_S})
WHERE {_CHOSEN}
ORDER BY block, number"""
    promise = colours.steps(colours.OK, (TARGET_S, colours.BROKEN))
    names = ["step", "p50_s", "p95_s", "p99_s"]
    return [
        lines(
            say("Giây của từng bước, p95", "Seconds of each step, p95"),
            over_time,
            [],
            say,
            width=15,
        )
        .unit("s")
        .min(0)
        .thresholds(promise)
        .description(
            say(
                "Từ cửa nhận vào log, được tính, vào bảng xếp hạng, lên bảng (Σ: cam kết p95 1 giây), vào ClickHouse. "
                "Không cộng p95 của các bước với nhau. Phút là phút sự kiện đến cửa nhận.",
                "From the door into the log, applied, ranked, on the board (Σ: promised at p95 in 1 s), into ClickHouse. "
                "The p95s do not add up. A minute is the one in which events came at the door.",
            )
        ),
        rows(
            say("Cả khoảng thời gian", "The whole range"),
            whole,
            names,
            say,
            width=9,
            height=8,
        ),
        rows(
            say("Từng bước theo khối, cả khoảng thời gian", "Steps by block, the whole range"),
            by_block,
            ["block", *names],
            say,
            width=12,
        ),
        bars_over_time(
            say("Trùng lặp, đính chính, bản ghi lỗi", "Repeats, corrections, dead letters"),
            _beside(say),
            [],
            say,
            width=12,
            height=10,
        ).description(
            say(
                "Trùng lặp: gửi lại điều đã có. Đính chính: thay hoặc rút một số liệu đã có. Bản ghi lỗi: không áp dụng được. "
                "Đọc lại: từ log cũ, không đo.",
                "Repeats say again what was said. Corrections replace or take back an earlier figure. Dead letters could not be applied. "
                "Read again: from an old log, not measured.",
            )
        ),
    ]


def _beside(say: Say) -> str:
    return f"""
SELECT time, {beside(say)} AS what, sum(events) AS events FROM grafana_flow({STEPS})
WHERE {_CHOSEN}
GROUP BY time, what ORDER BY time, what"""


def _blocks(say: Say) -> list[AnyPanel]:
    lag = f"""
SELECT block, period, last_event, behind_s, multiIf(NOT ranked, 'none', halted, 'halted', 'running') AS halted, {_simulated(say)}
FROM grafana_block_state WHERE {_CHOSEN}
ORDER BY behind_s DESC, block"""
    repeats = f"""
SELECT block, events, different, repeated, unreadable
FROM grafana_repeats({BETWEEN}) WHERE {_CHOSEN}
ORDER BY block"""
    return [
        rows(
            say("Độ trễ của bảng theo khối", "Lag of the ranking by block"),
            lag,
            ["block", "period", "last_event", "behind_s", "halted", "simulated"],
            say,
            width=13,
        ),
        rows(
            say("Trùng lặp theo khối", "Repeats by block"),
            repeats,
            ["block", "events", "different", "repeated", "unreadable"],
            say,
            width=11,
        ).description(
            say(
                "Tính theo giờ tròn. Trùng lặp là sự kiện có cùng (source, id): chỉ được tính một lần.",
                "By whole hours. A repeat has the same (source, id): it counts once.",
            )
        ),
    ]


def _simulated(say: Say) -> str:
    return f"if(simulated, '{say.simulated}', '') AS simulated"


def _letters(say: Say) -> list[AnyPanel]:
    over_time = f"""
SELECT $__timeInterval(at) AS time, reason, count() AS letters
FROM dead_letters FINAL
WHERE $__timeFilter(at) AND {_KEYED}
GROUP BY time, reason ORDER BY time, reason"""
    newest = f"""
SELECT at, key AS block, reason, detail, hint, concat(topic, ' ', toString(partition), '/', toString(`offset`), '/', toString(`index`)) AS place
FROM dead_letters FINAL
WHERE $__timeFilter(at) AND {_KEYED}
ORDER BY at DESC LIMIT 100"""
    return [
        bars_over_time(say("Bản ghi lỗi", "Dead letters"), over_time, [], say, width=8, height=10),
        rows(
            say("Bản ghi lỗi mới nhất", "Newest dead letters"),
            newest,
            ["at", "block", "reason", "detail", "hint", "place"],
            say,
            width=16,
        ),
    ]
