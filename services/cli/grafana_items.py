"""What belongs into a Grafana: the folders, the data source and the dashboards, as files of this version hold them."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from dashboards.frame import FOLDERS, KINDS
from dashboards.language import Language, Say
from dashboards.queries import DATASOURCE_TYPE, DATASOURCE_UID

Json = dict[str, Any]

VERSION_LENGTH: Final = 12
CLOSED_FOLDER: Final = "units"


@dataclass(frozen=True, slots=True)
class Folder:
    """`closed`: readers without a role of their own see nothing of it."""

    uid: str
    title: str
    closed: bool


@dataclass(frozen=True, slots=True)
class BoardFile:
    """A dashboard for a folder. Its description names its version, so that Grafana can be asked which one it holds."""

    uid: str
    title: str
    folder: str
    content: Json


def folders(language: Language) -> list[Folder]:
    say = Say(language)
    return [
        Folder(say.uid(name), say(folder.vi, folder.en), name == CLOSED_FOLDER)
        for name, folder in FOLDERS.items()
    ]


def board_files(language: Language, datasource_uid: str) -> list[BoardFile]:
    """The dashboards, asking the data source of that uid."""
    say = Say(language)
    found = []
    for kind in KINDS:
        path = files("dashboards") / "json" / language / kind.folder / f"{kind.name}.json"
        text = path.read_text("utf-8").replace(f'"{DATASOURCE_UID}"', json.dumps(datasource_uid))
        version = hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]
        content = json.loads(text) | {"description": f"thidua {version}"}
        found.append(BoardFile(content["uid"], content["title"], say.uid(kind.folder), content))
    return found


def version_of(boards: list[BoardFile]) -> str:
    """One word for a whole set."""
    words = " ".join(board.content["description"] for board in boards)
    return hashlib.sha256(words.encode()).hexdigest()[:VERSION_LENGTH]


def datasource(name: str, url: str, user: str, password: str, database: str) -> Json:
    """ClickHouse as Grafana is to reach it. Raises `ValueError` for an address that is none."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(url)
    secure = address.scheme == "https"
    return {
        "name": name,
        "uid": DATASOURCE_UID,
        "type": DATASOURCE_TYPE,
        "access": "proxy",
        "jsonData": {
            "protocol": "http",
            "host": address.hostname,
            "port": address.port or (8443 if secure else 8123),
            "secure": secure,
            "username": user,
            "defaultDatabase": database,
            "dialTimeout": "5",
            "queryTimeout": "30",
        },
        "secureJsonData": {"password": password},
    }
