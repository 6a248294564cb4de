"""What all tests share, and which of those that start engines run one after another when two run at a time."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# a busy machine makes one example slow now and then; pytest's own timeout bounds a test that hangs
settings.register_profile("thidua", deadline=None)
settings.load_profile("thidua")

TESTS = Path(__file__).parent
FIRST = ("services", "system/test_chaos.py", "browser/test_board.py")
"""The longest groups; the short ones of `contract/` come last, so that at the end nobody waits for long."""


@cache
def group_of(file: str) -> str:
    """The stack of the whole run that a file's tests share, else the file. Where tests run is decided before their fixtures are known."""
    shared = re.search(r"\b(services|engines): Stack\b", (TESTS / file).read_text())
    return shared[1] if shared else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(str(item.path.relative_to(TESTS))))


def _place(file: str) -> int:
    group = group_of(file)
    return FIRST.index(group) if group in FIRST else len(FIRST) + file.startswith("contract/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For `--dist loadfile`: a stack that several files share is started once, where all of them run."""
    from xdist.scheduler import LoadFileScheduling

    class ByStack(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid.partition("::")[0].removeprefix("tests/"))

    return ByStack(config, log) if config.getoption("dist") == "loadfile" else None
