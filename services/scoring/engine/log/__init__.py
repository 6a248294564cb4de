"""The fold: what each event of the log changes in the state of its block."""
