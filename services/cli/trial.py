"""A pack tried out: its recorded figures evaluated here and now, without a stack, so that its author sees the table that it makes."""

from pathlib import Path

from services.cli.computed_scores import computed_evaluations
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.pack_folder import CheckedPack
from services.contracts.explanation import Explanation, NotExplained, explain
from services.contracts.explanation.previous import previous_of
from services.contracts.ids import UnitId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.results import Evaluation, UnitResult


def tried(folder: Path, checked: CheckedPack, period: str | None) -> list[Evaluation]:
    """The evaluations of every block, of the period or of all that figures are recorded of. Raises `CalledWrongly` when there are none."""
    made = computed_evaluations(folder, checked, _reporter(checked))
    wanted = [one for one in made if period in (None, one.period)]
    if not wanted:
        known = ", ".join(sorted({one.period for one in made})) or "no period"
        raise CalledWrongly(
            f"No figures are recorded of {period}.", f"reports.csv makes evaluations of {known}."
        )
    return wanted


def explained_trial(folder: Path, checked: CheckedPack, period: str | None, unit: str) -> list[Explanation]:
    """Every tried evaluation that has the unit, explained. Raises `CalledWrongly` when none has, `FoundWrong`."""
    made = tried(folder, checked, None)
    wanted = [
        one for one in made if period in (None, one.period) and any(row.unit == unit for row in one.units)
    ]
    if not wanted:
        raise CalledWrongly(
            f"No evaluation has the unit {unit!r}.", "Give the id of a unit, as units.csv has it."
        )
    try:
        return [
            explain(
                one,
                UnitId(unit),
                checked.pack,
                previous_of(one, [other for other in made if other.block == one.block]),
            )
            for one in wanted
        ]
    except NotExplained as error:
        raise FoundWrong(f"{error}.", "This is a fault of the program; tell who runs it.") from error


def as_table(checked: CheckedPack, made: Evaluation) -> str:
    """The ranking as text: rank, score, coverage and unit, the best first."""
    scheme = checked.pack.scheme_of(made.block)
    ranked = sum(row.rank is not None for row in made.units)
    marked = ", MÔ PHỎNG / simulated" if made.simulated else ""
    lines = [f"{made.block}, {made.period}: {ranked} of {len(made.units)} units ranked{marked}"]
    width = len(f"{scheme.scale:.{scheme.decimals}f}")
    lines.append(f"  rank  {'score':>{width}}  coverage  unit")
    lines += [_row(checked, row, width, scheme.decimals) for row in made.units]
    return "\n".join(lines)


def _row(checked: CheckedPack, row: UnitResult, width: int, decimals: int) -> str:
    names = checked.pack.rows_by_unit[row.unit]
    score = "-" if row.score is None else f"{row.score:.{decimals}f}"
    rank = "-" if row.rank is None else str(row.rank)
    why = "" if row.rank is not None else f"  ({_why(row)})"
    return f"  {rank:>4}  {score:>{width}}  {row.coverage:>8.0%}  {row.unit}  {names[-1].name}{why}"


def _why(row: UnitResult) -> str:
    reason = row.not_ranked or None
    if reason is None:
        return "not ranked"
    lacks = f": {', '.join(reason.criteria)}" if reason.criteria else ""
    return f"not ranked: {reason.why.replace('_', ' ')}{lacks}"


def _reporter(checked: CheckedPack) -> PlannedPrincipal:
    """Whoever the pack plans to report for all units; a department, where it plans nobody."""
    departments = (one for one in checked.principals if one.role == "department" and one.units is None)
    return next(departments, PlannedPrincipal(id="trial", name="Trial", role="department"))
