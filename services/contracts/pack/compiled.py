"""The canonical JSON of a pack and its hash, which is the pack's version."""

import hashlib
from typing import NamedTuple

import msgspec

from services.contracts.ids import PackHash
from services.contracts.pack.model import Pack


class CompiledPack(NamedTuple):
    """A pack with its bytes as published on `campaign.packs` and their SHA-256."""

    hash: PackHash
    body: bytes
    pack: Pack


def compile_pack(pack: Pack) -> CompiledPack:
    """Canonical JSON: keys sorted, no spaces, defaults written out, UTF-8. Equal packs give equal bytes."""
    body = msgspec.json.encode(pack.model_dump(mode="json"), order="deterministic")
    return CompiledPack(hash_of(body), body, pack)


def read_compiled(body: bytes) -> CompiledPack:
    """A pack from its published bytes. Raises `pydantic.ValidationError`."""
    return CompiledPack(hash_of(body), body, Pack.model_validate_json(body))


def hash_of(body: bytes) -> PackHash:
    return PackHash(hashlib.sha256(body).hexdigest())
