"""The playlist of a wall: the room's dashboards in turn, without menus."""

from typing import Any, Final

from grafana_foundation_sdk.builders.playlist import Playlist, PlaylistItem

from dashboards.frame import PIPELINE, ROOM
from dashboards.language import Say

API_VERSION: Final = "playlist.grafana.app/v1"
"""Of Grafana 12.4 and later, whose documentation has no other way to make a playlist."""


def wall(say: Say) -> dict[str, Any]:
    """As Grafana's API takes it. Only dashboards of the room's folder: a wall is seen by whoever walks past."""
    items = [PlaylistItem().type("dashboard_by_uid").value(say.uid(kind.name)) for kind in (ROOM, PIPELINE)]
    shown = Playlist().interval("1m").items(list(items)).build()
    return {
        "apiVersion": API_VERSION,
        "kind": "Playlist",
        "metadata": {"name": say.uid("wall")},
        "spec": {
            "title": say("Thi đua – màn hình", "Emulation – wall"),
            "interval": shown.interval,
            "items": [{"type": item.type_val, "value": item.value} for item in shown.items or []],
        },
    }
