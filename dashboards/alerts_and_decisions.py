"""Flags as they open, stand and end, what people decided, and what waits for a person."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import colours
from dashboards.frame import ALERTS, FIGURES, UNITS, Frame, build, url_of
from dashboards.language import Say
from dashboards.panels import AnyPanel, bars_over_time, coloured, figure, linked, rows
from dashboards.queries import BLOCK, CAMPAIGN
from dashboards.wording import INTERVAL, OPEN_FLAGS, RANK, UNDECIDED, simulated

_CHOSEN = f"$__conditionalAll(block IN ({BLOCK}), $block)"
_FLAGS = f"grafana_flag_changes(scope = {CAMPAIGN})"
_ALERTS = f"read_alerts(scope = {CAMPAIGN})"
_DECISIONS = f"grafana_decisions(scope = {CAMPAIGN})"


def alerts_and_decisions(say: Say) -> Dashboard:
    panels = [*_now(say), *_flags(say), *_alerts(say), *_decisions(say)]
    return build(Frame(ALERTS, blocks=True, since="now-90d", refresh="1m"), panels, say)


def _now(say: Say) -> list[AnyPanel]:
    open_flags = f"""
SELECT {OPEN_FLAGS}
FROM {_FLAGS} WHERE {UNDECIDED} AND {_CHOSEN}"""
    waiting = f"""
SELECT countIf(as_of < now() - INTERVAL 5 DAY) AS waiting FROM {_FLAGS}
WHERE newest AND state IN ('proposed', 'replied') AND {_CHOSEN}"""
    decided = f"SELECT count() AS decided FROM {_DECISIONS} WHERE $__timeFilter(time) AND {_CHOSEN}"
    over_time = f"""
SELECT $__timeInterval(as_of) AS time, countIf(state = 'proposed') AS proposed, countIf(state = 'confirmed') AS confirmed,
       countIf(state = 'ended') AS ended
FROM {_FLAGS} WHERE $__timeFilter(as_of) AND {_CHOSEN}
GROUP BY time ORDER BY time"""
    changes = bars_over_time(
        say(f"Thay đổi của cờ · {FIGURES}", f"Changes of flags · {FIGURES}"),
        over_time,
        ["proposed", "confirmed", "ended"],
        say,
        height=4,
    )
    return [
        figure(
            say("Cờ đang mở", "Open flags"), open_flags, ["leaders", "underperformers", "other_flags"], say
        ),
        figure(say("Chờ quyết quá 5 ngày", "Undecided for over 5 days"), waiting, [], say),
        figure(say("Việc đã quyết trong khoảng", "Acts in range"), decided, [], say),
        coloured(changes.interval("1h"), proposed=colours.DATA, confirmed=colours.LEAD, ended=colours.BAND),
    ]


def _flags(say: Say) -> list[AnyPanel]:
    columns = f"""block, kind, name, state, since, {RANK} AS rank, {INTERVAL} AS interval, gap,
       concat(toString(hits), '/', toString(window)) AS hits, {simulated(say)} AS simulated"""
    standing = f"SELECT {columns}, unit FROM {_FLAGS} WHERE {UNDECIDED} AND {_CHOSEN} ORDER BY block, kind, as_of DESC"
    changes = f"""
SELECT as_of AS at, {columns}
FROM {_FLAGS} WHERE $__timeFilter(as_of) AND {_CHOSEN}
ORDER BY at DESC LIMIT 200"""
    names = [
        "block",
        "kind",
        "name",
        "state",
        "since",
        "rank",
        "interval",
        "gap",
        "hits",
        "simulated",
    ]
    title = say(f"Cờ đang mở · {FIGURES}", f"Open flags · {FIGURES}")
    address = url_of(UNITS, say, "var-unit=${__data.fields.unit}", block="var-block=${__data.fields.block}")
    panel = rows(title, standing, names, say, height=9, hidden=["unit"])
    return [
        linked(panel, "name", say("Mở đơn vị", "Open the unit"), address),
        rows(
            say(f"Mọi thay đổi của cờ · {FIGURES}", f"Every change of a flag · {FIGURES}"),
            changes,
            ["at", *names],
            say,
        ),
    ]


def _alerts(say: Say) -> list[AnyPanel]:
    """What alerting did: roles and channels stand here, never people or addresses."""
    newest = f"""
SELECT at, block, role, channel, step, arrayStringConcat(arrayDistinct(units), ', ') AS name, reason, attempts, {simulated(say)} AS simulated
FROM {_ALERTS}
WHERE $__timeFilter(at) AND {_CHOSEN}
ORDER BY at DESC LIMIT 200"""
    steps = f"""
SELECT $__timeInterval(at) AS time, step, count() AS alerts
FROM {_ALERTS}
WHERE $__timeFilter(at) AND {_CHOSEN}
GROUP BY time, step ORDER BY time, step"""
    names = ["at", "block", "role", "channel", "step", "name", "reason", "attempts", "simulated"]
    return [
        bars_over_time(
            say("Cảnh báo theo bước cuối", "Alerts by their last step"), steps, [], say, width=8, height=10
        ).interval("1h"),
        rows(
            say(f"Cảnh báo gửi Hội đồng · {FIGURES}", f"Alerts to the council · {FIGURES}"),
            newest,
            names,
            say,
            width=16,
        ),
    ]


def _decisions(say: Say) -> list[AnyPanel]:
    sql = f"""
SELECT time AS at, block, replaceOne(replaceOne(type, 'vn.thidua.', ''), '.v1', '') AS type, subject AS name,
       concat(decision, reason, text) AS text, source AS origin
FROM {_DECISIONS}
WHERE $__timeFilter(time) AND {_CHOSEN}
ORDER BY at DESC LIMIT 200"""
    return [
        rows(
            say("Quyết định, giải trình, tạm giữ", "Decisions, replies, holds"),
            sql,
            ["at", "block", "type", "name", "text", "origin"],
            say,
        )
    ]
