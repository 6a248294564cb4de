"""How a command ends when it does not succeed: one sentence, what to do next, and an exit code that scripts can use."""

from typing import ClassVar


class CommandFailure(Exception):  # noqa: N818 - a failed command is not a fault of the program
    """Base: `what` is one sentence about this case, `next_step` what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what}\n{next_step}")
        self.what = what
        self.next_step = next_step


class FoundWrong(CommandFailure):
    """What was checked is not as it must be."""

    exit_code: ClassVar[int] = 1


class CalledWrongly(CommandFailure):
    """Arguments or files that the command cannot work with."""

    exit_code: ClassVar[int] = 2


class CannotReach(CommandFailure):
    """A service, the broker or the stack does not answer."""

    exit_code: ClassVar[int] = 3


class CannotCompare(CommandFailure):
    """Nothing is known to be wrong, but something could not be checked with what is there."""

    exit_code: ClassVar[int] = 4
