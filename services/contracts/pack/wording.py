"""Says a pydantic error in the words of someone who writes packs."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from services.contracts.pack.base import NOT_BLANK
from services.contracts.pack.methods import METHODS
from services.contracts.pack.paths import SHAPES
from services.contracts.pack.shape import field_names, models_at
from services.contracts.pack.sources import Path_

Words = tuple[str, str]
"""(what is wrong, what to write instead)."""

_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"high \((.+)\) must be above low \((.+)\)"), "a high above {1}"),
    (re.compile(r"with log, low must be above 0, not (.+)"), "a low above 0"),
    (re.compile(r"with compat, target must be above 0"), "a target above 0, or no compat"),
    (re.compile(r"a treatment must winsorise or take logarithms"), "{{winsorise: 5}} or {{log: true}}"),
    (re.compile(r"at_risk \((.+)\) must be at most on_path \((.+)\)"), "at_risk: {1} or less"),
    (re.compile(r"a straight path has one base: base or base_period"), "one of the two"),
    (
        re.compile(r"a path that resets each year takes base alone, without base_period, start or end"),
        "'{{shape: straight, resets: year, base: 0}}'",
    ),
    (re.compile(r"end \((.+)\) must be after start \((.+)\)"), "an end after {1}"),
    (re.compile(r"a milestone of (.+) stands after that of (.+)"), "them in the order of their days"),
    (re.compile(r"a path that resets each year has 12 values and no first, not (.+)"), "January to December"),
    (re.compile(r"a monthly path must say which month is its first"), "'first: 2025-01', or resets: year"),
    (
        re.compile(r"against: base and base_period go together"),
        "both, as in {{against: base, base_period: '2020'}}, or neither",
    ),
    (re.compile(r"valid_to \((.+)\) must be after valid_from \((.+)\)"), "a valid_to after {1}"),
    (re.compile(r"a report is due after due_lag_days or after due_lag_working_days"), "one of the two"),
    (re.compile(r"escalate_after_hours and escalate_to go together"), "both, or neither"),
    (re.compile(r"leave \((.+)\) must be at least enter \((.+)\)"), "leave: {1} or more"),
    (re.compile(r"carried is for values, not for (.+)"), "nothing: a {0} is carried over without"),
    (re.compile(r"leave \((.+)\) must be at most enter \((.+)\)"), "leave: {1} or less"),
    (re.compile(r"a review looks at nothing"), "heaped: {{}}, burst: {{}} or revised: {{}}"),
    (re.compile(r"k \((.+)\) must be at most n \((.+)\)"), "k: {1} or less"),
)
"""Messages of the model's own validators, with what to write instead."""


def did_you_mean(name: str, known: list[str]) -> str:
    """The known name nearest to `name`, or the list of all."""
    near = get_close_matches(name, known, 1, 0.6)
    return repr(near[0]) if near else _one_of(known)


def explain(error: ErrorDetails, root: type[BaseModel]) -> Words:
    """Names the field, the value found and the value wanted."""
    loc: Path_ = error["loc"]
    name = next((part for part in reversed(loc) if isinstance(part, str)), root.__name__.lower())
    found, limits = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{name!r} is missing", f"'{name}: ...'"
        case "extra_forbidden":
            known = field_names(models_at(root, loc[:-1]))
            return f"unknown key {name!r}", did_you_mean(name, known)
        case "literal_error":
            return f"{name!r} cannot be {_show(found)}", str(limits["expected"])
        case "union_tag_invalid":
            tag = _tag(limits)
            return f"unknown {tag} {limits['tag']!r}", did_you_mean(str(limits["tag"]), list(_TAGS[tag]))
        case "union_tag_not_found":
            tag = _tag(limits)
            return f"{name!r} names no {tag}", f"'{tag}: ...' with {_one_of(_TAGS[tag])}"
        case "value_error":
            return _rule(str(limits["error"]))
        case "model_type":
            return f"{name!r} cannot be {_show(found)}", "a mapping with " + ", ".join(
                field_names(models_at(root, loc))
            )
        case "too_short":
            inside = f"a part of {name!r}" if isinstance(loc[-1], int) else repr(name)
            return _too_short(inside, limits["actual_length"], limits["min_length"])
        case _:
            return _by_kind(error["type"], name, found, limits)


def _by_kind(kind: str, name: str, found: Any, limits: dict[str, Any]) -> Words:
    wrong = f"{name!r} cannot be {_show(found)}"
    if kind == "string_pattern_mismatch" and limits["pattern"] == NOT_BLANK:
        return f"{name!r} is empty", "a text"
    if kind == "string_pattern_mismatch":
        return wrong, "an id of up to 64 letters, digits, '_', '.' or '-'"
    if kind == "string_type":
        return wrong, f'text, as in {name}: "{found}"' if isinstance(found, int | float) else "a text"
    if kind == "string_too_short":
        return f"{name!r} is empty", "a text"
    if bounds := [f"{_BOUNDS[key]} {value:g}" for key, value in limits.items() if key in _BOUNDS]:
        return wrong, f"a number {' and '.join(bounds)}"
    return wrong, _WANTED.get(kind.partition("_")[0], "what the guide to packs describes")


def _too_short(what: str, has: int, least: int) -> Words:
    said = f"{what} has only {has}" if has else f"{what} is empty"
    return said, "at least one" if least == 1 else f"at least {least}"


_TAGS: Final = {"method": METHODS, "shape": SHAPES}
"""Keys that say what kind a mapping is of, with the kinds there are."""


def _tag(limits: dict[str, Any]) -> str:
    return str(limits["discriminator"]).strip("'")


_BOUNDS: Final = {"gt": "above", "ge": "of at least", "lt": "below", "le": "of at most"}

_WANTED: Final = {
    "float": "a number",
    "finite": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "date": "a date, as in 2025-07-01",
    "tuple": "a list",
    "list": "a list",
    "dict": "keys and values",
}
"""By the first word of pydantic's error type."""


def _rule(message: str) -> Words:
    for pattern, instead in _RULES:
        if match := pattern.fullmatch(message):
            return message, instead.format(*match.groups())
    return message, "values that fit together"


def _one_of(names: Sequence[str]) -> str:
    return "one of " + ", ".join(names)


def _show(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "empty" if value is None else repr(value)
