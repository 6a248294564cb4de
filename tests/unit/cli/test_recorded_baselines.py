"""Recorded figures from before the campaign are baselines: they are sent, and no evaluation of their period is asked for."""

from pathlib import Path

from services.cli.recorded import recorded_periods
from services.contracts.pack.load import load_pack
from tests.unit.contracts.pack.conftest import FILES

CHANGE = "{method: goalposts, low: 0, high: 1}\n        change: {against: base, base_period: '2024-12'}"


def test_a_baseline_is_recorded_without_an_evaluation(tmp_path: Path) -> None:
    for name, text in FILES.items():
        changed = text.replace("{method: goalposts, low: 0, high: 1}", CHANGE)
        (tmp_path / name).write_text(changed, encoding="utf-8")
    rows = ["unit,indicator,period,numerator,denominator", "b,online,2024-12,1,4", "b,online,2025-01,2,4"]
    (tmp_path / "reports.csv").write_text("\n".join(rows), encoding="utf-8")
    recorded = list(recorded_periods(tmp_path, load_pack(tmp_path), "/replay", "/office", 1))
    assert [(one.period.text, len(one.reports), len(one.evaluations)) for one in recorded] == [
        ("2024-12", 1, 0),
        ("2025-01", 1, 1),
    ]
