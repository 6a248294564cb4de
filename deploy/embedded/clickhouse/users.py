"""Who may ask, and what: the owner everything, a reader only queries. The engine itself knows one user."""

import hmac
from dataclasses import dataclass

from deploy.embedded.clickhouse.errors import AUTHENTICATION_FAILED, refusal
from deploy.embedded.clickhouse.settings import ServerSettings


@dataclass(frozen=True)
class Credentials:
    """What a request gives; `user` is "default" where it names none."""

    user: str
    password: str


@dataclass(frozen=True)
class User:
    """Somebody who was let in. `read_only` allows queries, their settings and temporary tables (readonly = 2)."""

    name: str
    read_only: bool = False


class Users:
    """The users of the settings. Without the owner's password everybody but the reader is taken for the owner."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings

    def admit(self, given: Credentials) -> User:
        """The user with these credentials; raises code 516 when there is none."""
        settings = self._settings
        if settings.reader and given.user == settings.reader:
            if _same(given.password, settings.reader_password.get_secret_value()):
                return User(given.user, read_only=True)
        elif _is_owner(given, settings):
            return User(given.user)
        raise refusal(
            AUTHENTICATION_FAILED,
            "AUTHENTICATION_FAILED",
            f"{given.user}: Authentication failed: password is incorrect, or there is no user with such name.",
        )


def _is_owner(given: Credentials, settings: ServerSettings) -> bool:
    expected = settings.password.get_secret_value()
    return not expected or (given.user == settings.user and _same(given.password, expected))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
