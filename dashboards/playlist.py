"""The playlist of a wall: the room's dashboards in turn, without menus."""

from grafana_foundation_sdk.builders.playlist import Playlist, PlaylistItem
from grafana_foundation_sdk.models import playlist as models

from dashboards.frame import PIPELINE, ROOM
from dashboards.language import Say


def wall(say: Say) -> models.Playlist:
    """Only dashboards of the room's folder: a wall is seen by whoever walks past."""
    names = [(kind, say(kind.vi, kind.en)) for kind in (ROOM, PIPELINE)]
    items = [
        PlaylistItem().type("dashboard_by_uid").value(say.uid(kind.name)).title(title)
        for kind, title in names
    ]
    return (
        Playlist()
        .uid(say.uid("wall"))
        .name(say("Thi đua – màn hình", "Emulation – wall"))
        .interval("1m")
        .items(list(items))
        .build()
    )
