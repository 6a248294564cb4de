"""Quotes values and checks names before they enter a statement of the server's own."""

import re

from deploy.embedded.clickhouse.errors import UNKNOWN_SETTING, refusal

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def quoted(text: str, quote: str = "'") -> str:
    """A literal, or an identifier with a backtick for quote, that means exactly `text`."""
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def is_name(text: str) -> bool:
    """Whether `text` can stand in a statement as it is."""
    return _NAME.match(text) is not None


def setting_name(name: str) -> str:
    """`name`, which is an identifier; anything else is refused as ClickHouse refuses an unknown setting."""
    if not is_name(name):
        raise refusal(UNKNOWN_SETTING, "UNKNOWN_SETTING", f"Unknown setting '{name}'.")
    return name
