"""What in a pack decides a block's scores, and its hash: two packs with the same one score the block's figures alike.

Words, flags, the schedule, the council, how many draws are made and other blocks decide no score. Who is in the block is compared apart:
it changes with the day, not only with the pack.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack

_WORDS: Final = frozenset({"title", "short", "unit_of_measure", "holidays", "worked"})
_CAMPAIGN: Final = frozenset({"id", "live_cadence", "simulated", "source", "transition_days"})
_SCHEME: Final = frozenset({"id", "uncertainty"})
_UNIT: Final = frozenset({"name", "kind", "block", "valid_from", "valid_to", "parent", "code"})
"""Keys that decide no score; holidays are announced year by year, and those of the next must not cost this one its movement. What a pack
may say more counts until it stands here: a new rule must not pass for a word."""


def rules_hash(pack: Pack, block: BlockId) -> str:
    """SHA-256 of the rules. Raises `KeyError` for a block that the pack does not have."""
    digest = hashlib.sha256(_shared_bytes(pack, pack.block_by_id[block].scheme))
    digest.update(msgspec.json.encode(_units(pack, block), order="deterministic"))
    return digest.hexdigest()


def rules_of(pack: Pack, block: BlockId) -> dict[str, Any]:
    """The rules as plain data: `campaign`, `scheme`, `indicators` (those that count in the block, by id) and `units` (of what decides a score
    only, so most packs have none)."""
    return _shared(pack, pack.block_by_id[block].scheme) | {"units": _units(pack, block)}


def _shared_bytes(pack: Pack, scheme: str) -> bytes:
    """Written once for all blocks of a scheme: a province has hundreds."""
    held = pack.scheme_rules.get(scheme)
    if held is None:
        held = pack.scheme_rules[scheme] = msgspec.json.encode(_shared(pack, scheme), order="deterministic")
    return held


def _shared(pack: Pack, scheme: str) -> dict[str, Any]:
    rules = _without(pack.scheme_by_id[scheme].model_dump(mode="json"), _SCHEME)
    return {
        "campaign": _without(pack.campaign.model_dump(mode="json"), _CAMPAIGN),
        "scheme": rules,
        "indicators": _named_indicators(pack, rules),
    }


def _named_indicators(pack: Pack, scheme: dict[str, Any]) -> dict[str, Any]:
    """Every indicator that the rules name anywhere, and those that these name."""
    found: dict[str, Any] = {}
    waiting = list(_texts(scheme))
    while waiting:
        name = waiting.pop()
        if name in pack.indicator_by_id and name not in found:
            *earlier, newest = (
                _without(one.model_dump(mode="json"), frozenset()) for one in pack.definitions[name]
            )
            found[name] = newest | ({"earlier": earlier} if earlier else {})
            waiting.extend(_texts(found[name]))
    return found


def _units(pack: Pack, block: BlockId) -> list[dict[str, Any]]:
    own = pack.rows_by_block.get(block, ())
    rows = (_without(unit.model_dump(mode="json", exclude_defaults=True), _UNIT) for unit in own)
    return [row for row in rows if row.keys() - {"id"}]


def _without(data: dict[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {key: _worded(value) for key, value in data.items() if key not in keys | _WORDS}


def _worded(value: Any) -> Any:
    """The value without its words, at any depth."""
    if isinstance(value, dict):
        return _without(value, frozenset())
    return [_worded(one) for one in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
