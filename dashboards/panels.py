"""The kinds of panel that the dashboards are made of, each with the manner of this project."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import barchart, stat, table, text, timeseries
from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.text import TextMode

from dashboards import colours
from dashboards.columns import hide, show
from dashboards.language import Say
from dashboards.queries import DATASOURCE, Query

AnyPanel = stat.Panel | table.Panel | timeseries.Panel | barchart.Panel | text.Panel

STAT_HEIGHT: Final = 4
_MINUTE: Final = "1m"
"""The finest step of a time series: arrivals and live places are kept by the minute."""


def figure(title: str, sql: str, names: Sequence[str], say: Say, *, width: int = 4) -> stat.Panel:
    """One row of one to three figures or texts, large. A missing figure is a dash, not 0."""
    panel = (
        stat.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Query(sql, "table"))
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/").values(False))
        .color_scheme(colours.fixed(colours.QUIET))
        .graph_mode(common.BigValueGraphMode.NONE)
        .color_mode(common.BigValueColorMode.VALUE)
        .no_value("–")
        .height(STAT_HEIGHT)
        .span(width)
    )
    return show(panel, names, say)


def rows(
    title: str,
    sql: str,
    names: Sequence[str],
    say: Say,
    *,
    width: int = 24,
    height: int = 10,
    hidden: Sequence[str] = (),
) -> table.Panel:
    """A table. Empty says so in words."""
    panel = (
        table.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Query(sql, "table"))
        .color_scheme(colours.fixed(colours.QUIET))
        .no_value("–")
        .height(height)
        .span(width)
    )
    return hide(show(panel, names, say), *hidden)


def lines(
    title: str,
    sql: str,
    names: Sequence[str],
    say: Say,
    *,
    width: int = 12,
    height: int = 8,
    step: str = _MINUTE,
) -> timeseries.Panel:
    """Lines over time. A gap stays a gap: nothing is drawn for what is missing."""
    panel = (
        timeseries.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Query(sql, "time series"))
        .interval(step)
        .line_width(2)
        .fill_opacity(0)
        .show_points(common.VisibilityMode.AUTO)
        .span_nulls(False)
        .legend(
            options.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(
            options.VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.DESCENDING)
        )
        .height(height)
        .span(width)
    )
    return show(panel, names, say)


def bars_over_time(
    title: str, sql: str, names: Sequence[str], say: Say, *, width: int = 12, height: int = 8
) -> timeseries.Panel:
    """Counts of each step of time, stacked: only for what adds up."""
    return (
        lines(title, sql, names, say, width=width, height=height)
        .draw_style(common.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(options.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
        .min(0)
    )


def bars(
    title: str, sql: str, names: Sequence[str], say: Say, *, width: int = 12, height: int = 8
) -> barchart.Panel:
    """A bar for each row, named by its column `name`."""
    panel = (
        barchart.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Query(sql, "table"))
        .x_field("name")
        .orientation(common.VizOrientation.HORIZONTAL)
        .show_value(common.VisibilityMode.ALWAYS)
        .fill_opacity(80)
        .height(height)
        .span(width)
    )
    return show(panel, names, say)


def note(title: str, content: str, *, width: int = 24, height: int = 3) -> text.Panel:
    """Words, in Markdown."""
    return text.Panel().title(title).mode(TextMode.MARKDOWN).content(content).height(height).span(width)


def band(panel: timeseries.Panel, lower: str, upper: str, *, dashed: str | None = None) -> timeseries.Panel:
    """Fills between two columns as an interval, quiet and without lines of its own; `dashed` is a line to compare with."""
    edges: list[tuple[str, object]] = [
        ("color", colours.fixed(colours.BAND).build()),
        ("custom.lineWidth", 0),
        ("custom.showPoints", "never"),
    ]
    panel = panel.override_by_name(lower, _properties(edges))
    panel = panel.override_by_name(
        upper, _properties([*edges, ("custom.fillBelowTo", lower), ("custom.fillOpacity", 30)])
    )
    if dashed is not None:
        dash = {"fill": "dash", "dash": [8, 6]}
        looks: list[tuple[str, object]] = [
            ("color", colours.fixed(colours.MEDIAN).build()),
            ("custom.lineStyle", dash),
        ]
        panel = panel.override_by_name(dashed, _properties(looks))
    return panel


def coloured(panel: timeseries.Panel, **by_column: str) -> timeseries.Panel:
    """A fixed colour for each of these columns."""
    for name, colour in by_column.items():
        panel = panel.override_by_name(name, _properties([("color", colours.fixed(colour).build())]))
    return panel


def linked(panel: table.Panel, column: str, title: str, url: str) -> table.Panel:
    """The column's text leads to another page; `${__data.fields.x}` in the address is column x of the row."""
    return panel.override_by_name(column, _properties([("links", [{"title": title, "url": url}])]))


def matrix(panel: table.Panel, rows_by: str, columns_by: str, value: str) -> table.Panel:
    """Turns (row, column, value) triples into a table of them."""
    how = {"rowField": rows_by, "columnField": columns_by, "valueField": value, "emptyValue": "null"}
    return panel.with_transformation(dashboard.DataTransformerConfig("groupingToMatrix", options=how))


def _properties(pairs: list[tuple[str, object]]) -> list[dashboard.DynamicConfigValue]:
    return [dashboard.DynamicConfigValue(id_val=identity, value=value) for identity, value in pairs]
