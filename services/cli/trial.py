"""A pack tried out: its recorded figures evaluated here and now, without a stack, so that its author sees the table that it makes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.cli.computed_scores import computed_evaluations
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.figures import read_figures
from services.cli.pack_folder import CheckedPack
from services.cli.recorded import REPORTS, report_of
from services.contracts.campaign_rules import CampaignRules
from services.contracts.explanation import Explanation, NotExplained, explain
from services.contracts.explanation.previous import previous_of
from services.contracts.ids import CampaignId, UnitId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.periods import BadPeriod
from services.contracts.principals import Principal
from services.contracts.problems import EventProblem
from services.contracts.results import Evaluation, UnitResult
from services.contracts.sender_rules import SenderRules

_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""A trial knows no future."""

_MOST_FAULTS: Final = 20


def tried(folder: Path, checked: CheckedPack, period: str | None) -> list[Evaluation]:
    """The evaluations of every block, of the period or of all that figures are recorded of. Raises `CalledWrongly` when there are
    none, and `FoundWrong` for figures that the door would refuse."""
    reporter = _reporter(checked)
    _require_right_figures(folder, checked, reporter)
    made = computed_evaluations(folder, checked, reporter)
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


def _require_right_figures(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> None:
    """Every figure is checked as the door checks it, and each that is wrong is told by its line."""
    campaign = CampaignId(checked.pack.campaign.id)
    principal = Principal(
        id=reporter.id,
        name=reporter.name,
        campaign=campaign,
        role=reporter.role,
        origin=reporter.origin,
        source_prefix=reporter.source_prefix(campaign),
        key_hash="",
        issued=_LATEST,
    )
    rules = SenderRules(CampaignRules(checked.pack), principal)
    zone, faults = checked.pack.campaign.zone, []
    for figure in read_figures(folder / REPORTS) if (folder / REPORTS).exists() else ():
        try:
            rules.block_of_report(report_of(figure, zone, principal.source_prefix), _LATEST)
        except (
            EventProblem,
            BadPeriod,
            OverflowError,
        ) as problem:  # the last: a year at the end of the calendar
            faults.append(f"{folder / REPORTS}:{figure.line}: {problem}")
    if faults:
        more = len(faults) - _MOST_FAULTS
        shown = [*faults[:_MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])]
        raise FoundWrong(
            "\n".join(shown), "Correct these figures, or what the pack says of their indicators."
        )


def _reporter(checked: CheckedPack) -> PlannedPrincipal:
    """Whoever the pack plans to report for all units; a department, where it plans nobody."""
    departments = (one for one in checked.principals if one.role == "department" and one.units is None)
    return next(departments, PlannedPrincipal(id="trial", name="Trial", role="department"))
