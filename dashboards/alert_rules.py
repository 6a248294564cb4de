"""Alert rules of the pipeline, as Grafana provisions them. Flags are not among them: those are the alerting service's, and people decide."""

from typing import Any, Final, NamedTuple

import yaml

from dashboards.frame import ALERTS, PIPELINE, Kind
from dashboards.language import Say
from dashboards.queries import DATASOURCE_TYPE, DATASOURCE_UID

_HEADER: Final = "# Written by `python -m dashboards`; change dashboards/alert_rules.py instead.\n"

FOLDER: Final = "Thi đua – cảnh báo vận hành"
"""The rules' own folder. Grafana provisions rules before dashboards and finds their folder by its title only: in the dashboards' folder they
would leave a second one of that title (grafana#125079). No `/`: that would be a folder in a folder."""

_REPORTS: Final = "type IN ('vn.thidua.report.v1', 'vn.thidua.fact.v1')"
"""What units send; ticks and evaluations come from the system itself, and would hide a silent feed."""


class AlertRule(NamedTuple):
    """Fires when the one number of a row is above `above` for `lasting`. Other columns become labels, so each row is an alert of its own."""

    uid: str
    title: str
    summary: str
    sql: str
    panel: int
    """Of `board`: where to look."""
    above: float
    range_s: int
    lasting: str
    when_empty: str
    """Grafana's `noDataState`: `Alerting` makes silence itself the alarm."""
    severity: str
    board: Kind = PIPELINE
    hours: str = "always"
    """`working`: the policy mutes it at night and on Sundays."""


RULES: Final = (
    AlertRule(
        uid="thidua-heartbeat",
        title="Luồng số liệu im lặng / No heartbeat",
        summary="Không có sự kiện nào trong 90 phút, kể cả nhịp giờ của hệ thống. Kiểm tra cửa nhận, Kafka, storage. / "
        "No event for 90 minutes, not even the hourly tick. Check the door, Kafka and storage.",
        sql="SELECT dateDiff('second', max(minute), now()) AS seconds FROM grafana_arrivals WHERE $__timeFilter(minute) HAVING count() > 0",
        panel=1,
        above=5400,
        range_s=5400,
        lasting="1m",
        when_empty="Alerting",
        severity="critical",
    ),
    AlertRule(
        uid="thidua-feed-silent",
        title="Đơn vị không gửi số liệu / No reports",
        summary="Không có báo cáo nào trong 15 phút giờ làm việc. / No report for 15 minutes of working hours.",
        sql=f"SELECT dateDiff('second', max(logged), now()) AS seconds FROM raw_log WHERE $__timeFilter(logged) AND {_REPORTS} HAVING count() > 0",
        panel=2,
        above=900,
        range_s=1800,
        lasting="1m",
        when_empty="Alerting",
        severity="warning",
        hours="working",
    ),
    AlertRule(
        uid="thidua-lag",
        title="Bảng chậm quá 1 giây / Ranking slower than 1 s",
        summary="p95 từ cửa nhận đến bảng trực tiếp vượt 1 giây trong 10 phút. / p95 from the door to the live ranking is above 1 s over 10 minutes.",
        sql="""SELECT max(p95_s) AS seconds
FROM grafana_latency(from_s = toUnixTimestamp($__fromTime), to_s = toUnixTimestamp($__toTime), step_s = 4000000000)
WHERE step = 'ranked' HAVING count() > 0""",
        panel=8,
        above=1,
        range_s=600,
        lasting="5m",
        when_empty="OK",
        severity="warning",
    ),
    AlertRule(
        uid="thidua-behind",
        title="Bảng đứng sau log / Ranking behind the log",
        summary="Bảng của khối {{ $labels.block }} chậm hơn sự kiện mới nhất quá 1 phút. Kiểm tra scoring. / "
        "The ranking of {{ $labels.block }} is more than a minute behind its newest event. Check scoring.",
        sql="SELECT block, behind_s FROM grafana_block_state WHERE ranked",
        panel=3,
        above=60,
        range_s=600,
        lasting="2m",
        when_empty="OK",
        severity="critical",
    ),
    AlertRule(
        uid="thidua-dead-letters",
        title="Có bản ghi lỗi / Dead letters",
        summary="Khối {{ $labels.block }} có bản ghi không áp dụng được ({{ $labels.reason }}). Xem bảng Sức khỏe đường truyền. / "
        "Records of {{ $labels.block }} could not be applied ({{ $labels.reason }}). See Pipeline health.",
        sql="SELECT key AS block, reason, count() AS letters FROM dead_letters FINAL WHERE $__timeFilter(at) GROUP BY block, reason",
        panel=5,
        above=0,
        range_s=600,
        lasting="0s",
        when_empty="OK",
        severity="warning",
    ),
    AlertRule(
        uid="thidua-halted",
        title="Khối tạm dừng / Block halted",
        summary="Khối {{ $labels.block }} tạm dừng: scoring dừng ba lần ở cùng một sự kiện, bảng giữ nguyên. / "
        "{{ $labels.block }} is halted: scoring stopped three times at one event, and its ranking stands still.",
        sql="SELECT block, toUInt8(halted) AS halted FROM grafana_block_state WHERE ranked",
        panel=4,
        above=0,
        range_s=600,
        lasting="0s",
        when_empty="OK",
        severity="critical",
    ),
    AlertRule(
        uid="thidua-unreached",
        title="Cảnh báo không tới Hội đồng / The council was not reached",
        summary="Cảnh báo của {{ $labels.block }} cho {{ $labels.role }} ({{ $labels.channel }}) không gửi được và đã thôi gửi. Sửa địa chỉ hoặc "
        "máy chủ thư, rồi: thidua alerts retry. / Alerts of {{ $labels.block }} to {{ $labels.role }} ({{ $labels.channel }}) failed and were "
        "given up. Mend the address or the mail server, then: thidua alerts retry.",
        sql="""SELECT block, role, channel, count() AS alerts
FROM read_alerts(scope = '') WHERE step = 'failed' AND retry_at IS NULL
GROUP BY block, role, channel""",
        board=ALERTS,
        panel=8,
        above=0,
        range_s=600,
        lasting="0s",
        when_empty="OK",
        severity="warning",
    ),
)


def rules_file() -> str:
    """The YAML that Grafana reads. It takes queries and annotations as they stand: `$` in them is not doubled (grafana#54293, #54975)."""
    group = {
        "orgId": 1,
        "name": "thidua",
        "folder": FOLDER,
        "interval": "1m",
        "rules": [_rule(rule) for rule in RULES],
    }
    content = {"apiVersion": 1, "groups": [group]}
    return _HEADER + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=150)


def _rule(rule: AlertRule) -> dict[str, Any]:
    board = Say("vi").uid(rule.board.name)
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "B",
        "data": [_question(rule), _threshold(rule)],
        "dashboardUid": board,
        "panelId": rule.panel,
        "noDataState": rule.when_empty,
        "execErrState": "Error",
        "for": rule.lasting,
        "annotations": {
            "summary": rule.summary,
            "__dashboardUid__": board,
            "__panelId__": str(rule.panel),
        },
        "labels": {"service": "thidua", "severity": rule.severity, "hours": rule.hours},
        "isPaused": False,
    }


def _question(rule: AlertRule) -> dict[str, Any]:
    model = {
        "refId": "A",
        "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID},
        "editorType": "sql",
        "rawSql": rule.sql,
        "queryType": "table",
        "format": 1,
        "intervalMs": 60_000,
        "maxDataPoints": 100,
    }
    window = {"from": rule.range_s, "to": 0}
    return {"refId": "A", "relativeTimeRange": window, "datasourceUid": DATASOURCE_UID, "model": model}


def _threshold(rule: AlertRule) -> dict[str, Any]:
    condition = {"evaluator": {"type": "gt", "params": [rule.above]}}
    model = {
        "refId": "B",
        "type": "threshold",
        "expression": "A",
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "conditions": [condition],
    }
    window = {"from": rule.range_s, "to": 0}
    return {"refId": "B", "relativeTimeRange": window, "datasourceUid": "__expr__", "model": model}
