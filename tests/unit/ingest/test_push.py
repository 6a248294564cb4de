"""What the door answers to good events: one result for each, in order, after the log has them."""

import msgspec
import pytest

from services.contracts.events import MAX_RECORD_BYTES, decode_record
from services.ingest.shares import Shares
from tests.door_samples import DEPARTMENT_KEY, report
from tests.unit.ingest.conftest import BATCH, STRUCTURED, TestDoor


def numbered(count: int, **changes: object) -> list[dict[str, object]]:
    return [report(id=f"r-{number}", **changes) for number in range(count)]


def by_department(count: int, subject: str) -> list[dict[str, object]]:
    return [report(id=f"{subject}-{n}", subject=subject, source="/demo/department/1") for n in range(count)]


async def test_one_event_in_structured_mode(door: TestDoor) -> None:
    response = await door.push(report(), "application/cloudevents+json; charset=UTF-8")
    assert response.status_code == 200
    assert response.json() == {"index": 0, "id": "r-1", "status": "accepted", "block": "demo/north"}
    assert [event.id for event in door.logged()] == ["r-1"]


async def test_one_event_in_binary_mode(door: TestDoor) -> None:
    attributes = {
        f"ce_{name}": str(value) for name, value in report(id="%C4%91%201").items() if name != "data"
    }
    response = await door.push(report()["data"], "application/json; charset=utf-8", **attributes)
    assert response.json()["status"] == "accepted"
    [event] = door.logged()
    assert (event.id, event.subject, event.origin) == ("đ 1", "n1", "self")


async def test_data_in_binary_mode_cannot_reach_into_the_attributes(door: TestDoor) -> None:
    attributes = {f"ce_{name}": str(value) for name, value in report().items() if name != "data"}
    response = await door.push(b'{"indicator":"growth"},"subject":"n2"', "application/json", **attributes)
    assert response.json()["type"] == "urn:thidua:problem:malformed-json"


async def test_results_stand_in_the_order_of_the_events(door: TestDoor) -> None:
    good, bad = report(id="a"), report(id="b", subject="nobody")
    response = await door.push([bad, good, bad, good | {"id": "c"}], BATCH)
    assert response.status_code == 207
    answer = response.json()
    assert [(r["index"], r["id"], r["status"]) for r in answer["results"]] == [
        (0, "b", "rejected"),
        (1, "a", "accepted"),
        (2, "b", "rejected"),
        (3, "c", "accepted"),
    ]
    assert (answer["accepted"], answer["rejected"], answer["duplicate"]) == (2, 2, 0)
    problem = answer["results"][0]["problem"]
    assert (problem["type"], problem["pointer"]) == ("urn:thidua:problem:unknown-unit", "/subject")
    assert problem["next"]


async def test_nothing_rejected_is_200(door: TestDoor) -> None:
    assert (await door.push(numbered(3), BATCH)).status_code == 200


async def test_everything_rejected_is_422_with_its_results(door: TestDoor) -> None:
    response = await door.push(numbered(2, subject="nobody"), BATCH)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:thidua:problem:batch-rejected"
    assert [result["status"] for result in response.json()["results"]] == ["rejected", "rejected"]
    assert door.log.records == []


async def test_an_empty_batch_is_answered_with_no_results(door: TestDoor) -> None:
    response = await door.push(b"[]", BATCH)
    assert (response.status_code, response.json()["results"]) == (200, [])


async def test_a_request_makes_one_record_for_each_block(door: TestDoor) -> None:
    mixed = [
        event for pair in zip(by_department(3, "n1"), by_department(3, "s1"), strict=True) for event in pair
    ]
    await door.push(mixed, BATCH, DEPARTMENT_KEY)
    ids = {record.block: [event.id for event in decode_record(record.value)] for record in door.log.records}
    assert ids == {"demo/north": ["n1-0", "n1-1", "n1-2"], "demo/south": ["s1-0", "s1-1", "s1-2"]}


async def test_records_are_split_below_their_limit_and_keep_the_order(door: TestDoor) -> None:
    note = {"indicator": "growth", "period": "2025-06", "value": 1, "note": "n" * 4_000}
    response = await door.push(numbered(300, data=note), BATCH)
    assert response.json()["accepted"] == 300
    assert len(door.log.records) > 2
    assert all(len(record.value) <= MAX_RECORD_BYTES for record in door.log.records)
    assert [event.id for event in door.logged()] == [f"r-{number}" for number in range(300)]


async def test_the_same_event_again_is_a_duplicate_and_is_not_appended(door: TestDoor) -> None:
    await door.push(report())
    again = await door.push(report())
    assert again.json() == {"index": 0, "id": "r-1", "status": "duplicate", "block": "demo/north"}
    assert len(door.logged()) == 1


async def test_the_same_event_twice_in_a_batch_is_a_duplicate(door: TestDoor) -> None:
    answer = (await door.push([report(), report()], BATCH)).json()
    assert [result["status"] for result in answer["results"]] == ["accepted", "duplicate"]
    assert answer["duplicate"] == 1
    assert len(door.logged()) == 1


async def test_the_same_id_with_another_figure_is_for_the_fold_to_decide(door: TestDoor) -> None:
    await door.push(report())
    other = report(data={"indicator": "growth", "period": "2025-06", "value": 8})
    assert (await door.push(other)).json()["status"] == "accepted"
    assert len(door.logged()) == 2


async def test_a_known_duplicate_stays_one_when_the_pack_has_changed(door: TestDoor) -> None:
    await door.push(report())
    pack = small_pack_without_n1()
    door.tables.packs.put(pack)
    assert (await door.push(report())).json()["status"] == "duplicate"
    assert (await door.push(report(id="r-2"))).json()["type"] == "urn:thidua:problem:unknown-unit"


def small_pack_without_n1() -> bytes:
    from services.contracts.pack.compiled import compile_pack
    from tests.door_samples import small_pack

    pack = small_pack().pack
    return compile_pack(pack.model_copy(update={"units": tuple(u for u in pack.units if u.id != "n1")})).body


async def test_what_was_not_acknowledged_is_no_duplicate_when_it_comes_again(door: TestDoor) -> None:
    door.log.goes_down()
    refused = await door.push(report())
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "2"
    assert refused.json()["type"] == "urn:thidua:problem:log-unavailable"
    door.log.comes_back()
    assert (await door.push(report())).json()["status"] == "accepted"


async def test_limits_show_what_the_key_may_send(door: TestDoor) -> None:
    response = await door.http.get("/v1/limits", headers={"authorization": f"bearer {door.keys['unit']}"})
    limits = response.json()
    assert limits["principal"]["source_prefix"] == "/demo/unit/1"
    assert limits["principal"]["units"] == 1
    assert limits["principal"]["types"] == [
        "vn.thidua.fact.v1",
        "vn.thidua.reply.v1",
        "vn.thidua.report.v1",
        "vn.thidua.retraction.v1",
    ]
    assert (limits["max_event_bytes"], limits["max_batch_events"]) == (65536, 10_000)
    assert (limits["events_per_s"], limits["burst_events"]) == (2_000, 10_000)


async def test_a_key_that_sends_more_than_its_share_is_told_when_to_come_again_and_the_others_go_on(
    door: TestDoor,
) -> None:
    door.door.shares = Shares(door.door.settings, door.door.metrics, door.log, monotonic_s=lambda: 0.0)
    batch = [report(id=f"many-{n}") for n in range(8_000)]
    assert (await door.push(batch, BATCH)).status_code == 200
    assert (await door.push(batch, BATCH)).status_code == 200  # duplicates cost credit too
    refused = await door.push(report(id="one-more"))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    assert refused.json()["type"] == "urn:thidua:problem:too-much-at-once"
    others = await door.push(by_department(1, "n1"), BATCH, DEPARTMENT_KEY)
    assert others.status_code == 200
    assert "one-more" not in {event.id for event in door.logged()}


async def test_an_answer_carries_the_callers_request_id(door: TestDoor) -> None:
    response = await door.push(report(), STRUCTURED, x_request_id="abc-1")
    assert response.headers["x-request-id"] == "abc-1"


@pytest.mark.parametrize("odd", ["has spaces", "x" * 65, 'quo"te'])
async def test_an_ill_formed_request_id_is_replaced(door: TestDoor, odd: str) -> None:
    response = await door.push(report(), STRUCTURED, x_request_id=odd)
    assert response.headers["x-request-id"] not in ("", odd)


async def test_the_door_is_ready_when_log_and_tables_are_there(door: TestDoor) -> None:
    assert (await door.http.get("/readyz")).status_code == 200
    door.log.goes_down()
    refused = await door.http.get("/readyz")
    assert (refused.status_code, "the log" in refused.json()["detail"]) == (503, True)
    assert (await door.http.get("/livez")).status_code == 200


async def test_before_the_keys_are_read_the_door_is_not_ready_instead_of_calling_a_key_unknown(
    door: TestDoor,
) -> None:
    door.are_tables_known = False
    refused = await door.push(report())
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:thidua:problem:not-ready")
    assert "retry-after" in refused.headers


async def test_every_event_in_the_log_bears_the_doors_stamps(door: TestDoor) -> None:
    await door.push([report(id="a", principal="x", origin="automatic")], BATCH)
    stamped = msgspec.to_builtins(door.logged()[0])
    assert (stamped["principal"], stamped["origin"]) == ("k1", "self")
    assert stamped["receivedtime"].startswith("2025-07-05T08:00:00")


async def test_a_record_carries_the_trace_of_its_request(door: TestDoor) -> None:
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await door.push(report(), STRUCTURED, traceparent=given)
    (trace,) = door.log.traces
    assert trace is not None
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.parent_id != "00f067aa0ba902b7"


async def test_the_metrics_count_events_by_what_became_of_them(door: TestDoor) -> None:
    batch = [report(id="one"), report(id="one"), report(id="two", subject="nobody")]
    await door.push(batch, BATCH)
    text = (await door.http.get("/metrics")).text
    for outcome in ("accepted", "duplicate", "rejected"):
        assert f'thidua_ingest_events_total{{outcome="{outcome}"}} 1.0' in text
    assert 'thidua_http_requests_total{status="207"} 1.0' in text


@pytest.mark.parametrize("subject", ["n1", "nobody"])
async def test_every_answer_ends_with_a_newline(door: TestDoor, subject: str) -> None:
    assert (await door.push(report(subject=subject))).content.endswith(b"}\n")
