"""Become the given command, and end with the supervisor that started it.

Run as `python -I -S child.py COMMAND ...`, so it imports nothing of the project. When the supervisor is
killed, Linux sends the child SIGTERM; elsewhere leftovers are found by their mark (leftovers.py).
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the call above
        sys.exit("the supervisor is gone")


if __name__ == "__main__":
    end_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])
