"""The published packs: every one by its hash, and the newest of each campaign."""

from services.contracts.ids import CampaignId, PackHash
from services.contracts.pack.compiled import CompiledPack, read_compiled


class PackCatalog:
    """A fold of `campaign.packs`. One writer (`put`), any number of readers; replaced values are never changed in place."""

    def __init__(self) -> None:
        self._by_hash: dict[PackHash, CompiledPack] = {}
        self._newest: dict[CampaignId, PackHash] = {}

    def put(self, body: bytes) -> CompiledPack:
        """Adds a published pack and makes it its campaign's newest. Raises `pydantic.ValidationError` and then changes nothing."""
        compiled = read_compiled(body)
        self._by_hash[compiled.hash] = compiled
        self._newest[CampaignId(compiled.pack.campaign.id)] = compiled.hash
        return compiled

    def get(self, pack: PackHash) -> CompiledPack | None:
        return self._by_hash.get(pack)

    def newest(self, campaign: CampaignId) -> CompiledPack | None:
        """The pack published last for the campaign: what the door checks against."""
        held = self._newest.get(campaign)
        return None if held is None else self._by_hash[held]

    def campaigns(self) -> list[CampaignId]:
        return sorted(self._newest)
