"""Counts of things in sentences: 1 unit, 2 units."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """`many` is `one` with an s unless given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
