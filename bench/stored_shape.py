"""How large the stored campaign of the benchmarks is, and what its parts are called."""

from datetime import timedelta
from typing import Final
from uuid import UUID

CAMPAIGN: Final = "panels"
BLOCKS: Final = ("communes", "departments", "enterprises")
UNITS: Final = 69
"""Đắk Lắk has 69 communes outside of its towns: the largest block that is known."""
CRITERIA: Final = 30
GROUPS: Final = 5
PERIODS: Final = 24
RANGE: Final = timedelta(hours=6)
"""All events came within it, so that a dashboard over it reads every one."""
LOG: Final = UUID(int=7)
