"""What happens while a part is away, or one sender or reader misbehaves: `python -m bench.outages`."""
