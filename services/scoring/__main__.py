"""`python -m services.scoring`: one scoring worker."""

from services.scoring.main import run

run()
