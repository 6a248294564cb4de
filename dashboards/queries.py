"""What a dashboard asks of ClickHouse: the target of a panel, of an annotation and of a variable, in the form of its data source 4.x."""

from typing import Final, Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import AnnotationTarget, DataSourceRef

DATASOURCE_TYPE: Final = "grafana-clickhouse-datasource"
DATASOURCE_UID: Final = "thidua-clickhouse"
DATASOURCE_NAME: Final = "Thi đua – ClickHouse"
DATASOURCE: Final = DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)

Shape = Literal["time series", "table"]

# Variables as SQL literals: Grafana quotes and escapes them.
CAMPAIGN: Final = "${campaign:sqlstring}"
BLOCK: Final = "${block:sqlstring}"
UNIT: Final = "${unit:sqlstring}"
PERIOD: Final = "${period:sqlstring}"

BETWEEN: Final = "from_s = ${__from:date:seconds}, to_s = ${__to:date:seconds}"
"""Parameters of a view that reads between two instants: parameters must be numbers, so the macros $__fromTime and $__toTime cannot stand here."""

STEPS: Final = f"{BETWEEN}, step_s = $__interval_s"


class ClickHouseQuery(Dataquery):
    """A panel's question. A time series has its time in a column named `time`, and comes ordered by it."""

    def __init__(self, sql: str, shape: Shape, ref_id: str) -> None:
        self.sql, self.shape, self.ref_id = sql.strip(), shape, ref_id

    def to_json(self) -> dict[str, object]:
        """As the data source's SQL editor saves it: format 0 is a time series, 1 a table."""
        return {
            "refId": self.ref_id,
            "datasource": DATASOURCE,
            "editorType": "sql",
            "rawSql": self.sql,
            "queryType": "timeseries" if self.shape == "time series" else "table",
            "format": 0 if self.shape == "time series" else 1,
        }


class Query(Builder[Dataquery]):
    """Builds a `ClickHouseQuery`, as panels want their targets."""

    def __init__(self, sql: str, shape: Shape, ref_id: str = "A") -> None:
        self._query = ClickHouseQuery(sql, shape, ref_id)

    def build(self) -> Dataquery:
        return self._query


def variable_query(sql: str) -> dict[str, object]:
    """A variable's question: the first column is the value, the second the text.

    An object, as the editor saves it since 4.19, and as every 4.x reads it; a bare text is read as a heritage by some of them only.
    """
    return {"refId": "variable", "editorType": "sql", "queryType": "sql", "rawSql": sql}


class AnnotationQuery(AnnotationTarget):
    """What an annotation asks: columns `time`, `title`, `text` and `tags`. The SDK's own target knows Grafana's store only."""

    def __init__(self, sql: str) -> None:
        super().__init__()
        self._query = ClickHouseQuery(sql, "table", "Anno")

    def to_json(self) -> dict[str, object]:
        return self._query.to_json()


class AnnotationTargetBuilder(Builder[AnnotationTarget]):
    """Builds an `AnnotationQuery`."""

    def __init__(self, sql: str) -> None:
        self._target = AnnotationQuery(sql)

    def build(self) -> AnnotationTarget:
        return self._target
