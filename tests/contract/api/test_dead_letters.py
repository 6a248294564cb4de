"""`/v1/dead-letters` and `/v1/halts`: what was refused after the door, what came of it, and which blocks stand still."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from services.contracts.event_data import Place
from services.contracts.ids import BlockId, CampaignId
from services.contracts.principals import Principal, Role, encode_principal, issue_key
from services.contracts.results import DeadLetter, Halt
from services.contracts.stored_rows import StoredAppearance
from services.contracts.topics import PRINCIPALS
from tests.support.api import FakeStore, FedApi
from tests.support.boards import NOON, BoardBuilder, Clock

EVENT = b'{"id":"r1","source":"//u","subject":"u001","data":{"note":"12,5"}}'


def letter(n: int, reason: str = "unknown-unit", body: bytes = EVENT, block: str = "mau/main") -> DeadLetter:
    at = NOON + timedelta(seconds=n)
    return DeadLetter("campaign.events", Place(3, n, 0), block, reason, "no such unit", "mend it", body, at)


def key(api: FedApi, role: Role, campaign: str = "mau") -> dict[str, str]:
    issued = issue_key()
    holder = Principal(
        id=issued.id,
        name="n",
        campaign=CampaignId(campaign),
        role=role,
        origin="department",
        source_prefix="//n",
        key_hash=issued.key_hash,
        issued=NOON,
    )
    api.live.apply(api.topics.raw(PRINCIPALS.name, issued.id, encode_principal(holder)))
    return {"Authorization": f"Bearer {issued.key}"}


async def listed(client: httpx.AsyncClient, **query: str | int) -> Any:
    answer = await client.get("/v1/dead-letters", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def offsets(page: Any) -> list[int]:
    return [one["place"][1] for one in page["letters"]]


async def test_letters_are_listed_newest_first_page_by_page(api: FedApi, client: httpx.AsyncClient) -> None:
    api.feed(*(letter(n) for n in range(5)))
    first = await listed(client, limit=2)
    second = await listed(client, limit=2, after=first["next"])
    api.feed(letter(9))  # what comes in between shifts no page
    third = await listed(client, limit=2, after=second["next"])
    assert [offsets(page) for page in (first, second, third)] == [[4, 3], [2, 1], [0]]
    assert third["next"] is None
    assert (third["held"], third["oldest"]) == (6, "2026-11-24T05:00:00Z")
    assert "bytes" not in first["letters"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"reason": "bad-event"}, [2]),
        ({"unit": "u001"}, [3, 1]),
        ({"block": "mau/main"}, [2, 1]),
        ({"campaign": "mau", "block": "other"}, [3]),
        ({"campaign": "another"}, []),
        ({"service": "storage"}, []),
        ({"since": "2026-11-24T05:00:02Z"}, [3, 2]),
    ],
)
async def test_letters_are_found_by_what_they_are_about(
    api: FedApi, client: httpx.AsyncClient, query: dict[str, str], found: list[int]
) -> None:
    api.feed(letter(1), letter(2, "bad-event", b"{"), letter(3, block="mau/other"))
    assert offsets(await listed(client, **query)) == found


@pytest.mark.parametrize(
    "query",
    [{"after": "x"}, {"after": "2026-11-24~a:1:2:3"}, {"since": "2026-11-24T05:00:02"}, {"limit": "0"}],
)
async def test_a_parameter_of_a_wrong_form_is_named(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await client.get("/v1/dead-letters", params=query)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:thidua:problem:bad-parameter")
    assert next(iter(query)) in answer.json()["detail"]


async def test_counts_tell_each_reason_by_the_minute(
    api: FedApi, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.feed(letter(1), letter(2), letter(3, "bad-event", b"{"))
    reasons = (await client.get("/v1/dead-letters/counts")).json()["reasons"]
    assert [(one["reason"], one["held"], one["per_minute"]) for one in reasons] == [
        ("bad-event", 1, 1),
        ("unknown-unit", 2, 2),
    ]


@pytest.mark.parametrize("role", ["office", "council"])
async def test_the_office_and_the_council_see_the_bytes(
    api: FedApi, client: httpx.AsyncClient, role: Role
) -> None:
    api.feed(letter(1))
    whole = (await client.get("/v1/dead-letters/campaign.events:3:1:0", headers=key(api, role))).json()
    assert whole["bytes"] == b64encode(EVENT).decode()
    assert '"note": "12,5"' in whole["text"]
    assert whole["withheld"] is None
    assert whole["replay"] == "thidua dead-letters replay 3:1:0"


async def test_nobody_else_sees_them(api: FedApi, client: httpx.AsyncClient) -> None:
    api.feed(letter(1))
    address = "/v1/dead-letters/campaign.events:3:1:0"
    without = await client.get(address)
    assert "12,5" not in without.text
    assert (without.json()["bytes"], without.json()["hint"]) == (None, "mend it")
    assert "Authorization" in without.json()["withheld"]
    for role, campaign, status in (
        ("unit", "mau", 403),
        ("department", "mau", 403),
        ("office", "another", 403),
    ):
        answer = await client.get(address, headers=key(api, role, campaign))  # type: ignore[arg-type]
        assert (answer.status_code, "12,5" in answer.text) == (status, False)
    assert (await client.get(address, headers={"Authorization": "Bearer td_a_b"})).status_code == 401


async def test_a_letter_tells_whether_its_event_came_again_and_counted(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    api.feed(letter(5))
    refused = StoredAppearance(3, 7, 0, NOON, "unknown-unit")
    address = "/v1/dead-letters/campaign.events:3:5:0"

    async def told(*later: StoredAppearance) -> tuple[bool | None, bool | None]:
        api.store.places[BlockId("mau/main"), "//u", "r1"] = [
            StoredAppearance(3, 5, 0, NOON, "unknown-unit"),
            *later,
        ]
        whole = (await client.get(address)).json()
        return whole["replayed"], whole["counted"]

    assert await told() == (False, False)
    assert await told(refused) == (True, False)
    assert await told(refused, StoredAppearance(3, 9, 0, NOON, "")) == (True, True)
    api.store.down = True
    assert await told() == (None, None)


async def test_the_store_looks_for_the_event_from_the_letter_on_and_not_through_the_whole_log(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    asked: list[tuple[str, str, str, Place]] = []

    class Asked(FakeStore):
        def appearances(self, block: BlockId, source: str, id: str, since: Place) -> list[StoredAppearance]:
            asked.append((block, source, id, since))
            return []

    api.live.store = Asked()
    api.feed(letter(5))
    await client.get("/v1/dead-letters/campaign.events:3:5:0")
    assert asked == [("mau/main", "//u", "r1", Place(3, 5, 0))]


async def test_a_letter_that_is_not_held_names_the_command_that_has_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/dead-letters/campaign.events:3:5:0")
    assert (answer.status_code, "thidua dead-letters show" in answer.json()["next"]) == (404, True)


async def test_blocks_and_units_tell_how_many_letters_they_have_of_a_day(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.feed(letter(1), letter(2), letter(3, "bad-event", b"{"))
    clock.turn(seconds=10)
    assert [one["dead_letters"] for one in (await client.get("/v1/blocks")).json()] == [3]
    assert (await client.get("/v1/units/mau/u001")).json()["dead_letters"] == 2
    clock.turn(hours=24)
    assert [one["dead_letters"] for one in (await client.get("/v1/blocks")).json()] == [0]


# --- halts ---------------------------------------------------------------------------------------------------------------------

HALT = Halt("engine_crashed", Place(3, 101, 2), NOON, "ZeroDivisionError: by zero")


async def test_a_halted_block_says_where_since_when_and_what_to_do(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/v1/halts")).json() == []
    halted = msgspec.structs.replace(board.ranking(), halted=True, halt=HALT)
    api.feed(halted)
    (told,) = (await client.get("/v1/halts")).json()
    assert (told["block"], told["why"], told["place"]) == (board.block, "engine_crashed", [3, 101, 2])
    assert (told["since"], told["shown"]) == ("2026-11-24T05:00:00Z", "2026-11-24T05:00:00Z")
    assert (told["error"], told["engine"]) == ("ZeroDivisionError: by zero", "engine/1")
    assert "mends the fault" in told["next"]
    assert (await client.get("/v1/blocks")).json()[0]["halted_since"] == "2026-11-24T05:00:00Z"
    assert (await client.get(f"/v1/blocks/{board.block}/ranking")).json()["halted_since"] == told["since"]

    api.feed(board.ranking())  # the same cause, from a mended engine
    assert (await client.get("/v1/halts")).json() == []
    assert (await client.get("/v1/blocks")).json()[0]["halted_since"] is None


async def test_a_worker_that_dead_letters_stopped_is_a_halt_with_another_remedy(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    stop = Halt("too_many_refused", Place(3, 150, 0), NOON, "1000 events in a row were refused")
    api.feed(msgspec.structs.replace(board.ranking(), halted=True, halt=stop))
    (told,) = (await client.get("/v1/halts")).json()
    assert "THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW" in told["next"]
    assert f"dead-letters list --block {board.block}" in told["next"]


async def test_a_block_that_halted_before_it_had_a_ranking_is_told_by_its_letter(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(letter(4, "block-halted", block="mau/new"), letter(5, "block-halted", block="mau/main"))
    (told,) = (await client.get("/v1/halts")).json()
    assert (told["block"], told["place"], told["shown"]) == ("mau/new", [3, 4, 0], None)
    whole = (await client.get("/v1/dead-letters/" + quote("campaign.events:3:4:0"))).json()
    assert whole["replay"] is None


async def test_the_description_has_an_example_of_each(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for path in ("/v1/dead-letters", "/v1/dead-letters/counts", "/v1/dead-letters/{letter}", "/v1/halts"):
        content = paths[path]["get"]["responses"]["200"]["content"]
        assert content["application/json"]["example"], path
