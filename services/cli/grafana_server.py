"""An existing Grafana, through `grafana-api`: the calls that provisioning needs, and failures that say what to do."""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from grafana_api.grafana_api import GrafanaClientError, GrafanaException
from grafana_api.grafana_face import GrafanaFace

from services.cli.failures import CalledWrongly, CannotReach, CommandFailure, FoundWrong

T = TypeVar("T")
Json = dict[str, Any]
Auth = str | tuple[str, str]
"""A service account's token, or user and password."""

TIMEOUT_S: Final = 15.0  # saving a dashboard on a busy Grafana took seconds; beyond this it does not answer
_MISSING: Final = 404


class GrafanaServer:
    """Reads give None for what is not there. Every method raises `CommandFailure` when Grafana does not do what is asked."""

    def __init__(self, url: str, auth: Auth) -> None:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise CalledWrongly(
                f"{url} is no address of a Grafana.", "Give one such as http://127.0.0.1:3000."
            )
        self.url = url.rstrip("/")
        prefix = address.path.strip("/")
        self._grafana = GrafanaFace(
            auth,
            host=address.hostname,
            port=address.port,
            url_path_prefix=f"{prefix}/" if prefix else "",
            protocol=address.scheme,
            timeout=TIMEOUT_S,
        )

    def datasource(self, name: str) -> Json | None:
        return self._find(lambda: self._grafana.datasource.get_datasource_by_name(quote(name, safe="")))

    def create_datasource(self, datasource: Json) -> None:
        self._ask(lambda: self._grafana.datasource.create_datasource(datasource))

    def update_datasource(self, datasource: Json) -> None:
        """By its uid: numbers are gone from Grafana's addresses."""
        self._ask(lambda: self._grafana.datasource.update_datasource(f"uid/{datasource['uid']}", datasource))

    def folder(self, uid: str) -> Json | None:
        return self._find(lambda: self._grafana.folder.get_folder(uid))

    def create_folder(self, uid: str, title: str) -> None:
        self._ask(lambda: self._grafana.folder.create_folder(title, uid))

    def rename_folder(self, uid: str, title: str) -> None:
        self._ask(lambda: self._grafana.folder.update_folder(uid, title, overwrite=True))

    def folder_rights(self, uid: str) -> list[Json]:
        return list(self._ask(lambda: self._grafana.folder.get_folder_permissions(uid)))

    def set_folder_rights(self, uid: str, rights: list[Json]) -> None:
        self._ask(lambda: self._grafana.folder.update_folder_permissions(uid, {"items": rights}))

    def dashboard(self, uid: str) -> Json | None:
        """The dashboard and what Grafana says about it: `dashboard`, `meta`."""
        return self._find(lambda: self._grafana.dashboard.get_dashboard(uid))

    def save_dashboard(self, dashboard: Json, folder: str, message: str) -> None:
        body = {"dashboard": dashboard, "folderUid": folder, "message": message, "overwrite": True}
        self._ask(lambda: self._grafana.dashboard.update_dashboard(body))

    def annotations(self, tags: list[str]) -> list[Json]:
        return list(self._ask(lambda: self._grafana.annotations.get_annotation(tags=tags, limit=100)))

    def add_annotation(self, at_ms: int, tags: list[str], text: str) -> None:
        self._ask(lambda: self._grafana.annotations.add_annotation(time_from=at_ms, tags=tags, text=text))

    def _find(self, call: Callable[[], Json]) -> Json | None:
        return self._ask(lambda: _or_none(call))

    def _ask(self, call: Callable[[], T]) -> T:
        """Turns what may go wrong into one sentence and the next step."""
        try:
            return call()
        except GrafanaException as refused:
            raise _failure(self.url, refused) from refused
        except ValueError as error:  # before OSError: requests' own is both
            raise CannotReach(
                f"What answers at {self.url} is not Grafana's API.",
                "Check the address; a path such as /grafana belongs to it.",
            ) from error
        except OSError as error:
            raise CannotReach(
                f"Grafana does not answer at {self.url}.", "Start it, or give another --url."
            ) from error


def _or_none(call: Callable[[], Json]) -> Json | None:
    try:
        return dict(call())
    except GrafanaClientError as refused:
        if refused.status_code == _MISSING:
            return None
        raise


def _failure(url: str, refused: GrafanaException) -> CommandFailure:
    match refused.status_code:
        case 401:
            return CalledWrongly(
                f"Grafana at {url} does not know these credentials.",
                "Give --token of a service account, or --user with GRAFANA_PASSWORD.",
            )
        case 403:
            return CalledWrongly(
                f"Grafana at {url} does not allow this: {_words(refused)}.",
                "Use an account with the role Admin in its organisation.",
            )
        case code if code >= 500:
            return CannotReach(
                f"Grafana at {url} failed: {_words(refused)}.", "Look into its log, then run this again."
            )
        case _:
            return FoundWrong(
                f"Grafana at {url} refused: {_words(refused)}.",
                "Nothing else was changed; mend that and run this again.",
            )


def _words(refused: GrafanaException) -> str:
    return str(refused.message).strip().rstrip(".")[:300]
