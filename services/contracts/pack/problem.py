"""What is wrong with a pack folder: where, what, and what to write instead."""

from collections.abc import Iterable
from typing import NamedTuple


class PackProblem(NamedTuple):
    """One fault. `line` counts from 1. `what` is a clause without a full stop; `write_instead` completes "write ... instead"."""

    file: str
    line: int
    what: str
    write_instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; write {self.write_instead} instead"


class BadPack(Exception):  # noqa: N818 - it names what is bad
    """A pack folder that cannot be used. `problems` holds every fault found, in the order of files and lines."""

    def __init__(self, problems: Iterable[PackProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
