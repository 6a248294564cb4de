"""`thidua audit`: recomputes a block's official evaluations from the log and compares them, byte for byte, with every copy."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Annotated, Final, TypeVar

import typer

from services.cli.apps import sub_command
from services.cli.broker import Broker, KafkaBroker
from services.cli.counted import counted
from services.cli.differences import named_differences
from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.recomputed import Bodies, published_packs, recomputed
from services.cli.settings import settings
from services.cli.stored_scores import open_store, stored_bodies
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.results import decode_evaluation
from services.contracts.topics import EVALUATIONS

app = sub_command()

Copies = dict[EvaluationId, list[bytes]]
T = TypeVar("T")

KAFKA: Final = "kafka"
CLICKHOUSE: Final = "clickhouse"
_NAMED_BLOCKS: Final = 10


@dataclass(frozen=True, slots=True)
class Fault:
    """A copy that is not what the log gives. `where` is kafka or clickhouse."""

    evaluation: str
    period: str
    where: str
    what: list[str]


@dataclass(slots=True)
class Audit:
    """What was compared, and what was found."""

    block: str
    evaluations: int = 0
    copies: dict[str, int] = field(default_factory=lambda: {KAFKA: 0, CLICKHOUSE: 0})
    faults: list[Fault] = field(default_factory=list)


@app.command()
def audit(
    block: Annotated[str, typer.Argument(help="Block id, as hdi/world.", show_default=False)],
    evaluation: Annotated[
        str | None, typer.Option(help="Only this evaluation's id; else all of the block.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts and the faults as JSON.")] = False,
) -> None:
    """Fold the block's log again and compare every copy of its evaluations in Kafka and in ClickHouse. Exit code 1 on a difference.

    Example: thidua audit hdi/world
    """
    broker = KafkaBroker.of(settings())
    expected = _only(evaluation, recomputed(broker, BlockId(block)))
    if not expected:
        require_block(BlockId(block), published_packs(broker))
        raise CalledWrongly(
            f"The log of {block} asks for no such evaluation.",
            "thidua evaluate asks for one.",
        )
    copies = {
        KAFKA: _only(evaluation, _in_kafka(broker, BlockId(block))),
        CLICKHOUSE: stored_bodies(open_store(), expected),
    }
    found = compare(BlockId(block), expected, copies)
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else _report(found))
    if found.faults:
        raise FoundWrong(
            f"{counted(len(found.faults), 'copy differs', 'copies differ')} from the log.",
            "The lines above name each place; the log is the truth.",
        )


def require_block(block: BlockId, packs: PackCatalog) -> None:
    """Raises `CalledWrongly`, with some that there are, for a block of no published pack."""
    newest = [pack for campaign in packs.campaigns() if (pack := packs.newest(campaign)) is not None]
    known = sorted(known for compiled in newest for known in compiled.pack.block_by_id)
    if block not in known:
        some = ", ".join(known[:_NAMED_BLOCKS]) + (" and others" if len(known) > _NAMED_BLOCKS else "")
        raise CalledWrongly(
            f"There is no block {block!r}.",
            f"The published packs have {some}." if known else "Publish a pack first: thidua pack publish.",
        )


def compare(block: BlockId, expected: Bodies, copies: dict[str, Copies]) -> Audit:
    """Compares every copy of each expected evaluation. One without a copy in either place is a fault too, and so is one that the log does
    not give."""
    found = Audit(block, evaluations=len(expected))
    for where, held in copies.items():
        found.copies[where] = sum(map(len, held.values()))
        for id, body in expected.items():
            found.faults.extend(_faults(id, body, where, held.get(id, [])))
        found.faults.extend(_foreign(id, where, held[id]) for id in held if id not in expected)
    return found


def _foreign(id: EvaluationId, where: str, bodies: list[bytes]) -> Fault:
    return Fault(id, decode_evaluation(bodies[0]).period, where, ["the log does not give this evaluation"])


def _faults(id: EvaluationId, body: bytes, where: str, copies: list[bytes]) -> list[Fault]:
    period = decode_evaluation(body).period
    if not copies:
        return [Fault(id, period, where, ["there is no copy"])]
    differing = [named_differences(body, copy) for copy in copies]
    return [Fault(id, period, where, what) for what in differing if what]


def _in_kafka(broker: Broker, block: BlockId) -> Copies:
    copies: Copies = defaultdict(list)
    for record in broker.read(EVALUATIONS):
        if record.key == block and record.value is not None:
            copies[decode_evaluation(record.value).id].append(record.value)
    return copies


def _only(evaluation: str | None, by_id: dict[EvaluationId, T]) -> dict[EvaluationId, T]:
    return by_id if evaluation is None else {id: held for id, held in by_id.items() if id == evaluation}


def _report(found: Audit) -> str:
    lines = [
        f"{found.block}: {counted(found.evaluations, 'evaluation')} recomputed from the log",
        f"  {found.copies[KAFKA]} copies in Kafka, {found.copies[CLICKHOUSE]} in ClickHouse, {len(found.faults)} that differ",
    ]
    for fault in found.faults:
        lines.append(f"  {fault.period} ({fault.evaluation}) in {fault.where}: {'; '.join(fault.what)}")
    return "\n".join(lines)
