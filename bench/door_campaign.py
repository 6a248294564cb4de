"""An invented campaign for the benchmark of the door: three blocks of eight units, one key, and any number of reports."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from services.contracts.ids import CampaignId
from services.contracts.pack.base import Text
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import MinMax
from services.contracts.pack.model import Block, Campaign, Pack, Unit
from services.contracts.pack.scheme import Criterion, Group, Scheme
from services.contracts.principals import Principal, hash_secret

KEY: Final = "td_bench_secret"
BLOCKS: Final = 3
UNITS_A_BLOCK: Final = 8
INDICATORS: Final = 10


def bench_pack(blocks: int = BLOCKS) -> CompiledPack:
    """Campaign `bench`, monthly figures of 2025."""
    leaves = tuple(
        Criterion(criterion=f"c{n}", indicator=f"i{n}", weight=1, scoring=MinMax(method="min_max"))
        for n in range(INDICATORS)
    )
    root = Group(group="root", title=text("root"), members=leaves)
    return compile_pack(
        Pack(
            campaign=Campaign(
                id="bench", title=text("bench"), span="2025", live_cadence="month", simulated=True
            ),
            schemes=(Scheme(id="all", title=text("all"), root=root),),
            blocks=tuple(Block(id=f"b{n}", title=text(f"b{n}"), scheme="all") for n in range(blocks)),
            indicators=tuple(_indicator(f"i{n}") for n in range(INDICATORS)),
            units=tuple(
                Unit(id=f"b{block}-u{n}", name=f"b{block}-u{n}", kind="commune", block=f"b{block}")
                for block in range(blocks)
                for n in range(UNITS_A_BLOCK)
            ),
        )
    )


def bench_principal() -> Principal:
    """A department that reports for all units."""
    return Principal(
        id="bench",
        name="bench",
        campaign=CampaignId("bench"),
        role="department",
        origin="department",
        source_prefix="/bench/department",
        key_hash=hash_secret("secret"),
        issued=datetime.now(UTC),
    )


def reports(run: str, count: int, step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Reports as JSON, each with the id of its block; ids are unique to the run. With a step of `BLOCKS`, those of the first block only."""
    for number in range(0, count, step):
        block, unit = number % BLOCKS, number // BLOCKS % UNITS_A_BLOCK
        event = {
            "specversion": "1.0",
            "type": "vn.thidua.report.v1",
            "id": f"{run}-{number:09d}",  # ascending, as the times of a real sender are
            "source": "/bench/department/load",
            "subject": f"b{block}-u{unit}",
            "time": "2025-07-05T08:00:00+07:00",
            "data": {
                "indicator": f"i{number % INDICATORS}",
                "period": f"2025-{number % 6 + 1:02d}",
                "value": number / 7,
            },
        }
        yield f"bench/b{block}", msgspec.json.encode(event)


def _indicator(name: str) -> Indicator:
    return Indicator(id=name, title=text(name), unit_of_measure="%", measure="value", cadence="month")


def text(value: str) -> Text:
    """The same in both languages."""
    return Text(vi=value, en=value)
