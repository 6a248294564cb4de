"""A bounded run in which parts of the stack die under load, and a reckoning at the end over histories, not samples."""
