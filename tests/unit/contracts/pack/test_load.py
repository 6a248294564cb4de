"""Packs are read whole, and whatever is wrong is told by file and line, with what to write instead."""

from pathlib import Path

import pytest

from services.contracts.pack.compiled import compile_pack, read_compiled
from services.contracts.pack.load import FILES, load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

CAMPAIGNS = Path(__file__).parents[4] / "campaigns"

WRONG = [
    pytest.param(
        "campaign.yaml",
        "live_cadence: month",
        "live_cadense: month",
        ["campaign.yaml:4: unknown key 'live_cadense'; write 'live_cadence' instead"],
        id="a misspelt key",
    ),
    pytest.param(
        "schemes.yaml",
        "        weight: 2",
        "        wieght: 2",
        ["schemes.yaml:9: unknown key 'wieght'; write 'weight' instead"],
        id="a misspelt key in a tree",
    ),
    pytest.param(
        "schemes.yaml",
        "weight: 2",
        "weight: 0",
        ["schemes.yaml:9: 'weight' cannot be 0; write a number above 0 instead"],
        id="a weight of zero",
    ),
    pytest.param(
        "schemes.yaml",
        "low: 0, high: 1",
        "low: 2, high: 1",
        ["schemes.yaml:10: high (1.0) must be above low (2.0); write a high above 2.0 instead"],
        id="goalposts the wrong way round",
    ),
    pytest.param(
        "schemes.yaml",
        "low: 0, high: 1",
        "low: 0, high: 1, log: true",
        ["schemes.yaml:10: with log, low must be above 0, not 0.0; write a low above 0 instead"],
        id="a logarithm of zero",
    ),
    pytest.param(
        "schemes.yaml",
        "method: goalposts, low: 0, high: 1",
        "method: goalpost",
        ["schemes.yaml:10: unknown method 'goalpost'; write 'goalposts' instead"],
        id="a misspelt method",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{low: 0, high: 1}",
        [
            "schemes.yaml:10: 'scoring' names no method; write 'method: ...' with one of bonus, capped_ratio, count_points, "
            "exceedance, goalposts, min_max, pass_fail, penalty, percentile, target_ratio, z_score instead"
        ],
        id="no method",
    ),
    pytest.param(
        "schemes.yaml",
        "low: 0, high: 1",
        "low: 0, hi: 1",
        ["schemes.yaml:10: unknown key 'hi'; write 'high' instead"],
        id="a misspelt parameter",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: target_ratio, target: 1}",
        "{method: target_ratio}",
        ["schemes.yaml:17: 'target' is missing; write 'target: ...' instead"],
        id="no target",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: target_ratio, target: 1}",
        "{method: min_max}",
        [
            "schemes.yaml:17: min_max does not fit 'solid', which is passed or not; write {method: target_ratio, target: 1} instead"
        ],
        id="a method that does not fit the measure",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: capped_ratio, threshold: 0}",
        ["schemes.yaml:10: 'threshold' cannot be 0; write a number above 0 instead"],
        id="a threshold of zero",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: target_ratio, target: 1}",
        "{method: target_ratio, target: 1}\n            zero_over_zero: full",
        ["schemes.yaml:18: 'solid' is no ratio and is never 0/0; write no zero_over_zero instead"],
        id="nothing of nothing without a denominator",
    ),
    pytest.param(
        "schemes.yaml",
        "        weight: 2",
        "        weight: 2\n        zero_over_zero: yes",
        ["schemes.yaml:10: 'zero_over_zero' cannot be 'yes'; write 'exclude', 'zero' or 'full' instead"],
        id="nothing of nothing paid in another word",
    ),
    pytest.param(
        "blocks.yaml",
        "  schedule:",
        "  feed_checks: {frozen: 95}\n  schedule:",
        ["blocks.yaml:6: 'frozen' cannot be 95; write a number of at most 1 instead"],
        id="a share in percent",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: bonus, each: 1}",
        ["schemes.yaml:10: bonus does not stand in a group; write it under the scheme's 'extras' instead"],
        id="a bonus in a group",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: exceedance, target: 0, compat: true}",
        [
            "schemes.yaml:10: with compat, target must be above 0; write a target above 0, or no compat instead"
        ],
        id="a division by a target of zero",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: exceedance, target: 1, compat: true}\n        missing: exclude",
        ["schemes.yaml:11: exceedance with compat counts what is missing as 0; write missing: zero instead"],
        id="compat that leaves out what is missing",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: z_score, limit: 0}",
        ["schemes.yaml:10: 'limit' cannot be 0; write a number above 0 instead"],
        id="no standard deviations",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: count_points, each: -1}",
        ["schemes.yaml:10: 'each' cannot be -1; write a number above 0 instead"],
        id="points that are taken for each",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: min_max}\n        treatment: {log: false}",
        [
            "schemes.yaml:11: a treatment must winsorise or take logarithms; write {winsorise: 5} or {log: true} instead"
        ],
        id="a treatment that does nothing",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: min_max}\n        per: {indicator: people}",
        ["schemes.yaml:11: there is no indicator 'people'; write one of online, solid instead"],
        id="a denominator that is not there",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: min_max}\n        per: {indicator: solid}",
        ["schemes.yaml:11: 'solid' is no value to divide by; write an indicator with measure: value instead"],
        id="a denominator that is passed or not",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: min_max}\n        missing: peer_avg",
        [
            "schemes.yaml:11: 'missing' cannot be 'peer_avg'; write 'zero', 'exclude', 'peer_mean', 'peer_median', 'last_value' or 'fail' instead"
        ],
        id="a missing policy that is not there",
    ),
    pytest.param(
        "schemes.yaml",
        "{method: goalposts, low: 0, high: 1}",
        "{method: min_max}\n        gate: {at_least: 60}",
        ["schemes.yaml:11: 'at_least' cannot be 60; write a number of at most 1 instead"],
        id="a gate in percent",
    ),
    pytest.param(
        "schemes.yaml",
        "  root:",
        "  extras:\n    - {criterion: models, indicator: online, weight: 5, scoring: {method: min_max}}\n  root:",
        ["schemes.yaml:4: min_max does not stand in extras; write method: bonus or method: penalty instead"],
        id="extras that are no bonus",
    ),
    pytest.param(
        "schemes.yaml",
        "  root:",
        "  extras:\n    - {criterion: solid, indicator: online, weight: 5, scoring: {method: bonus, each: 1}}\n  root:",
        ["schemes.yaml:4: 'solid' stands in line 16 of this scheme already; write another id instead"],
        id="a bonus with the name of a criterion",
    ),
    pytest.param(
        "blocks.yaml",
        "  schedule:",
        "  tie_breaks:\n    - {period: 2025-06, units: [a, c], reason: voted}\n  schedule:",
        ["blocks.yaml:7: there is no unit 'c' in this block; write one of a, b instead"],
        id="a tie of a unit that is not there",
    ),
    pytest.param(
        "blocks.yaml",
        "  schedule:",
        "  tie_breaks:\n    - {period: June, units: [a, b], reason: voted}\n  schedule:",
        ["blocks.yaml:7: 'June' is not a period; write the period that was decided instead"],
        id="a tie of no period",
    ),
    pytest.param(
        "schemes.yaml",
        "indicator: solid",
        "indicator: sollid",
        ["schemes.yaml:15: there is no indicator 'sollid'; write 'solid' instead"],
        id="an indicator that is not there",
    ),
    pytest.param(
        "schemes.yaml",
        "criterion: solid",
        "criterion: online",
        ["schemes.yaml:14: 'online' stands in line 7 of this scheme already; write another id instead"],
        id="a criterion twice",
    ),
    pytest.param(
        "blocks.yaml",
        "scheme: points",
        "scheme: pionts",
        ["blocks.yaml:3: there is no scheme 'pionts'; write 'points' instead"],
        id="a scheme that is not there",
    ),
    pytest.param(
        "blocks.yaml",
        "leave: 0.2",
        "leave: 0.05",
        ["blocks.yaml:5: leave (0.05) must be at least enter (0.1); write leave: 0.1 or more instead"],
        id="a flag that is left before it is entered",
    ),
    pytest.param(
        "blocks.yaml",
        "k: 2",
        "k: 4",
        ["blocks.yaml:5: k (4) must be at most n (3); write k: 3 or less instead"],
        id="k above n",
    ),
    pytest.param(
        "blocks.yaml",
        "enter: 0.1",
        "enter: 0",
        ["blocks.yaml:5: 'enter' cannot be 0; write a number above 0 instead"],
        id="a share of zero",
    ),
    pytest.param(
        "blocks.yaml",
        "first: 2025-01",
        "first: January",
        ["blocks.yaml:8: 'January' is not a period; write a month, such as the campaign's first instead"],
        id="a period that is none",
    ),
    pytest.param(
        "blocks.yaml",
        "first: 2025-01",
        "first: 2027-01",
        [
            "blocks.yaml:8: 2027-01 lies outside the campaign's span 2025/2026; write a month of 2025/2026 instead"
        ],
        id="a period outside the span",
    ),
    pytest.param(
        "blocks.yaml",
        "first: 2025-01",
        "first: 2025",
        ["blocks.yaml:8: 'first' cannot be 2025; write text, as in first: \"2025\" instead"],
        id="a year for a text",
    ),
    pytest.param(
        "campaign.yaml",
        "span: 2025/2026",
        "span: 2025-2026",
        ["campaign.yaml:3: '2025-2026' is no period; write a year or years, as in 2021/2025 instead"],
        id="a span that is none",
    ),
    pytest.param(
        "campaign.yaml",
        "live_cadence: month",
        "live_cadence: span",
        [
            "campaign.yaml:4: a live ranking cannot be of 'span'; write one of day, week, month, quarter, half, year instead"
        ],
        id="a live period that does not tile the calendar",
    ),
    pytest.param(
        "campaign.yaml",
        "live_cadence: month",
        "live_cadence: month\nzone: Asia/Hanoi2",
        ["campaign.yaml:5: there is no zone 'Asia/Hanoi2'; write one such as Asia/Ho_Chi_Minh instead"],
        id="a zone that is not there",
    ),
    pytest.param(
        "campaign.yaml",
        "{vi: Thử, en: Test}",
        "Thử",
        ["campaign.yaml:2: 'title' cannot be 'Thử'; write a mapping with en, vi instead"],
        id="one language",
    ),
    pytest.param(
        "campaign.yaml",
        "id: test",
        "id: my campaign",
        [
            "campaign.yaml:1: 'id' cannot be 'my campaign'; write an id of up to 64 letters, digits, '_', '.' or '-' instead"
        ],
        id="an id with a space",
    ),
    pytest.param(
        "indicators.yaml",
        "id: solid",
        "id: online",
        [
            "indicators.yaml:6: the indicator 'online' stands in line 1 already; write another id instead",
            "schemes.yaml:15: there is no indicator 'solid'; write one of online instead",
        ],
        id="an indicator twice",
    ),
    pytest.param(
        "indicators.yaml",
        "  measure: ratio",
        "  measure: ratio\n  measure: value",
        ["indicators.yaml:5: the key 'measure' stands there twice; write it once instead"],
        id="a key twice",
    ),
    pytest.param(
        "indicators.yaml",
        "  measure: ratio",
        "\tmeasure: ratio",
        [
            "indicators.yaml:4: a tab stands where YAML allows only spaces; write two spaces for each level instead"
        ],
        id="a tab",
    ),
    pytest.param(
        "indicators.yaml",
        "  measure: ratio",
        "  measure: [ratio",
        [
            "indicators.yaml:5: unreadable YAML (expected ',' or ']', but got ':'); write 'key: value', quoting texts with ': ' or ' #' instead"
        ],
        id="an open bracket",
    ),
    pytest.param(
        "indicators.yaml",
        "unit_of_measure: đạt",
        "unit_of_measure: đạt: có",
        [
            "indicators.yaml:8: unreadable YAML (mapping values are not allowed here); write 'key: value', quoting texts with ': ' or ' #' instead"
        ],
        id="a colon in a text",
    ),
    pytest.param(
        "indicators.yaml",
        "  cadence: month",
        "  cadence: month\n  due_lag_days: -1",
        ["indicators.yaml:6: 'due_lag_days' cannot be -1; write a number of at least 0 instead"],
        id="a negative lag",
    ),
    pytest.param(
        "units.csv",
        "Xã B,commune,communes",
        "Xã B,commune,commune",
        ["units.csv:3: there is no block 'commune'; write 'communes' instead"],
        id="a block that is not there",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B",
        "a,Xã B",
        [
            "units.csv:3: 'a' stands in line 2 already, for days that overlap; write another id, or dates that do not overlap instead"
        ],
        id="a unit twice on one day",
    ),
    pytest.param(
        "units.csv",
        "a,Xã A,commune,communes,,2025-07-01",
        "a,Xã A,commune,communes,2025-07-01,2025-07-01",
        [
            "units.csv:2: 'a' is valid to 2025-07-01, not after 2025-07-01; write a valid_to after valid_from instead"
        ],
        id="a unit that ends as it begins",
    ),
    pytest.param(
        "units.csv",
        "2025-07-01",
        "1/7/2025",
        ["units.csv:2: 'valid_to' cannot be '1/7/2025'; write a date, as in 2025-07-01 instead"],
        id="a date in another form",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B",
        "b 1,Xã B",
        [
            "units.csv:3: 'id' cannot be 'b 1'; write an id of up to 64 letters, digits, '_', '.' or '-' instead"
        ],
        id="a unit id with a space",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B,commune,communes,,",
        "b,Xã B,commune,communes,",
        ["units.csv:3: the row has 5 cells; write 6, one for each column instead"],
        id="a short row",
    ),
    pytest.param(
        "units.csv",
        "id,name,kind,block,valid_from,valid_to",
        "id;name;kind;block;valid_from;valid_to",
        ["units.csv:1: the columns are separated by ';'; write them separated by ',' instead"],
        id="semicolons",
    ),
    pytest.param(
        "units.csv",
        "valid_from",
        "valid_form",
        ["units.csv:1: unknown column 'valid_form'; write 'valid_from' instead"],
        id="a misspelt column",
    ),
    pytest.param(
        "units.csv",
        "b,Xã B",
        "b,",
        ["units.csv:3: 'name' is missing; write something into the column 'name' instead"],
        id="an empty name",
    ),
]


def said(folder: Path) -> list[str]:
    with pytest.raises(BadPack) as bad:
        load_pack(folder)
    return [str(problem) for problem in bad.value.problems]


def test_a_right_folder_becomes_a_pack(folder: Path) -> None:
    pack = load_pack(folder)
    assert [unit.id for unit in pack.units] == ["a", "b"]
    assert [criterion.criterion for criterion in pack.schemes[0].criteria()] == ["online", "solid"]


@pytest.mark.parametrize("name", ["asem", "ha-tinh-2021-2025", "hdi", "index-766", "sample"])
def test_the_shipped_packs_are_right_and_survive_compilation(name: str) -> None:
    compiled = compile_pack(load_pack(CAMPAIGNS / name))
    assert read_compiled(compiled.body) == compiled


def test_capped_ratio_is_refused_where_less_is_better(spoil: Spoil) -> None:
    spoil("indicators.yaml", "measure: ratio", "measure: ratio\n  direction: lower")
    folder = spoil(
        "schemes.yaml", "{method: goalposts, low: 0, high: 1}", "{method: capped_ratio, threshold: 1}"
    )
    assert said(folder) == [
        "schemes.yaml:10: capped_ratio does not fit 'online', of which less is better; write {method: target_ratio, target: ...} instead"
    ]


def test_what_came_later_leaves_the_hash_of_a_pack_that_does_not_use_it_alone(folder: Path) -> None:
    body = compile_pack(load_pack(folder)).body
    assert not [word for word in (b"zero_over_zero", b'decimals":null', b"feed_checks") if word in body]


@pytest.mark.parametrize(("file", "old", "new", "problems"), WRONG)
def test_a_fault_is_told_by_its_line(
    spoil: Spoil, file: str, old: str, new: str, problems: list[str]
) -> None:
    assert said(spoil(file, old, new)) == problems


def test_a_file_that_is_no_list_is_told(folder: Path) -> None:
    (folder / "indicators.yaml").write_text("online: 1\n")
    assert said(folder) == [
        "indicators.yaml:1: the file is not a list; write a list with at least one entry instead"
    ]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_told(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert said(folder) == [f"{file}:1: the file is missing; write a {file} into {folder} instead"]


@pytest.mark.parametrize("file", FILES)
def test_a_file_in_another_encoding_is_told_by_the_line_of_the_first_wrong_byte(
    folder: Path, file: str
) -> None:
    text = (folder / file).read_bytes()
    (folder / file).write_bytes(text + "# Hà Tĩnh\n".encode("utf-16-le"))
    line = text.count(b"\n") + 1
    assert (
        said(folder)[0]
        == f"{file}:{line}: the text is not UTF-8; write the file with the encoding UTF-8 instead"
    )


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    (folder / "units.csv").write_bytes(b"\xef\xbb\xbf" + (folder / "units.csv").read_bytes())
    assert load_pack(folder).units[0].id == "a"


def test_all_faults_of_all_files_are_told_at_once(spoil: Spoil) -> None:
    spoil("schemes.yaml", "weight: 2", "weight: -2")
    spoil("units.csv", "b,Xã B,commune,communes", "b,Xã B,commune,wards")
    assert said(spoil("campaign.yaml", "span: 2025/2026", "span: soon")) == [
        "campaign.yaml:3: 'soon' is no period; write a year or years, as in 2021/2025 instead",
        "schemes.yaml:9: 'weight' cannot be -2; write a number above 0 instead",
        "units.csv:3: there is no block 'wards'; write one of communes instead",
    ]


def test_a_fault_in_a_scheme_does_not_make_its_block_look_wrong(spoil: Spoil) -> None:
    assert [line.partition(":")[0] for line in said(spoil("schemes.yaml", "weight: 2", "weight: 0"))] == [
        "schemes.yaml"
    ]


def test_a_unit_may_move_between_blocks_on_a_day(spoil: Spoil) -> None:
    folder = spoil("units.csv", "b,Xã B,commune,communes,,", "a,Xã A mới,commune,communes,2025-07-01,")
    assert len(load_pack(folder).rows_by_unit["a"]) == 2  # type: ignore[index]
