"""Brings a Grafana to this version's folders, data source, dashboards and mark on the time axis. Run again, it changes nothing."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, NamedTuple

from dashboards.language import Language
from services.cli.failures import FoundWrong
from services.cli.grafana_items import (
    BoardFile,
    Folder,
    board_files,
    folders,
    version_of,
)
from services.cli.grafana_server import GrafanaServer

Json = dict[str, Any]
Outcome = Literal["created", "updated", "unchanged", "left alone"]

MARK_TAGS: Final = ["thidua", "provisioned"]
_VIEWERS: Final = "Viewer"
_RIGHT_FIELDS: Final = ("role", "teamId", "userId", "permission")


class Item(NamedTuple):
    """What was done to one thing; `left alone` says who else keeps it."""

    kind: str
    name: str
    outcome: Outcome


def provision(
    server: GrafanaServer, language: Language, datasource: Json, now_ms: Callable[[], int]
) -> Iterator[Item]:
    """Each item as soon as it is done, so that an interrupted run shows how far it came. Raises `CommandFailure`."""
    item, datasource_uid = _datasource(server, datasource)
    yield item
    for folder in folders(language):
        yield _folder(server, folder)
        if folder.closed:
            yield _rights(server, folder)
    boards = board_files(language, datasource_uid)
    for board in boards:
        yield _board(server, board)
    yield _mark(server, boards, language, now_ms)


def _datasource(server: GrafanaServer, wanted: Json) -> tuple[Item, str]:
    """The one of that name is used whatever its uid; one that is not ours is left as it is. Its password cannot be read, so not compared."""
    name = wanted["name"]
    found = server.datasource(name)
    if found is None:
        server.create_datasource(wanted)
        return Item("data source", name, "created"), wanted["uid"]
    if found["type"] != wanted["type"]:
        raise FoundWrong(
            f"The data source {name} is a {found['type']}, not a {wanted['type']}.",
            "Give the name of a ClickHouse one with --datasource, or rename that one.",
        )
    if found["uid"] != wanted["uid"] or found.get("readOnly"):
        return Item("data source", name, "left alone"), found["uid"]
    if _holds(found.get("jsonData", {}), wanted["jsonData"]):
        return Item("data source", name, "unchanged"), found["uid"]
    server.update_datasource(wanted)
    return Item("data source", name, "updated"), found["uid"]


def _folder(server: GrafanaServer, folder: Folder) -> Item:
    found = server.folder(folder.uid)
    if found is None:
        server.create_folder(folder.uid, folder.title)
        return Item("folder", folder.title, "created")
    if found["title"] == folder.title:
        return Item("folder", folder.title, "unchanged")
    server.rename_folder(folder.uid, folder.title)
    return Item("folder", folder.title, "updated")


def _rights(server: GrafanaServer, folder: Folder) -> Item:
    """Takes the folder from everybody who is only a viewer, anonymous readers among them; teams and users keep what they were given."""
    rights = server.folder_rights(folder.uid)
    own = [right for right in rights if not right.get("inherited")]
    kept = [_right(right) for right in own if right.get("role") != _VIEWERS]
    if len(kept) == len(own):
        return Item("rights", folder.title, "unchanged")
    server.set_folder_rights(folder.uid, kept)
    return Item("rights", folder.title, "updated")


def _right(right: Json) -> Json:
    return {name: right[name] for name in _RIGHT_FIELDS if right.get(name)}


def _board(server: GrafanaServer, board: BoardFile) -> Item:
    found = server.dashboard(board.uid)
    if found is not None:
        if found["meta"].get("provisioned"):
            return Item("dashboard", board.title, "left alone")
        if _is_current(found, board):
            return Item("dashboard", board.title, "unchanged")
    server.save_dashboard(board.content, board.folder, board.content["description"])
    return Item("dashboard", board.title, "created" if found is None else "updated")


def _is_current(found: Json, board: BoardFile) -> bool:
    """By the version in its description: Grafana may write the rest in a newer form."""
    held = (found["dashboard"].get("description"), found["meta"].get("folderUid"))
    return held == (board.content["description"], board.folder)


def _mark(
    server: GrafanaServer, boards: list[BoardFile], language: Language, now_ms: Callable[[], int]
) -> Item:
    """An annotation for the moment at which this set of dashboards came, shown on each of them."""
    text = f"thidua dashboards {language} {version_of(boards)}"
    if any(mark.get("text") == text for mark in server.annotations(MARK_TAGS)):
        return Item("annotation", text, "unchanged")
    server.add_annotation(now_ms(), MARK_TAGS, text)
    return Item("annotation", text, "created")


def _holds(found: Json, wanted: Json) -> bool:
    """Every wanted field is there as wanted; others may be."""
    return all(found.get(name) == value for name, value in wanted.items())
