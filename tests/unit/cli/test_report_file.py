"""Files of reports: CSV in two shapes, JSON lines; faults are told by their line; the same file counts once."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.cli.failures import CalledWrongly
from services.cli.report_file import read_rows

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def rows_of(folder: Path, text: str, name: str = "june.csv") -> list[Any]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    os.utime(file, (1_780_000_000, 1_780_000_000))
    return read_rows(file, "/sample/xa-mau-1/push", NOW)


def test_a_row_a_figure(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "unit,indicator,period,value,numerator,denominator,passed\n"
        "a,jobs,2026-06,12,,,\n"
        "a,online,2026-06,,3,4,\n"
        "a,solid,2026-Q2,,,,true\n",
    )
    assert [row.line for row in rows] == [2, 3, 4]
    said = [row.event.data for row in rows]
    assert (said[0].value, said[1].numerator, said[1].denominator, said[2].passed) == (12, 3, 4, True)


def test_a_column_an_indicator_and_an_empty_cell_is_no_figure(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "unit,period,le,mys\na,2022,70.5,\nb,2022,,8\n")
    assert [(r.line, r.event.subject, r.event.data.indicator, r.event.data.value) for r in rows] == [
        (2, "a", "le", 70.5),
        (3, "b", "mys", 8),
    ]


def test_a_row_a_fact_and_its_own_number_is_its_id_in_whatever_file(tmp_path: Path) -> None:
    text = "unit,indicator,occurred,id,amount\na,founded,2026-06-17,0301,\na,invested,2026-06-18,7,2.5\n"
    rows = rows_of(tmp_path, text)
    assert [(row.line, row.event.id, row.event.data.amount) for row in rows] == [
        (2, "a/founded/0301", 1.0),
        (3, "a/invested/7", 2.5),
    ]
    again = rows_of(tmp_path, text.replace("a,invested", "a,founded"), "july.csv")
    assert again[0].event == rows[0].event


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,founded,2026-06-17,", r"july.csv:2 has no id"),
        ("a,founded,June,1", r"july.csv:2 has a day or an amount that is none"),
    ],
)
def test_a_faulty_fact_is_told_by_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(CalledWrongly, match=says):
        rows_of(tmp_path, f"unit,indicator,occurred,id\n{row}\n", "july.csv")


def test_the_same_file_has_the_same_ids_and_a_changed_one_others(tmp_path: Path) -> None:
    text = "unit,period,le\na,2022,70.5\n"
    first, again = rows_of(tmp_path, text), rows_of(tmp_path, text)
    assert first == again
    os.utime(tmp_path / "june.csv", (1_780_000_001, 1_780_000_001))
    assert read_rows(tmp_path / "june.csv", "/x", NOW)[0].event.id != first[0].event.id


def test_a_file_from_the_future_is_dated_now(tmp_path: Path) -> None:
    rows_of(tmp_path, "unit,period,le\na,2022,70.5\n")
    os.utime(tmp_path / "june.csv", (4_000_000_000, 4_000_000_000))
    assert read_rows(tmp_path / "june.csv", "/x", NOW)[0].event.time == NOW


def test_json_lines_go_as_they_are(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, '{"id": "1", "odd": true}\n\n{"id": "2"}\n', "events.jsonl")
    assert [(row.line, row.event) for row in rows] == [(1, {"id": "1", "odd": True}), (3, {"id": "2"})]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.csv", "unit,period,le\na,2022,seventy\n", "x.csv:2 has le = 'seventy', which is no number."),
        ("x.csv", "unit,period,le\na,,70\n", "x.csv:2 has no period."),
        (
            "x.csv",
            "unit,indicator,period,valeu\na,le,2022,70\n",
            "x.csv:2 has columns that are not known: valeu.",
        ),
        (
            "x.csv",
            "unit,indicator,period,passed\na,le,2022,maybe\n",
            "x.csv:2 has passed = 'maybe', not true or false.",
        ),
        ("x.jsonl", '{"id": "1"}\n[1]\n', "x.jsonl:2 is no JSON object"),
        ("x.xlsx", "", "x.xlsx: files that end in '.xlsx' are not known."),
    ],
)
def test_a_fault_is_told_by_its_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(CalledWrongly) as wrong:
        rows_of(tmp_path, text, name)
    assert wrong.value.what.startswith(told)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CalledWrongly, match="There is no file"):
        read_rows(tmp_path / "none.csv", "/x", NOW)


def test_a_csv_as_excel_writes_it_where_the_comma_is_decimal_is_read(tmp_path: Path) -> None:
    file = tmp_path / "june.csv"
    file.write_bytes(
        "\ufeffunit;indicator;period;value;note\r\nn1;growth;2025-06;12,5;tháng 6, sơ bộ\r\nn2;growth;2025-06;-3;\r\n".encode()
    )
    first, second = (row.event.data for row in read_rows(file, "/demo/push", datetime.now(UTC)))
    assert (first.value, first.note, second.value) == (12.5, "tháng 6, sơ bộ", -3)


def test_a_decimal_comma_between_commas_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "june.csv"
    file.write_text('unit,indicator,period,value\nn1,growth,2025-06,"12,5"\n')
    with pytest.raises(CalledWrongly, match="no number"):
        read_rows(file, "/demo/push", datetime.now(UTC))
