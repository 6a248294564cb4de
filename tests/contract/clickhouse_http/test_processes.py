"""Statements under way are seen and ended by the ids that clients gave them."""

import threading
import time

import httpx
import pytest

from tests.contract.clickhouse_http.server import ServerProcess


def test_a_statement_sees_itself_by_its_id(http: httpx.Client) -> None:
    for table in ("system.processes", "`system`.`processes` AS p", "system . processes WHERE elapsed >= 0"):
        answer = http.post("/", params={"query_id": "me"}, content=f"SELECT query_id FROM {table}")
        assert "me" in answer.text.splitlines()


@pytest.mark.parametrize("form", ["TabSeparated", "JSON"])
def test_a_statement_is_ended_by_its_id(server: ServerProcess, http: httpx.Client, form: str) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        with server.http() as client:
            endless = "SELECT sum(sipHash64(number)) FROM numbers(900000000000)"
            answers.append(
                client.post("/", params={"query_id": f"mine-{form}", "default_format": form}, content=endless)
            )

    asking = threading.Thread(target=ask)
    asking.start()
    deadline = time.monotonic() + 90
    while asking.is_alive():
        http.post("/", content=f"KILL QUERY WHERE query_id = 'mine-{form}' SYNC")
        assert time.monotonic() < deadline
    assert "Code: 394" in answers[0].text
