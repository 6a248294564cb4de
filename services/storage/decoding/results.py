"""Reads a result of another service, and says why it cannot."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from services.storage.decoding.origin import Undecodable

T = TypeVar("T")


def read_result(read: Callable[[bytes], T], value: bytes) -> T:
    """What `read` makes of the value. Raises `Undecodable`."""
    try:
        return read(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Undecodable(str(error)) from error
