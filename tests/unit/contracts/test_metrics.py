"""Names and labels of the metrics keep their rules, and what is watched is shown as it is now."""

import ast
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.contracts.metrics import (
    AlertingMetrics,
    ApiMetrics,
    IngestMetrics,
    ScoringMetrics,
    ServiceMetrics,
    StorageMetrics,
)

SERVICES = Path(__file__).parents[3] / "services"
ALL = [IngestMetrics, ScoringMetrics, StorageMetrics, ApiMetrics, AlertingMetrics]
LABELS = {"status", "outcome", "topic", "partition", "table", "step"}


@pytest.mark.parametrize("metrics", ALL)
def test_own_names_begin_alike_and_labels_have_few_values(metrics: type[ServiceMetrics]) -> None:
    for collector in metrics().registry._collector_to_names:
        for family in collector.describe() if hasattr(collector, "describe") else []:
            assert re.fullmatch(r"thidua_[a-z_]+", family.name)
            assert family.documentation
            assert set(getattr(collector, "_labelnames", ())) <= LABELS


@pytest.mark.parametrize("metrics", ALL)
def test_prometheus_reads_what_is_shown(metrics: type[ServiceMetrics]) -> None:
    families = {family.name for family in text_string_to_metric_families(metrics().exposition().decode())}
    assert "process_cpu_seconds" in families
    assert any(name.startswith("thidua_") for name in families)


def test_a_watched_value_is_asked_for_when_it_is_read() -> None:
    metrics, behind = ScoringMetrics(), {"3": 7.0}
    metrics.watch_behind(lambda: behind)
    assert b'thidua_scoring_behind_records{partition="3"} 7.0' in metrics.exposition()
    behind.clear()
    assert b"partition=" not in metrics.exposition()


def test_no_metric_is_named_outside_of_the_one_file() -> None:
    """A name that is spelled twice will be spelled in two ways."""
    others = [path for path in SERVICES.rglob("*.py") if path.name != "metrics.py"]
    named = [
        path.name
        for path in others
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.match(r"thidua_[a-z]+_[a-z]+", node.value)
    ]
    assert named == []
