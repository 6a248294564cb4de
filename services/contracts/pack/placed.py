"""Turns documents into models that remember where they stand, and pydantic's errors into pack problems."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.contracts.pack.problem import PackProblem
from services.contracts.pack.sources import Document, Path_
from services.contracts.pack.wording import did_you_mean, explain

M = TypeVar("M", bound=BaseModel)

_MEMBER_KEYS: Final = {"Criterion": "criterion", "Group": "group"}
"""A member of a group is what its own key says; pydantic tries both and reports the errors of both."""


@dataclass(frozen=True)
class Placed(Generic[M]):
    """A model with the document and the path that it was read from."""

    value: M
    document: Document
    path: Path_

    def problem(self, inside: Path_, what: str, write_instead: str) -> PackProblem:
        """A fault of the part at `inside`, a path from this model."""
        line = self.document.line((*self.path, *inside))
        return PackProblem(self.document.file, line, what, write_instead)

    def line(self) -> int:
        return self.document.line(self.path)


def written(placed: Sequence[Placed[M]], key: str) -> list[str]:
    """What stands under `key` in all entries of their document, right or wrong: a fault in an entry must not hide that it is there."""
    data = placed[0].document.data if placed else []
    names = (str(entry[key]) for entry in data if isinstance(entry, dict) and key in entry)
    return list(dict.fromkeys(names))


def known_columns(document: Document, model: type[BaseModel], problems: list[PackProblem]) -> Document | None:
    """A CSV document without columns that the model has not; None when it lacks one. Each fault is told once, not for each row."""
    fields = model.model_fields
    unknown = [name for name in document.columns if name not in fields]
    missing = [name for name, field in fields.items() if field.is_required() and name not in document.columns]
    meant = [did_you_mean(name, list(fields)) for name in unknown]
    for name, instead in zip(unknown, meant, strict=True):
        problems.append(PackProblem(document.file, 1, f"unknown column {name!r}", instead))
    for name in missing:
        if repr(name) not in meant:
            problems.append(
                PackProblem(document.file, 1, f"the column {name!r} is missing", "it into the first line")
            )
    rows = [{name: cell for name, cell in row.items() if name in fields} for row in document.data]
    return None if missing else replace(document, data=rows)


def place_all(document: Document, model: type[M], problems: list[PackProblem]) -> list[Placed[M]]:
    """The models of a document that is a list; what is not right is added to `problems` and left out."""
    if not isinstance(document.data, list) or not document.data:
        what = "the file holds no entries" if not document.data else "the file is not a list"
        problems.append(PackProblem(document.file, 1, what, "a list with at least one entry"))
        return []
    found = [place(document, (index,), model, problems) for index in range(len(document.data))]
    return [placed for placed in found if placed is not None]


def place(document: Document, path: Path_, model: type[M], problems: list[PackProblem]) -> Placed[M] | None:
    """The model at the path, or None after adding its faults to `problems`."""
    data = document.data
    for part in path:
        data = data[part]
    if not isinstance(data, dict):
        problems.append(
            PackProblem(
                document.file, document.line(path), "this is no mapping", "'id: ...' and the other keys"
            )
        )
        return None
    try:
        value = model.model_validate(data)
    except ValidationError as invalid:
        problems.extend(_problems(invalid, data, document, path, model))
        return None
    placed = Placed(value, document, path)
    faults = [
        placed.problem(inside, f"{inside[-1]!r} cannot be {'true' if given else 'false'}", "a number")
        for inside, given in _truths_for_numbers(value, data)
    ]
    problems.extend(faults)
    return None if faults else placed


def _truths_for_numbers(value: Any, data: Any) -> Iterator[tuple[Path_, bool]]:
    """Paths at which true or false stands for a number, which pydantic takes for 1 or 0."""
    if isinstance(value, BaseModel) and isinstance(data, dict):
        pairs: list[tuple[str | int, Any, Any]] = [
            (key, getattr(value, key, None), data[key]) for key in data
        ]
    elif isinstance(value, tuple) and isinstance(data, list):
        pairs = [(at, one, given) for at, (one, given) in enumerate(zip(value, data, strict=False))]
    else:
        return
    for key, one, given in pairs:
        if isinstance(given, bool) and isinstance(one, int | float) and not isinstance(one, bool):
            yield (key,), given
        for inside, truth in _truths_for_numbers(one, given):
            yield (key, *inside), truth


def _problems(
    invalid: ValidationError, data: Any, document: Document, path: Path_, model: type[M]
) -> Iterator[PackProblem]:
    errors = invalid.errors(include_url=False)
    found = [(inside, error) for error in errors if (inside := _inside(error, data)) is not None]
    found = [(inside, error) for inside, error in found if not _is_short_of_faulty(error, inside, found)]
    misspelt = {
        (inside[:-1], explain(error, model)[1])
        for inside, error in found
        if error["type"] == "extra_forbidden"
    }
    for inside, error in found:
        if error["type"] == "missing" and (inside, repr(error["loc"][-1])) in misspelt:
            continue
        what, instead = explain(error, model)
        if error["type"] == "missing" and document.columns:
            instead = f"something into the column {error['loc'][-1]!r}"
        yield PackProblem(document.file, document.line((*path, *inside)), what, instead)


def _inside(error: ErrorDetails, data: Any) -> Path_ | None:
    """The error's path through the data, or None when it is about the kind of member that this one is not."""
    path: list[str | int] = []
    for part in error["loc"]:
        if isinstance(part, str) and part in _MEMBER_KEYS and isinstance(data, dict):
            if not _is_member(part, data):
                return None
        elif isinstance(part, int) or (isinstance(data, dict) and part in data):
            data = data[part]
            path.append(part)
    return tuple(path)


def _is_short_of_faulty(
    error: ErrorDetails, inside: Path_, found: Sequence[tuple[Path_, ErrorDetails]]
) -> bool:
    """Whether a list counts as too short because members that are there have faults of their own."""
    deeper = (path for path, _ in found if len(path) > len(inside))
    return error["type"] == "too_short" and any(path[: len(inside)] == inside for path in deeper)


def _is_member(kind: str, data: dict[str, Any]) -> bool:
    """Whether the mapping is meant as this kind; one that says neither is taken for a criterion."""
    meant = "Group" if "group" in data or "members" in data else "Criterion"
    return kind == meant
