"""Our client over TLS, with the certificates that a cluster is given: it asks who the server is."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import Error

from services.contracts.clickhouse import ClickHouseSettings, connect
from tests.contract.clickhouse_http.server import ServerProcess

CERTIFICATES = Path(__file__).parents[3] / "deploy" / "cluster" / "certificates.sh"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run([CERTIFICATES, folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def secured(server: ServerProcess, tls: Path) -> Iterator[str]:
    """The server's address behind a socket that speaks TLS with a replica's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls / "clickhouse" / "cert.pem", tls / "clickhouse" / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=(listening, context, server.port), daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def _serve(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:  # closed: the test is over
            return
        threading.Thread(target=_join, args=(client, context, port), daemon=True).start()


def _join(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    try:
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", port)) as plain,
        ):
            back = threading.Thread(target=_pour, args=(plain, secure), daemon=True)
            back.start()
            _pour(secure, plain)
            back.join(5)
    except OSError:  # a client that does not trust us leaves in the middle of the greeting
        return


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def settings(url: str, ca_file: Path | None) -> ClickHouseSettings:
    return ClickHouseSettings(clickhouse_url=url, clickhouse_database="default", clickhouse_ca_file=ca_file)


def test_a_server_that_our_authority_signed_is_asked(secured: str, tls: Path) -> None:
    client = connect(settings(secured, tls / "api" / "ca.pem"))
    assert client.query("SELECT 1").result_rows == [(1,)]
    client.close()


def test_a_server_that_nobody_vouches_for_gets_no_password(secured: str) -> None:
    with pytest.raises(Error, match="CERTIFICATE_VERIFY_FAILED"):
        connect(settings(secured, None))
