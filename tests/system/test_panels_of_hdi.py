"""The dashboards over real figures: nothing of them is marked as invented."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.embedded.stack import Stack
from services.contracts.clickhouse import ClickHouseSettings, connect
from tests.support.grafana import Asked, expand, questions
from tests.system.commands import run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

QUESTIONS = questions()


def test_real_figures_are_shown_without_the_mark_of_invented_ones(services: Stack) -> None:
    """HDI through the whole stack: 33 years of 193 countries, which raise no flags."""
    run_json(services, "replay", "hdi")
    run_json(services, "verify", "hdi", "--stored", "--wait", "240")
    client = connect(ClickHouseSettings(clickhouse_url=services.urls["clickhouse"]))
    now = datetime.now(UTC)
    variables: dict[str, str | list[str]] = {
        "campaign": "hdi",
        "block": "hdi/world",
        "unit": "VNM",
        "period": "2022",
    }
    asked = Asked(datetime(1989, 1, 1, tzinfo=UTC), now, timedelta(days=1), variables)
    none = {"Cờ của đơn vị", "Hạng trực tiếp, 24 giờ", "Điểm trực tiếp, 24 giờ", "Cờ"}
    found = {
        q.name: client.query(expand(q.sql, asked)).result_rows
        for q in QUESTIONS
        if q.where in ("thidua-unit", "thidua-block-over-time") and q.name.removesuffix(" · ${figures}") not in none
    }  # fmt: skip
    assert [name for name, rows in found.items() if not rows] == []
    assert found["figures"] == [("số liệu báo cáo",)]
    assert len(found["Tiêu chí so với kế hoạch và chỉ tiêu, kỳ $period · ${figures}"]) == 4
    assert len(found["Hạng và khoảng 90% · ${figures}"]) >= 30
    found.pop("campaign")  # it lists every campaign by its title, invented ones too
    assert "MÔ PHỎNG" not in str(found)
