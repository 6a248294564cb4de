"""How sure scores and ranks are, and the statistics behind it."""
