"""`python -m services.api`: the api and the board."""

from services.api.main import run

run()
