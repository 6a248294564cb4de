"""The engine's version: it stands on every result, and any change of a result's bytes changes it."""

from typing import Final

ENGINE_VERSION: Final = "2"
