"""`make chaos`: five minutes by default. SEED=101 repeats a run's choices, SECONDS=60 makes it shorter. Exit code 1 on any violation."""

import os
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Outcome, run


def main() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randint(1, 9_999))
    seconds = float(os.environ.get("SECONDS") or 300)
    print(f"chaos for {seconds:g} s, SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="thidua-chaos-") as folder:
        outcome = run(Path(folder), seconds, seed, lambda what: print(f"  {what}", flush=True))
    print(table(outcome))
    if not outcome.holds:
        print(f"A promise is broken: repeat it with SEED={seed} SECONDS={seconds:g} make chaos")
    return 0 if outcome.holds else 1


def table(outcome: Outcome) -> str:
    """What was done, what was sent, what held."""
    history = outcome.history
    done = ", ".join(f"{count} x {what}" for what, count in sorted(outcome.disturbances.items()))
    answers = ", ".join(f"{len(history.answered(one))} {one}" for one in ("accepted", "rejected", "unknown"))
    lines = [
        f"disturbances: {done}",
        f"{history.sent} events sent, {len(history.events)} different: {answers}; {len(history.poison)} records of poison",
        *(check.line() for check in outcome.checks),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
