"""The fold of one partition: applies records in order and collects the outputs that are not yet acknowledged. No I/O, no clock."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from services.contracts import topics
from services.contracts.event_data import WHOLE_RECORD, Place
from services.contracts.events import (
    AnyEvent,
    PackActivated,
    decode_record,
    record_values,
)
from services.contracts.flags import Flag
from services.contracts.ids import BlockId, FlagId, PackHash
from services.contracts.pack.model import Pack
from services.contracts.results import (
    Halt,
)
from services.contracts.routing import partition_of
from services.contracts.tracing import Trace
from services.scoring.engine import BlockState, Carry, NotApplicable, Outcome, apply, apply_run, begin_record
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.faults import (
    BAD_RECORD,
    Fault,
    decode_one_by_one,
    halted_at,
    whole_record,
)
from services.scoring.worker.halting import Crash, halt_at
from services.scoring.worker.outputs import (
    carried_output,
    evaluation_output,
    flag_output,
    letter_of,
    letter_output,
    trace_caused,
)
from services.scoring.worker.ports import LogRecord, Output

PackSource = Callable[[PackHash], Pack | None]


class WrongPartition(Exception):  # noqa: N818 - it names what is wrong
    """A record stands on a partition that does not hold its block: the topic was changed, or a writer has its own routing."""


class MissingPack(Exception):  # noqa: N818 - it names what is missing
    """A record activates a pack that has not been read yet. Nothing of the record was applied."""

    def __init__(self, pack: PackHash) -> None:
        super().__init__(f"pack {pack} is activated by the log but not on {topics.PACKS.name} yet")
        self.pack = pack


class EngineCrash(Exception):  # noqa: N818 - it names what happened
    """The engine failed on an event in a way that nobody foresaw. The process ends; nothing is committed past the record."""

    def __init__(self, block: BlockId, place: Place) -> None:
        super().__init__(f"the engine failed at {place} of block {block}")
        self.block = block
        self.place = place


class PartitionFold:
    """State of all blocks of one partition after the records below `next_offset`, and its outputs from `confirmed` on.

    `apply` is called with each record once, in the order of offsets; it either applies the whole record or (MissingPack, WrongPartition)
    nothing of it.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        packs: PackSource,
        limit: DeadLetterLimit,
        halts: Mapping[BlockId, Crash],
        mended: dict[BlockId, int] | None = None,
        released: Collection[tuple[BlockId, int]] = (),
    ) -> None:
        """`halts` are blocks that are not applied from a crash's offset on; `mended` those that a former engine had halted, each with the offset
        from which nothing of it was published, whatever was committed since for the sake of the others. `released` are halts, by block and
        offset, that an operator ended: they are none any more, wherever they stand written."""
        self.partition = partition
        self.blocks: dict[BlockId, BlockState] = {}
        self.flags: dict[BlockId, dict[FlagId, Flag]] = {}
        """The newest record of every flag of each block, ended ones too."""
        self.dirty: set[BlockId] = set()
        """Blocks that changed since they were shown last."""
        self.unsaved: set[BlockId] = set()
        """Blocks that changed since they were saved last."""
        self.halted: dict[BlockId, Halt] = {}
        """Blocks that are not applied any further."""
        self.next_offset = 0
        self.confirmed = 0
        self.emit_from = 0
        self.unconfirmed: list[Output] = []
        self.on_applied: Callable[[BlockId, LogRecord, Sequence[object]], None] = _unheard
        """Told of each record that was applied, with its events."""
        self.repeats: Counter[BlockId] = Counter()
        self.corrections: Counter[BlockId] = Counter()
        """What events from `emit_from` on were beside new, by block, since this fold was made."""
        self.records = 0
        self.events = 0
        """What this fold has applied since it was made, for the metrics."""
        self._partitions = partitions
        self._packs = packs
        self._limit = limit
        self._halts = dict(halts)
        self._mended = dict(mended or {})
        self._released = frozenset(released)

    def restore(
        self,
        next_offset: int,
        blocks: Mapping[BlockId, BlockState],
        flags: Mapping[BlockId, Mapping[FlagId, Flag]],
    ) -> None:
        """Takes the place of what was applied: the state after the records below `next_offset`."""
        self.blocks = dict(blocks)
        self.flags = {block: dict(of_block) for block, of_block in flags.items()}
        self.dirty, self.unsaved = set(blocks), set()
        self.next_offset = next_offset
        self.unconfirmed = []

    def keep_halted(self, halted: Mapping[BlockId, Halt], *, engine_is_same: bool) -> None:
        """What an earlier owner halted, whose crashes were remembered elsewhere: halted still under its engine, mended under another."""
        for block, halt in halted.items():
            at = halt.place.offset
            if not engine_is_same:
                self._mended[block] = min(at, self._mended.get(block, at))
                continue
            if block not in self._halts or at < self._halts[block].place.offset:
                self._halts[block] = Crash(halt.place, halt.error)
            if at < self.next_offset:
                self.halted[block] = halt

    def unreleased(self, halted: Mapping[BlockId, Halt]) -> dict[BlockId, Halt]:
        """Those of the halts that no operator has ended."""
        return {
            block: halt for block, halt in halted.items() if (block, halt.place.offset) not in self._released
        }

    def halt_within(self, next_offset: int, halted: Mapping[BlockId, Halt]) -> BlockId | None:
        """A block of which a state after the records below `next_offset`, with these blocks halted, holds the event that the engine crashes
        at: the live ranking may crash at an event after it was applied, and saved."""
        for block, crash in self._halts.items():
            at = crash.place.offset
            if at < next_offset and (block not in halted or halted[block].place.offset > at):
                return block
        return None

    def apply(self, record: LogRecord) -> None:
        """Applies the record at `next_offset` or above it (a hole holds no record). Raises WrongPartition, MissingPack, EngineCrash,
        TooManyDeadLetters."""
        if record.offset < self.next_offset:
            raise ValueError(f"offset {record.offset} was applied before; the next one is {self.next_offset}")
        block = self._block_of(record)
        if self._is_halted(block, record):
            self.dirty.add(block)
        else:
            self._apply_to(block, record)
        self.next_offset = record.offset + 1

    def skip_to(self, offset: int) -> None:
        """Everything below `offset` was read, and there is no further record."""
        self.next_offset = max(self.next_offset, offset)

    def resume_emission_at(self, committed: int) -> None:
        """Called on gain: outputs caused below `committed` are acknowledged already, by this worker or another."""
        self.emit_from = committed
        self.unconfirmed = [output for output in self.unconfirmed if self._is_to_publish(output)]
        self.confirmed = max(self.confirmed, min(committed, self.next_offset))

    def confirm(self, count: int, upto: int) -> None:
        """The first `count` unconfirmed outputs, all those caused below offset `upto`, are acknowledged."""
        del self.unconfirmed[:count]
        self.confirmed = max(self.confirmed, upto)

    def _block_of(self, record: LogRecord) -> BlockId:
        block = BlockId(record.key.decode(errors="replace"))
        expected = partition_of(block, self._partitions)
        if expected != self.partition:
            raise WrongPartition(
                f"record {record.offset} of block {block} stands on partition {self.partition} but belongs on {expected}: "
                f"a writer has its own routing, or the number of partitions of {topics.EVENTS.name} was changed"
            )
        return block

    def _is_halted(self, block: BlockId, record: LogRecord) -> bool:
        crash = self._halts.get(block)
        if crash is None or record.offset < crash.place.offset:
            return False
        if block not in self.halted:
            self.halted[block] = halt_at(record, crash)
            self._dead_letter(
                record, Place(self.partition, record.offset, WHOLE_RECORD), halted_at(record, crash)
            )
        return True

    def _apply_to(self, block: BlockId, record: LogRecord) -> None:
        events = self._decode(record)
        state = self.blocks.get(block)
        self._require_packs(events, state)
        self.records += 1
        self.events += len(events)
        if state is None:
            state = self.blocks[block] = BlockState.new(block)
        begin_record(state, record.value)
        self.dirty.add(block)
        self.unsaved.add(block)
        carried: dict[BlockId, list[AnyEvent]] = {}
        index = 0
        while (index := self._apply_run(state, events, index, record)) < len(events):
            for carry in self._apply_one(state, events[index], index, record):
                carried.setdefault(carry.block, []).append(carry.event)
            index += 1
        for of, own in carried.items():
            self._carry(block, of, own, Place(self.partition, record.offset, len(events) - 1), record)
        self.on_applied(block, record, events)

    def _require_packs(self, events: Sequence[AnyEvent | Fault], state: BlockState | None) -> None:
        """That every pack that the record may need has been read: those that it activates, and those of a state that came from a checkpoint,
        which may be faster than the packs' topic. Raises `MissingPack`."""
        needed = [PackHash(event.data.pack) for event in events if type(event) is PackActivated]
        if state is not None:
            needed.extend(activation.pack for activation in state.activations)
        for pack in needed:
            if self._packs(pack) is None:
                raise MissingPack(pack)

    def _carry(
        self, block: BlockId, to: BlockId, events: Sequence[AnyEvent], cause: Place, record: LogRecord
    ) -> None:
        """Events for the log of a block that may be another worker's. Written again they are copies, which count once."""
        partition, trace = partition_of(to, self._partitions), trace_caused(record, cause)
        for value in record_values(events):
            self._emit(carried_output(block, to, value, cause, trace, partition))

    def _decode(self, record: LogRecord) -> list[AnyEvent] | list[AnyEvent | Fault]:
        try:
            return decode_record(record.value)
        except msgspec.DecodeError:
            return decode_one_by_one(record.value)

    def _apply_run(
        self, state: BlockState, events: Sequence[AnyEvent | Fault], index: int, record: LogRecord
    ) -> int:
        """Applies what needs no second look from `index` on; gives where that ends."""
        run = apply_run(state, events, Place(self.partition, record.offset, index), self._packs)
        if run.end > index:
            self._limit.applied(run.end - index)
        if (run.repeats or run.corrections) and record.offset >= self.emit_from:
            self.repeats[state.block] += run.repeats
            self.corrections[state.block] += run.corrections
        return run.end

    def _apply_one(
        self, state: BlockState, event: AnyEvent | Fault, index: int, record: LogRecord
    ) -> Sequence[Carry]:
        place = Place(self.partition, record.offset, index)
        if not isinstance(event, Fault):
            return self._apply_event(state, event, place, record)
        self._dead_letter(record, whole_record(place) if event.reason == BAD_RECORD else place, event)
        return ()

    def _apply_event(
        self, state: BlockState, event: AnyEvent, place: Place, record: LogRecord
    ) -> Sequence[Carry]:
        """Returns what goes into the logs of other blocks: what lineage carries over, what parents hear."""
        try:
            outcome = apply(state, event, place, self._packs)
        except NotApplicable as reason:
            body = msgspec.json.encode(event)
            fault = Fault(
                body, reason.reason, reason.detail, reason.hint, event.source, event.id, reason.kept
            )
            self._dead_letter(record, place, fault)
        except Exception as error:
            raise EngineCrash(state.block, place) from error
        else:
            self._limit.applied()
            if outcome.evaluation is not None or outcome.flags:
                self._collect(outcome, place, trace_caused(record, place))
            if outcome.effect is not None and place.offset >= self.emit_from:
                (self.repeats if outcome.effect == "repeat" else self.corrections)[state.block] += 1
            return outcome.carried
        return ()

    def _collect(self, outcome: Outcome, place: Place, trace: Trace | None) -> None:
        if outcome.evaluation is not None:
            self._emit(evaluation_output(outcome.evaluation, place, trace))
        for flag in outcome.flags:
            self.flags.setdefault(flag.block, {})[flag.id] = flag
            self._emit(flag_output(flag)._replace(trace=trace))

    def _dead_letter(self, record: LogRecord, place: Place, fault: Fault) -> None:
        letter = letter_of(record, place, fault)
        if record.offset >= self.emit_from and not fault.kept:
            self._limit.refused(letter)
        self._emit(letter_output(letter, record, trace_caused(record, place)))

    def _emit(self, output: Output) -> None:
        if self._is_to_publish(output):
            self.unconfirmed.append(output)

    def _is_to_publish(self, output: Output) -> bool:
        return output.cause.offset >= min(self.emit_from, self._mended.get(output.block, self.emit_from))


def _unheard(block: BlockId, record: LogRecord, events: Sequence[object]) -> None:
    """Nobody asks when."""
