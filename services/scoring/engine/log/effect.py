"""What an event was beside new. For counting only: no result depends on it."""

from typing import Literal

Effect = Literal["repeat", "correction"]
"""`repeat`: it said again what had been said, and changed nothing. `correction`: it replaced, took back or came behind an earlier figure of its
cell, or an earlier form of the same fact."""
