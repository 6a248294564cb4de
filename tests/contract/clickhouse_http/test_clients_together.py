"""Clients do not wait for one another, and what one leaves behind hurts nobody."""

import socket
import threading
import time
from collections.abc import Callable

from clickhouse_connect.driver.client import Client

from tests.contract.clickhouse_http.server import ServerProcess

DEADLINE_S = 90
BLOCKED_S = 2.0  # far above a read's 10 ms beside a busy engine, far below the work that it must not wait for


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds before the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def slowest_read(client: Client, sql: str, while_alive: threading.Thread) -> float:
    slowest = 0.0
    while while_alive.is_alive():
        began = time.monotonic()
        client.query(sql)
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def running_queries(client: Client, marker: str) -> int:
    answer = client.command(
        f"SELECT count() FROM system.processes WHERE query LIKE '%{marker}%' AND query NOT LIKE '%system.processes%'"
    )
    assert isinstance(answer, int)
    return answer


def test_reads_do_not_wait_for_a_big_insert(client: Client, server: ServerProcess) -> None:
    client.command("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")

    def write() -> None:
        with server.client(database=client.database) as writer:
            writer.command("INSERT INTO t SELECT cityHash64(number), toString(number) FROM numbers(4000000)")

    writing, began = threading.Thread(target=write), time.monotonic()
    writing.start()
    slowest = slowest_read(client, "SELECT count() FROM t WHERE a > 5", writing)
    writing.join()
    assert slowest < max(BLOCKED_S, (time.monotonic() - began) / 2)  # a slow machine writes long
    assert client.command("SELECT count() FROM t") == 4_000_000


def test_many_clients_at_once_all_get_their_own_answers(server: ServerProcess) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        with server.client() as client:
            for _ in range(10):
                answer = client.query(
                    "SELECT {n:UInt32}, getSetting('max_block_size')",
                    {"n": number},
                    settings={"max_block_size": 1000 + number},
                )
                if answer.result_rows != [(number, 1000 + number)]:
                    wrong.append(answer.result_rows)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_clients_that_say_nothing_or_stop_in_the_middle_hold_up_nobody(
    client: Client, server: ServerProcess
) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    half = f"POST /?database={client.database} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nINSERT INTO t FORMAT CSV\n1\n"
    for each in silent[:80]:
        each.sendall(half.encode())
    took_s = []
    for _ in range(3):  # a busy machine makes one slow now and then; one that is held up is so again
        began = time.monotonic()
        assert client.command("SELECT 1") == 1
        took_s.append(time.monotonic() - began)
    assert min(took_s) < BLOCKED_S
    for each in silent:
        each.close()
    assert client.command("SELECT count() FROM t") == 0


def test_a_client_that_does_not_read_its_answer_holds_up_nobody(
    client: Client, server: ServerProcess
) -> None:
    deaf = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
    for each in deaf:
        each.sendall(b"GET /?query=SELECT+number+FROM+numbers(1000000000) HTTP/1.1\r\nHost: x\r\n\r\n")
    assert eventually(lambda: running_queries(client, "numbers(1000000000)") > 0)
    assert client.command("SELECT 1") == 1
    for each in deaf:
        each.close()
    assert eventually(lambda: running_queries(client, "numbers(1000000000)") == 0)


def test_a_query_ends_when_its_client_leaves(client: Client, server: ServerProcess) -> None:
    leaving = socket.create_connection(("127.0.0.1", server.port))
    leaving.sendall(
        b"GET /?query=SELECT+sum(sipHash64(number))+FROM+numbers(900000000000) HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert eventually(lambda: running_queries(client, "numbers(900000000000)") == 1)
    leaving.close()
    assert eventually(lambda: running_queries(client, "numbers(900000000000)") == 0)


def test_a_long_result_does_not_sit_in_memory(client: Client, server: ServerProcess) -> None:
    before = server.resident_mib()
    read = 0
    with client.raw_stream(
        "SELECT number, toString(number) FROM numbers(30000000)", fmt="RowBinary"
    ) as stream:
        while piece := stream.read(1 << 20):
            read += len(piece)
    assert read > 400_000_000
    assert server.resident_mib() - before < 150
