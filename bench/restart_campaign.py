"""An invented campaign with many cells and facts, as packed records, for `bench.restart`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from bench.door_campaign import text
from services.contracts.event_data import FactData, ReportData
from services.contracts.events import Fact, Report
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import MinMax
from services.contracts.pack.model import Block, Campaign, Pack, Unit
from services.contracts.pack.scheme import Criterion, Group, Scheme

PER_RECORD: Final = 200
START: Final = datetime(2025, 1, 1, tzinfo=UTC)
COUNTED: Final = 2
"""Indicators of facts; the others are of values."""


class Size(NamedTuple):
    """Cells are reports, one for each unit and indicator of values; facts are spread over units and days."""

    blocks: int
    units_a_block: int
    indicators: int
    facts_a_block: int

    @property
    def cells(self) -> int:
        return self.blocks * self.units_a_block * self.indicators

    @property
    def facts(self) -> int:
        return self.blocks * self.facts_a_block


def large_pack(size: Size) -> CompiledPack:
    """Campaign `large`, monthly figures and facts of 2025."""
    indicators = tuple(
        Indicator(
            id=name, title=text(name), unit_of_measure="%", measure=measure, cadence="month", within="sum"
        )
        for name, measure in [
            *((f"i{n}", "value") for n in range(size.indicators)),
            *((f"f{n}", "facts") for n in range(COUNTED)),
        ]
    )
    leaves = tuple(
        Criterion(criterion=one.id, indicator=one.id, weight=1, scoring=MinMax(method="min_max"))
        for one in indicators
    )
    blocks = [f"b{n}" for n in range(size.blocks)]
    return compile_pack(
        Pack(
            campaign=Campaign(
                id="large", title=text("large"), span="2025", live_cadence="month", simulated=True
            ),
            schemes=(
                Scheme(
                    id="all", title=text("all"), root=Group(group="root", title=text("root"), members=leaves)
                ),
            ),
            blocks=tuple(Block(id=name, title=text(name), scheme="all") for name in blocks),
            indicators=indicators,
            units=tuple(
                Unit(id=f"{name}-u{n}", name=f"{name}-u{n}", kind="commune", block=name)
                for name in blocks
                for n in range(size.units_a_block)
            ),
        )
    )


def block_of(number: int) -> BlockId:
    return BlockId(f"large/b{number}")


def records(size: Size, block: int) -> Iterator[bytes]:
    """The values of the records of one block: a report for each cell, then its facts."""
    events: list[Report | Fact] = []
    for event in chain[Report | Fact](_reports(size, block), _facts(size, block)):
        events.append(event)
        if len(events) == PER_RECORD:
            yield msgspec.json.encode(events)
            events = []
    if events:
        yield msgspec.json.encode(events)


def _reports(size: Size, block: int) -> Iterator[Report]:
    for number in range(size.units_a_block * size.indicators):
        unit, indicator = divmod(number, size.indicators)
        yield report(block, number, unit, f"i{indicator}")


def report(block: int, number: int, unit: int, indicator: str) -> Report:
    """A figure of June."""
    return Report(
        specversion="1.0",
        id=f"large-{block}-r{number}",
        source="/large/department/load",
        time=START + timedelta(seconds=number),
        receivedtime=START + timedelta(days=180),
        subject=f"b{block}-u{unit}",
        data=ReportData(indicator=indicator, period="2025-06", value=float(number % 97)),
    )


def _facts(size: Size, block: int) -> Iterator[Fact]:
    for number in range(size.facts_a_block):
        yield Fact(
            specversion="1.0",
            id=f"large-{block}-f{number}",
            source="/large/department/load",
            time=START + timedelta(seconds=number),
            receivedtime=START + timedelta(days=180),
            subject=f"b{block}-u{number % size.units_a_block}",
            data=FactData(
                indicator=f"f{number // size.units_a_block % COUNTED}",
                occurred=date(2025, 1, 1) + timedelta(days=number * 7 % 180),
                amount=float(number % 5),
            ),
        )
