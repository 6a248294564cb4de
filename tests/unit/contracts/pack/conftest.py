"""A small right pack folder, and a way to spoil it."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "campaign.yaml": """\
id: test
title: {vi: Thử, en: Test}
span: 2025/2026
live_cadence: month
""",
    "blocks.yaml": """\
- id: communes
  title: {vi: Xã, en: Communes}
  scheme: points
  flags:
    leader: {enter: 0.1, leave: 0.2, k: 2, n: 3}
  schedule:
    cadence: month
    first: 2025-01
""",
    "schemes.yaml": """\
- id: points
  title: {vi: Điểm, en: Points}
  root:
    group: all
    title: {vi: Tất cả, en: All}
    members:
      - criterion: online
        indicator: online
        weight: 2
        scoring: {method: goalposts, low: 0, high: 1}
      - group: safety
        title: {vi: An toàn, en: Safety}
        members:
          - criterion: solid
            indicator: solid
            weight: 1
            scoring: {method: target_ratio, target: 1}
""",
    "indicators.yaml": """\
- id: online
  title: {vi: Trực tuyến, en: Online}
  unit_of_measure: "%"
  measure: ratio
  cadence: month
- id: solid
  title: {vi: Vững mạnh, en: Solid}
  unit_of_measure: đạt
  measure: passed
  cadence: quarter
""",
    "units.csv": """\
id,name,kind,block,valid_from,valid_to
a,Xã A,commune,communes,,2025-07-01
b,Xã B,commune,communes,,
""",
}

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A right pack."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Replaces one place of one file; the folder."""

    def replace(file: str, old: str, new: str) -> Path:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} does not stand in {file}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace
