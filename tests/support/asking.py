"""Asks a service over plain HTTP, again and again while a test waits for it.

`httpx.get` reads every certificate authority of the machine at each call: 30 ms of processor time that the service lacks which is waited for.
"""

from typing import Any

import httpx

_PLAIN = httpx.Client(
    verify=False, trust_env=False, timeout=20, limits=httpx.Limits(max_keepalive_connections=0)
)
"""A connection a call, as `httpx.get`: a service that ends is not held up by one that is kept."""


def get(url: str, **options: Any) -> httpx.Response:
    """As `httpx.get`."""
    return _PLAIN.get(url, **options)
