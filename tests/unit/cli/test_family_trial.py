"""`thidua pack try` of a pack with parents: what is made of children is there in the parents' block, though nobody recorded it."""

from pathlib import Path

from services.cli.pack_folder import read_right_pack
from services.cli.trial import tried
from tests.unit.contracts.pack.conftest import FILES
from tests.unit.contracts.pack.test_children import PROVINCE_POINTS, PROVINCES, SHARE, UNITS

RECORDED = """\
unit,indicator,period,numerator,denominator,passed
a,online,2025-03,1,2,
a,solid,2025-Q1,,,true
b,solid,2025-Q1,,,false
"""


def test_the_share_of_children_is_tried_too(tmp_path: Path) -> None:
    added = {"indicators.yaml": SHARE, "blocks.yaml": PROVINCES, "schemes.yaml": PROVINCE_POINTS}
    for name, text in FILES.items():
        (tmp_path / name).write_text(text + added.get(name, ""), encoding="utf-8")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "reports.csv").write_text(RECORDED, encoding="utf-8")
    made = {one.block: one for one in tried(tmp_path, read_right_pack(tmp_path), "2025-03")}
    assert list(made) == ["test/communes", "test/provinces"]
    row = next(row for row in made["test/provinces"].units if row.unit == "p")  # type: ignore[index]
    assert (row.criteria[0].actual, row.criteria[0].origin, row.rank) == (0.5, "automatic", 1)
