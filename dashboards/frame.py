"""What all dashboards share: variables that hang on one another, links that keep them, annotations, the mark of invented figures."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours
from dashboards.language import Say
from dashboards.panels import AnyPanel
from dashboards.queries import BLOCK, CAMPAIGN, DATASOURCE, AnnotationTargetBuilder, variable_query
from dashboards.wording import kind_words
from services.contracts import flag_words

ZONE: Final = "Asia/Ho_Chi_Minh"

FIGURES: Final = "${figures}"
"""Stands in titles: `MÔ PHỎNG` where the campaign's figures are invented."""


class Kind(NamedTuple):
    """One of the dashboards: the name in its uid and file, its titles, and the folder it stands in."""

    name: str
    vi: str
    en: str
    folder: str


ROOM: Final = Kind("monitoring-room", "Phòng theo dõi", "Monitoring room", "room")
BLOCKS: Final = Kind("block-over-time", "Khối theo thời gian", "Block over time", "units")
UNITS: Final = Kind("unit", "Đơn vị", "Unit", "units")
PIPELINE: Final = Kind("pipeline-health", "Sức khỏe đường truyền", "Pipeline health", "room")
ALERTS: Final = Kind("alerts-and-decisions", "Cảnh báo và quyết định", "Alerts and decisions", "units")
KINDS: Final = (ROOM, BLOCKS, UNITS, PIPELINE, ALERTS)


class Folder(NamedTuple):
    """A folder of Grafana, by the name of the directory that holds its dashboards."""

    vi: str
    en: str


FOLDERS: Final = {
    "room": Folder("Thi đua – phòng theo dõi", "Emulation – monitoring room"),
    "units": Folder("Thi đua – đơn vị", "Emulation – units"),
}
"""`units` holds what is about single units: never open to readers who are not signed in."""


class Frame(NamedTuple):
    """How a dashboard differs from the others. `block` is one block, or several (`blocks`); times are Grafana's."""

    kind: Kind
    blocks: bool = False
    unit: bool = False
    units: bool = False
    period: bool = False
    since: str = "now-6h"
    until: str = "now"
    refresh: str = "30s"
    past: bool = False
    """Its axis of time holds the ends of periods, not instants of the log."""


def build(frame: Frame, panels: Sequence[AnyPanel], say: Say) -> models.Dashboard:
    """The dashboard, its panels numbered from 1 in the order given."""
    board = (
        builders.Dashboard(say(f"Thi đua – {frame.kind.vi}", f"Emulation – {frame.kind.en}"))
        .uid(say.uid(frame.kind.name))
        .tags([say.tag, "thidua"])
        .timezone(ZONE)
        .time(frame.since, frame.until)
        .refresh(frame.refresh)
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([*_variables(frame, say)])
        .annotations([*_annotations(frame, say)])
        .links([*_links(frame, say)])
    )
    for number, panel in enumerate(panels, 1):
        board = board.with_panel(panel.id(number))
    return board.build()


def url_of(kind: Kind, say: Say, *variables: str, block: str = "${block:queryparam}") -> str:
    """Address of another dashboard, with campaign, block and time as they stand, then `variables`.

    `block` says which one where this dashboard holds several: a variable that comes twice is a list, and a dashboard of one block then shows
    its first block.
    """
    kept = "&".join(["${campaign:queryparam}", block, "${__url_time_range}"])
    return "&".join([f"/d/{say.uid(kind.name)}?{kept}", *variables])


def _variables(frame: Frame, say: Say) -> list[builders.QueryVariable]:
    """Each is asked again when one before it changes, because its query names that one."""
    found = [
        _variable(
            "campaign",
            say("Chiến dịch", "Campaign"),
            f"SELECT campaign, {say.title} FROM grafana_campaigns",
        )
    ]
    blocks = _variable(
        "block",
        say("Khối", "Block"),
        f"SELECT block, {say.title} FROM grafana_blocks(campaign = {CAMPAIGN})",
    )
    found.append(blocks.multi(True).include_all(True).current(_all(say)) if frame.blocks else blocks)
    if frame.unit or frame.units:
        units = f"SELECT unit, name FROM grafana_units(scope = {BLOCK}) ORDER BY name"
        found.append(_variable("unit", say("Đơn vị", "Unit"), units).multi(frame.units))
    if frame.period:
        periods = f"SELECT period FROM grafana_evaluations(block = {BLOCK}) ORDER BY ends DESC, period DESC"
        found.append(_variable("period", say("Kỳ", "Period"), periods))
    reported = say("số liệu báo cáo", "reported figures")
    figures = f"SELECT if(simulated, '{say.simulated}', '{reported}') FROM grafana_campaigns WHERE campaign = {CAMPAIGN}"
    found.append(
        _variable("figures", say("Nguồn số liệu", "Figures"), figures).hide(models.VariableHide.HIDE_VARIABLE)
    )
    return found


def _variable(name: str, label: str, sql: str) -> builders.QueryVariable:
    """Asked again with each new range: `now` moves at every refresh, so new blocks and units show without a reload."""
    return (
        builders.QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(variable_query(sql))
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.DISABLED)
    )


def _all(say: Say) -> models.VariableOption:
    return models.VariableOption(selected=True, text=[say("Tất cả", "All")], value=["$__all"])


def _annotations(frame: Frame, say: Say) -> list[builders.AnnotationQuery]:
    return [
        _annotation(say("Cờ", "Flags"), colours.URGE, _flags_sql(frame, say)),
        _annotation(say("Đánh giá", "Evaluations"), colours.LEAD, _evaluations_sql(frame, say)),
        _marks(say("Thay đổi hệ thống", "Changes of the system")),
    ]


def _annotation(name: str, colour: str, sql: str) -> builders.AnnotationQuery:
    target = AnnotationTargetBuilder(sql)
    return (
        builders.AnnotationQuery()
        .name(name)
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color(colour)
        .target(target)
    )


def _marks(name: str) -> builders.AnnotationQuery:
    """What `thidua grafana provision` marks in Grafana's own store."""
    tags = builders.AnnotationTarget().type("tags").tags(["thidua", "provisioned"]).limit(100)
    own = models.DataSourceRef(type_val="grafana", uid="-- Grafana --")
    return (
        builders.AnnotationQuery()
        .name(name)
        .datasource(own)
        .enable(True)
        .icon_color(colours.HOLD)
        .target(tags)
    )


def _flags_sql(frame: Frame, say: Say) -> str:
    scope = CAMPAIGN if frame.blocks else BLOCK
    kinds = ", ".join(f"'{kind}'" for kind in flag_words.KINDS)
    words = ", ".join(f"'{kind_words(kind, say)}'" for kind in flag_words.KINDS)
    chosen = " AND unit = ${unit:sqlstring}" if frame.unit else ""
    within = f"$__conditionalAll(block IN ({BLOCK}), $block)" if frame.blocks else f"block = {BLOCK}"
    return f"""
SELECT as_of AS time, concat(transform(kind, [{kinds}], [{words}], kind), ': ', name) AS title,
       concat(state, ', ', period, if(simulated, ' – {say.simulated}', '')) AS text, kind AS tags
FROM grafana_flag_changes(scope = {scope})
WHERE $__timeFilter(as_of) AND {within}{chosen}
ORDER BY time LIMIT 500"""


def _evaluations_sql(frame: Frame, say: Say) -> str:
    title = say("Đánh giá", "Evaluation")
    if frame.blocks:
        return f"""
SELECT as_of AS time, concat('{title} ', period) AS title, block AS text, 'evaluation' AS tags
FROM evaluations
WHERE startsWith(block, concat({CAMPAIGN}, '/')) AND $__timeFilter(as_of) AND $__conditionalAll(block IN ({BLOCK}), $block)
ORDER BY time, version DESC LIMIT 1 BY id LIMIT 500"""
    time = "ends" if frame.past else "as_of"
    return f"""
SELECT {time} AS time, concat('{title} ', period) AS title,
       concat(toString(ranked), '/', toString(units), if(simulated, ' – {say.simulated}', '')) AS text, 'evaluation' AS tags
FROM grafana_evaluations(block = {BLOCK})
WHERE $__timeFilter({time})
ORDER BY time LIMIT 500"""


def _links(frame: Frame, say: Say) -> list[builders.DashboardLink]:
    """To the dashboards of this set, to this one on a wall, and to this one in the other language; all keep variables and time."""
    others = Say("en" if say.language == "vi" else "vi")
    kept = "${__all_variables}&${__url_time_range}"
    here = say.uid(frame.kind.name)
    return [
        builders.DashboardLink(say("Các bảng khác", "Other dashboards"))
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([say.tag])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True),
        _link(say("Toàn màn hình", "On the wall"), f"/d/{here}?kiosk&{kept}"),
        _link(say("English", "Tiếng Việt"), f"/d/{others.uid(frame.kind.name)}?{kept}"),
    ]


def _link(title: str, url: str) -> builders.DashboardLink:
    return builders.DashboardLink(title).type(models.DashboardLinkType.LINK).url(url).icon("external link")
