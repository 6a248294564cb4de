"""Numbers, periods and times in both languages."""

import pytest

from services.api.pages.formatting import Formatter
from services.api.pages.texts import TEXTS

VI, EN = Formatter("vi"), Formatter("en")


def test_both_languages_have_every_text_with_the_same_gaps() -> None:
    import string

    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert TEXTS["vi"].keys() == TEXTS["en"].keys()
    assert [key for key in TEXTS["vi"] if gaps(TEXTS["vi"][key]) != gaps(TEXTS["en"][key])] == []


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0.967, 3, "0,967", "0.967"),
        (-0.08, 2, "−0,08", "−0.08"),
        (-0.001, 2, "0,00", "0.00"),
        (19.575, 2, "19,58", "19.58"),
        (100, 0, "100", "100"),
    ],
)
def test_numbers(value: float, decimals: int, vi: str, en: str) -> None:
    assert VI.number(value, decimals) == vi
    assert EN.number(value, decimals) == en


def test_a_change_bears_its_sign() -> None:
    assert VI.signed(0.11, 2) == "+0,11"
    assert VI.signed(-0.11, 2) == "−0,11"
    assert [VI.signed(value, 2) for value in (0.0, 0.001, -0.001)] == ["0,00"] * 3


def test_full_coverage_is_only_what_is_full() -> None:
    assert VI.percent(0.999) == "99"
    assert VI.percent(1.0) == "100"
    assert VI.percent(0.29) == "29"


def test_an_interval_of_one_rank_is_one_number() -> None:
    assert VI.interval((3, 3)) == "3"
    assert VI.interval((2, 5)) == "2–5"


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2025", "năm 2025"),
        ("2025-H1", "6 tháng đầu năm 2025"),
        ("2025-H2", "6 tháng cuối năm 2025"),
        ("2025-Q3", "quý 3/2025"),
        ("2025-9M", "9 tháng đầu năm 2025"),
        ("2025-06", "tháng 6/2025"),
        ("2025-10", "tháng 10/2025"),
        ("2025-W03", "tuần 3/2025"),
        ("2025-06-07", "07/06/2025"),
        ("2021/2025", "2021–2025"),
        ("whatever", "whatever"),
    ],
)
def test_periods_in_words(period: str, words: str) -> None:
    assert VI.period(period) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.9, "2 giây"), (192, "3 phút 12 giây"), (7500, "2 giờ 5 phút"), (3 * 86_400 + 5, "3 ngày")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert VI.duration(seconds) == words
