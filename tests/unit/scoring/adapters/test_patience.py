"""A client that finds no broker does not ask again at once."""

import time

import pytest
from aiokafka.client import AIOKafkaClient

from services.scoring.adapters.patience import PAUSE_S, be_patient


async def test_after_a_look_that_found_nothing_a_client_pauses_and_after_one_that_did_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([False, True])

    async def ask(_client: object, _cluster: object, _topics: object) -> bool:
        return next(answers)

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", ask)
    be_patient()
    began = time.monotonic()
    assert not await AIOKafkaClient._metadata_update(None, None, None)
    assert time.monotonic() - began >= PAUSE_S
    began = time.monotonic()
    assert await AIOKafkaClient._metadata_update(None, None, None)
    assert time.monotonic() - began < PAUSE_S
