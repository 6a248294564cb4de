"""The campaign pack: its model, its loader and its compiled form."""
