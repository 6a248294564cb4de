"""Checks of indicators against one another: definitions of one id that overlap, parts and their wholes."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.contracts.pack.indicator import Indicator, begins
from services.contracts.pack.placed import Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.wording import did_you_mean

Problems = Iterator[PackProblem]


def indicator_problems(indicators: Sequence[Placed[Indicator]]) -> Problems:
    """Every fault between indicators that are right by themselves."""
    yield from _definitions(indicators)
    by_id = {placed.value.id: placed.value for placed in indicators}
    for placed in indicators:
        yield from _part(placed, by_id, written(indicators, "id"))


def sets_of_definitions(indicators: Sequence[Placed[Indicator]]) -> list[dict[str, Indicator]]:
    """Indicators by id, so often that each definition stands in one of the sets: a criterion has to fit all of them."""
    definitions: dict[str, list[Indicator]] = {}
    for placed in indicators:
        definitions.setdefault(placed.value.id, []).append(placed.value)
    most = max((len(of_id) for of_id in definitions.values()), default=1)
    return [{id: of_id[min(at, len(of_id) - 1)] for id, of_id in definitions.items()} for at in range(most)]


def _definitions(indicators: Sequence[Placed[Indicator]]) -> Problems:
    seen: dict[str, list[Placed[Indicator]]] = {}
    for placed in indicators:
        id = placed.value.id
        for earlier in seen.get(id, []):
            if not _overlap(earlier.value, placed.value):
                continue
            what = f"the indicator {id!r} stands in line {earlier.line()} already"
            if any(one.valid_from or one.valid_to for one in (earlier.value, placed.value)):
                yield placed.problem(
                    (), f"{what}, for days that overlap", "another id, or dates that do not overlap"
                )
            else:
                yield placed.problem((), what, "another id")
            break
        seen.setdefault(id, []).append(placed)


def _overlap(one: Indicator, other: Indicator) -> bool:
    return begins(one) < (other.valid_to or date.max) and begins(other) < (one.valid_to or date.max)


def _part(placed: Placed[Indicator], by_id: dict[str, Indicator], known: list[str]) -> Problems:
    part, inside = placed.value, ("part_of",)
    if part.part_of is None:
        return
    if part.part_of not in known:
        yield placed.problem(
            inside, f"there is no indicator {part.part_of!r}", did_you_mean(part.part_of, known)
        )
    elif (whole := by_id.get(part.part_of)) is not None:
        if whole.id == part.id:
            yield placed.problem(
                inside, f"{part.id!r} is no part of itself", "another indicator, or no part_of"
            )
        elif part.measure == "passed" or (part.measure, part.cadence) != (whole.measure, whole.cadence):
            yield placed.problem(
                inside,
                f"{part.id!r} and {whole.id!r} are not measured alike",
                "an indicator with the same measure (value or ratio) and cadence",
            )
