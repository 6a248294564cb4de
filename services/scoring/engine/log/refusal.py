"""`NotApplicable`: why an event cannot be applied, in words for the dead letters."""

from services.contracts.problems import Problem


class NotApplicable(Exception):  # noqa: N818 - the term of the design
    """The event goes to the dead letters, alone, and the stream goes on.

    `reason` is the slug of a problem type. With `kept` the state holds the event all the same, for a pack to come.
    """

    def __init__(self, reason: str, detail: str, hint: str, *, kept: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.hint = hint
        self.kept = kept


def refused(problem: type[Problem], detail: str) -> NotApplicable:
    """A refusal of that problem type, with its advice."""
    return NotApplicable(problem.slug, detail, problem.next)
