"""The loop: reads flags, gathers them into occasions, has them delivered, commits behind what is recorded."""

from collections.abc import Callable
from typing import Final

import structlog

from services.alerting.courier import Courier
from services.alerting.escalation import Escalation
from services.alerting.occasions import Gathering, occasion_of
from services.alerting.ports import FlagLog
from services.contracts.flags import decode_flag
from services.contracts.following import Record

POLL_S: Final = 0.2
"""Bounds how late a settled occasion, a retry or a stop is noticed."""

_log = structlog.get_logger("thidua.alerting")


class Alerting:
    """One thread. Every exception must end the process: what was not recorded is read again."""

    def __init__(
        self,
        flags: FlagLog,
        gathering: Gathering,
        courier: Courier,
        escalation: Escalation,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._flags = flags
        self._gathering = gathering
        self._courier = courier
        self._escalation = escalation
        self._monotonic_s = monotonic_s
        self._committed: dict[int, int] = {}

    def turn(self) -> None:
        """One turn of the loop: what was cut off or failed goes first."""
        self._courier.resume()
        for record in self._flags.poll(POLL_S):
            self._take(record)
        for occasion in self._gathering.settled(self._monotonic_s()):
            self._courier.deliver(occasion)
            self._gathering.close(occasion)
        self._escalation.run()
        self._commit()

    def _take(self, record: Record) -> None:
        if record.value is None:
            return
        try:
            flag = decode_flag(record.value)
        except ValueError as error:
            _log.warning(
                "flag cannot be read", partition=record.partition, offset=record.offset, error=str(error)
            )
            return
        key = occasion_of(flag)
        if self._gathering.note(flag) and key is not None and self._courier.is_news(key, flag):
            self._gathering.add(flag, record.partition, record.offset, self._monotonic_s())

    def _commit(self) -> None:
        recorded = self._gathering.committable(self._flags.positions())
        if moved := {number: at for number, at in recorded.items() if self._committed.get(number) != at}:
            self._flags.commit(moved)
            self._committed |= moved
