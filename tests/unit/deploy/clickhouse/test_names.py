"""Values are quoted and names checked before they enter a statement."""

import pytest

from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.names import quoted, setting_name


@pytest.mark.parametrize(
    ("text", "literal"), [("x", "'x'"), ("it's", r"'it\'s'"), ("\\", r"'\\'"), ("\\'; DROP", r"'\\\'; DROP'")]
)
def test_a_value_cannot_leave_its_quotes(text: str, literal: str) -> None:
    assert quoted(text) == literal


@pytest.mark.parametrize("name", ["", "a b", "a=1, b", "a;b", "a\n", "1a", "đ"])
def test_a_name_that_is_no_identifier_is_an_unknown_setting(name: str) -> None:
    with pytest.raises(ClickHouseError) as refused:
        setting_name(name)
    assert refused.value.code == 115
