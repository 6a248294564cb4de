"""Figures become scores, totals and ranks."""
