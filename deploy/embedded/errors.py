"""What can keep the embedded stack from starting, each said in one sentence with the next step."""

from pathlib import Path


class StackError(Exception):
    """The stack cannot go on. The message is for a person: what is wrong and what to do."""


class ProgramFailedError(StackError):
    """A program did not become healthy. `log` is the file that tells why."""

    def __init__(self, message: str, log: Path) -> None:
        super().__init__(message)
        self.log = log

    def tail(self, lines: int = 15) -> list[str]:
        """The last lines of the log, or nothing when it does not exist."""
        try:
            return self.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            return []
