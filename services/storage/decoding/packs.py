"""`campaign.packs`: the pack with its very bytes, its units, and the names for the arrays of its results."""

from collections.abc import Iterator

from services.contracts.following import Record
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack, read_compiled
from services.contracts.pack.scheme import Criterion
from services.contracts.routing import block_id
from services.storage.decoding.origin import Origin, Undecodable
from services.storage.decoding.results import read_result
from services.storage.rows import PackColumnRow, PackRow, PackUnitRow, Row


def pack_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    compiled = read_result(read_compiled, record.value)
    try:
        return [_pack(record, origin, compiled), *_units(compiled), *_columns(compiled)]
    except KeyError as error:
        raise Undecodable(f"the pack names {error}, which it does not have") from error


def _pack(record: Record, origin: Origin, compiled: CompiledPack) -> PackRow:
    campaign = compiled.pack.campaign
    return PackRow(
        hash=compiled.hash,
        campaign=campaign.id,
        title_vi=campaign.title.vi,
        title_en=campaign.title.en,
        simulated=campaign.simulated,
        published=record.timestamp_ms,
        body=compiled.body,
        generation=origin.generation,
        offset=record.offset,
    )


def _units(compiled: CompiledPack) -> Iterator[PackUnitRow]:
    campaign = compiled.pack.campaign.id
    for position, unit in enumerate(compiled.pack.units, 1):
        block = block_id(campaign, unit.block)
        yield PackUnitRow(
            compiled.hash, block, unit.id, unit.name, unit.kind, unit.valid_from, unit.valid_to, position
        )


def _columns(compiled: CompiledPack) -> Iterator[PackColumnRow]:
    for block in compiled.pack.block_by_id:
        yield from _criteria(compiled, block)
        yield from _groups(compiled, block)


def _criteria(compiled: CompiledPack, block: BlockId) -> Iterator[PackColumnRow]:
    for position, criterion in enumerate(compiled.pack.scheme_of(block).criteria(), 1):
        title = criterion.title or compiled.pack.indicator_by_id[criterion.indicator].title
        yield PackColumnRow(
            compiled.hash,
            block,
            "criterion",
            position,
            criterion.criterion,
            title.vi,
            title.en,
            criterion.indicator,
            criterion.weight,
        )


def _groups(compiled: CompiledPack, block: BlockId) -> Iterator[PackColumnRow]:
    for position, member in enumerate(compiled.pack.scheme_of(block).top_groups(), 1):
        if isinstance(member, Criterion):
            title = member.title or compiled.pack.indicator_by_id[member.indicator].title
            identity, indicator = member.criterion, member.indicator
        else:
            title, identity, indicator = member.title, member.group, ""
        yield PackColumnRow(
            compiled.hash, block, "group", position, identity, title.vi, title.en, indicator, member.weight
        )
