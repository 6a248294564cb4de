"""`make bench`: every benchmark in turn. Each prints a ratio against a ceiling that is measured in the same run."""

import sys

from bench import door, evaluation, fold, latency, panels, pipeline, scoring


def main() -> int:
    """The number of benchmarks that miss their bar, as the exit code."""
    missed = 0
    for module in (fold, evaluation, door, scoring, latency, panels, pipeline):
        print(f"\n== {module.__name__}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        missed += bool(module.main())
    return missed


sys.exit(main())
