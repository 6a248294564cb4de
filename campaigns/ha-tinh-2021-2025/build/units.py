"""Writes units.csv, lineage.csv and map.geojson of this campaign from the lists in sources/, and tells what in the lists does not fit.

    python campaigns/ha-tinh-2021-2025/build/units.py

A unit's id is its kind, its name and the month of the list in which it first stands so: `xa-thach-lac-202507` holds three communes,
`xa-thach-lac-202411` was one of them. A unit that gains, loses or changes its kind is another unit; one that only came to another district, or
is spelt in another way, is the same.
"""

import csv
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from services.cli.lineage import csv_lines, report_of
from services.cli.lineage_join import Joined, NamedEdge, NamedUnit, join_names

CAMPAIGN = Path(__file__).parents[1]
MARK = "(MP)"
"""Stands behind every name: all figures of this campaign are invented, and a name that is copied takes the mark along. It is short for "mô phỏng", so
that a wall with sixty names shows it whole."""

FIRST, JANUARY, JULY = "202411", "202501", "202507"
DAYS = {JANUARY: date(2025, 1, 1), JULY: date(2025, 7, 1)}
KINDS = {"Xã": "commune", "Phường": "ward", "Thị trấn": "township"}
DEPARTMENTS = 12
PROVINCE = "tinh-ha-tinh"


@dataclass(frozen=True)
class Row:
    """A unit of units.csv."""

    id: str
    name: str
    kind: str
    block: str
    valid_from: date | None = None
    valid_to: date | None = None
    code: str = ""
    parent: str = ""

    def cells(self) -> list[str]:
        days = ["" if day is None else day.isoformat() for day in (self.valid_from, self.valid_to)]
        return [self.id, f"{self.name} {MARK}", self.kind, self.block, *days, self.code, self.parent]


def build() -> tuple[list[Row], list[Joined]]:
    """All units, and the joined edges of both changes."""
    first, january = _named("units_2024-11"), _named("units_2025-01")
    march, july = _named("units_2025-03"), _named("communes_2025-07")
    _tell_strays(january, march)
    changes = _listed("lineage_2025-01")
    ended, begun = {edge.old for edge in changes}, {edge.new for edge in changes}
    olds = [_row(name, code, FIRST, DAYS[JANUARY if name in ended else JULY]) for name, code in first.items()]
    news = [_row(name, march[name], JANUARY, DAYS[JULY]) for name in march if name in begun]
    olds = [_spelt(row, march, begun) for row in olds]
    _check_complete(olds, news, march)
    last = [_row(name, code, JULY, None) for name, code in july.items()]
    kept = {row.name for row in last} - {edge.new for edge in _listed("lineage_2025-07")}
    units, last = _continued([*olds, *news], last, kept)
    joined = [
        _joined("lineage_2025-01", [r for r in units if r.valid_to == DAYS[JANUARY]], news, DAYS[JANUARY]),
        _joined("lineage_2025-07", [r for r in units if r.valid_to == DAYS[JULY]], last, DAYS[JULY]),
    ]
    return [*_others(), *units, *last], joined


def slug(text: str) -> str:
    """`Xã Kỳ Đồng` as `xa-ky-dong`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "-".join("".join(c for c in plain if not unicodedata.combining(c)).lower().split())


def _row(name: str, code: str, month: str, until: date | None) -> Row:
    kind = next(KINDS[word] for word in KINDS if name.startswith(word))
    block = "communes" if kind == "commune" else "wards"
    return Row(f"{slug(name)}-{month}", name, kind, block, DAYS.get(month), until, code, PROVINCE)


def _named(file: str) -> dict[str, str]:
    """Codes by name; no list has a name twice."""
    rows = _read(file)
    name, code = ("name", "code") if "name" in rows[0] else ("commune", "commune_code")
    found = {unicodedata.normalize("NFC", row[name]): row[code] for row in rows}
    assert len(found) == len(rows), f"{file} has a name twice"
    return found


def _listed(file: str) -> list[NamedEdge]:
    return [NamedEdge(at, row["old_unit"], row["new_unit"]) for at, row in enumerate(_read(file), start=2)]


def _read(file: str) -> list[dict[str, str]]:
    with (CAMPAIGN / "sources" / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _tell_strays(january: dict[str, str], march: dict[str, str]) -> None:
    for name in january.keys() - march.keys():
        tell(f"units_2025-01.csv has {name!r} ({january[name]}), which no other list has: left out")


def _spelt(row: Row, march: dict[str, str], begun: set[str]) -> Row:
    """A unit that stands under its code in March under another name, and that no change tells of, was spelt in another way."""
    if row.valid_to != DAYS[JULY] or row.name in march:
        return row
    name = next(name for name, code in march.items() if code == row.code and name not in begun)
    tell(f"units_2024-11.csv spells {name!r} ({row.code}) as {row.name!r}: one unit")
    return replace(row, name=name)


def _check_complete(olds: list[Row], news: list[Row], march: dict[str, str]) -> None:
    now = {row.name for row in olds if row.valid_to == DAYS[JULY]} | {row.name for row in news}
    assert now == march.keys(), f"units of March that do not fit: {now ^ march.keys()}"


def _continued(units: list[Row], last: list[Row], kept: set[str]) -> tuple[list[Row], list[Row]]:
    """Units that no edge tells of, and that are there before and after, go on as they are."""
    going_on = [
        replace(r, valid_to=None) if r.name in kept and r.valid_to == DAYS[JULY] else r for r in units
    ]
    for row in going_on:
        if row.valid_to is None:
            tell(f"lineage_2025-07.csv says nothing of {row.name!r}: it goes on unchanged")
    return going_on, [row for row in last if row.name not in kept]


def _joined(file: str, ending: list[Row], beginning: list[Row], day: date) -> Joined:
    olds, news = ([NamedUnit(row.id, row.name) for row in rows] for rows in (ending, beginning))
    joined = join_names(_listed(file), olds, news, day, equal_shares=True)
    for line in report_of(joined, f"{file}.csv"):
        tell(line)
    assert not joined.unknown and not joined.left
    return joined


def _others() -> Iterator[Row]:
    """The province itself, and departments, which are invented."""
    yield Row(PROVINCE, "Tỉnh Hà Tĩnh", "province", "province")
    for number in range(1, DEPARTMENTS + 1):
        yield Row(f"so-mau-{number:02d}", f"Sở Mẫu {number:02d}", "department", "departments")


def units_csv(rows: Iterable[Row]) -> Iterator[str]:
    yield "id,name,kind,block,valid_from,valid_to,code,parent\n"
    for row in rows:
        yield ",".join(row.cells()) + "\n"


def map_geojson(rows: Iterable[Row]) -> str:
    """The map of today's units, each feature under its unit's id."""
    today = {row.name: row for row in rows if row.valid_to is None}
    text = (CAMPAIGN / "sources" / "communes_2025-07.geojson").read_text(encoding="utf-8")
    collection = json.loads(text)
    for feature in collection["features"]:
        unit = today[unicodedata.normalize("NFC", feature["properties"]["name"])]
        feature["id"] = unit.id
        feature["properties"] = {"unit": unit.id, "name": unit.name, "code": unit.code}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"


def tell(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    rows, joined = build()
    edges = [edge for one in joined for edge in one.edges]
    for file, text in (
        ("units.csv", "".join(units_csv(rows))),
        ("lineage.csv", "".join(csv_lines(edges))),
        ("map.geojson", map_geojson(rows)),
    ):
        (CAMPAIGN / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
