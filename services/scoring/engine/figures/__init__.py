"""Which figure counts for a unit on a criterion, and what is asked of it at that date."""
