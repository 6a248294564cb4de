"""A small Grafana: a real HTTP server that speaks the calls of provisioning, remembers what it was told, and records every call."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]
TOKEN = "glsa_test"
_FIRST_RIGHTS = ({"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 2})


@dataclass
class Grafana:
    """Its state. `fails_with` answers every call with that status; `may` False refuses writes, as to a viewer."""

    url: str = ""
    datasources: dict[str, Json] = field(default_factory=dict)
    folders: dict[str, Json] = field(default_factory=dict)
    rights: dict[str, list[Json]] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    annotations: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fails_with: int | None = None
    may_write: bool = True

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]

    def answer(self, method: str, address: str, body: Json, token: str) -> tuple[int, Any]:
        path = unquote(urlsplit(address).path).removeprefix("/api")
        self.calls.append(f"{method} {path}")
        if self.fails_with is not None:
            return self.fails_with, {"message": "something is broken"}
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Invalid API key"}
        if method != "GET" and not self.may_write:
            return 403, {"message": "You'll need additional permissions"}
        parts = path.strip("/").split("/")
        return self._read(parts, address) if method == "GET" else self._write(method, parts, body)

    def _read(self, parts: list[str], address: str) -> tuple[int, Any]:
        match parts:
            case ["datasources", "name", name]:
                return _found(self.datasources.get(name))
            case ["folders", uid]:
                return _found(self.folders.get(uid))
            case ["folders", uid, "permissions"]:
                return _found(self.rights.get(uid))
            case ["dashboards", "uid", uid]:
                return _found(self.dashboards.get(uid))
            case ["annotations"]:
                tags = set(parse_qs(urlsplit(address).query)["tags"])
                return 200, [a for a in self.annotations if tags <= set(a["tags"])]
        return _found(None)

    def _write(self, method: str, parts: list[str], body: Json) -> tuple[int, Any]:
        match method, parts:
            case ("POST", ["datasources"]) | ("PUT", ["datasources", "uid", _]):
                return self._datasource(body)
            case "POST", ["folders"]:
                self.rights[body["uid"]] = [dict(right) for right in _FIRST_RIGHTS]
                self.folders[body["uid"]] = body
                return 200, body
            case "PUT", ["folders", uid]:
                self.folders[uid]["title"] = body["title"]
                return 200, self.folders[uid]
            case "POST", ["folders", uid, "permissions"]:
                self.rights[uid] = body["items"]
                return 200, {"message": "updated"}
            case "POST", ["dashboards", "db"]:
                return self._dashboard(body)
            case "POST", ["annotations"]:
                self.annotations.append(body)
                return 200, {"id": len(self.annotations)}
        return _found(None)

    def _datasource(self, body: Json) -> tuple[int, Json]:
        self.datasources[body["name"]] = {k: v for k, v in body.items() if k != "secureJsonData"}
        return 200, {"message": "saved"}

    def _dashboard(self, body: Json) -> tuple[int, Json]:
        """Keeps the dashboard in a form of its own, as newer versions do: with a number and a newer schema."""
        if body["folderUid"] not in self.folders:
            return 400, {"message": "folder not found"}
        dashboard = body["dashboard"]
        kept = dashboard | {"id": 7, "version": 1, "schemaVersion": 42}
        self.dashboards[dashboard["uid"]] = {"dashboard": kept, "meta": {"folderUid": body["folderUid"]}}
        return 200, {"status": "success", "uid": dashboard["uid"]}


@contextmanager
def running(grafana: Grafana) -> Iterator[Grafana]:
    """The server on a free port of loopback, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(grafana))
    grafana.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _found(what: Any) -> tuple[int, Any]:
    return (404, {"message": "Not found"}) if what is None else (200, what)


def _handler(grafana: Grafana) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Calls are recorded, not printed."""

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"null") or {}
            token = self.headers.get("Authorization", "")
            status, answer = grafana.answer(self.command, self.path, body, token)
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    return Handler
