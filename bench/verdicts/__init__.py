"""How true the verdicts are: simulated blocks whose truth is known, put through the engine itself.

    python -m bench.verdicts          # about six minutes
    python -m bench.verdicts --blocks 50 --unit-years 8000 --runs 100

`blocks` simulates, `estimates` says how sure a figure is, `intervals` asks how often intervals hold the truth,
`flags` how often flags are wrong and how soon they are raised (`looks` simulates the months behind them). `docs/verdicts.md` has the results.
"""
