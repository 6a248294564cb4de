"""Bad input: each kind has its own problem, nothing of it reaches the log, and a good event next to it still gets in."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from services.contracts.principals import Principals
from tests.door_samples import DEPARTMENT_KEY, NOW, UNIT_KEY, as_json, principal, report
from tests.unit.ingest.conftest import BATCH, STRUCTURED, TestDoor

DATA = {"indicator": "growth", "period": "2025-06"}
ATTRIBUTES = {f"ce_{name}": str(value) for name, value in report().items() if name != "data"}


class Case(NamedTuple):
    name: str
    status: int
    slug: str
    pointer: str | None
    content: Any
    content_type: str | None = STRUCTURED
    key: str = UNIT_KEY
    headers: Mapping[str, str] = MappingProxyType({})


def cases() -> Iterator[Case]:
    yield Case("malformed JSON", 400, "malformed-json", None, as_json(report())[:-1])
    yield Case("a malformed batch", 400, "malformed-json", None, b"[" + as_json(report()), BATCH)
    yield Case("no body", 400, "malformed-json", None, b"")
    yield Case("not UTF-8", 400, "malformed-json", None, as_json(report()).replace(b"n1", b"\xff"))
    yield Case("NaN", 400, "malformed-json", None, as_json(report()).replace(b"7.5", b"NaN"))
    yield Case("Infinity in a batch", 400, "malformed-json", None, b'[{"data":Infinity}]', BATCH)
    yield Case("deep nesting", 400, "malformed-json", None, b'{"a":' * 5_000 + b"1" + b"}" * 5_000)
    yield Case("deep nesting in a batch", 400, "malformed-json", None, b"[" * 50_000 + b"]" * 50_000, BATCH)
    yield Case("an object for a batch", 400, "malformed-json", None, report(), BATCH)
    yield Case("wrong content type", 415, "unsupported-media-type", None, report(), "text/plain")
    yield Case("no content type", 415, "unsupported-media-type", None, report(), None)
    yield Case(
        "bare JSON without ce headers", 415, "unsupported-media-type", None, report(), "application/json"
    )
    yield Case(
        "other charset", 415, "unsupported-media-type", None, report(), f"{STRUCTURED}; charset=windows-1258"
    )
    yield Case(
        "compressed",
        415,
        "unsupported-media-type",
        None,
        b"",
        STRUCTURED,
        headers={"content_encoding": "gzip"},
    )
    yield Case("unknown unit", 422, "unknown-unit", "/subject", report(subject="nobody"))
    yield Case(
        "unknown indicator",
        422,
        "unknown-indicator",
        "/data/indicator",
        report(data=DATA | {"indicator": "joy"}),
    )
    yield Case("unknown type", 422, "unknown-event-type", "/type", report(type="vn.thidua.praise.v1"))
    yield Case("an array for an event", 422, "bad-event", None, [])
    yield Case(
        "an event of 65 KB", 413, "event-too-large", None, report(data=DATA | {"note": "n" * 65 * 1024})
    )
    yield Case("a batch of 10,001", 413, "batch-too-large", None, [report()] * 10_001, BATCH)
    yield Case("a batch of over 8 MB", 413, "batch-too-large", None, b" " * (8 * 1024 * 1024 + 1), BATCH)
    yield Case("a wrong key", 401, "unauthenticated", None, report(), key="td_k1_wrong")
    yield Case("an unknown key", 401, "unauthenticated", None, report(), key="td_k9_wrong")
    yield Case("a key of no form", 401, "unauthenticated", None, report(), key="wrong")
    yield Case("a key for another unit", 403, "unit-not-yours", "/subject", report(subject="n2"))
    yield Case(
        "a source outside the prefix", 403, "source-outside-prefix", "/source", report(source="/demo/unit/2")
    )
    yield Case(
        "another key's source",
        403,
        "source-outside-prefix",
        "/source",
        report(source="/demo/unit/1"),
        key=DEPARTMENT_KEY,
    )
    yield Case(
        "a clock 11 minutes ahead",
        422,
        "clock-ahead",
        "/time",
        report(time=(NOW + timedelta(minutes=11)).isoformat()),
    )
    yield Case(
        "binary mode without ce-type",
        422,
        "bad-event",
        "/type",
        DATA | {"value": 1},
        "application/json",
        headers={name: value for name, value in ATTRIBUTES.items() if name != "ce_type"},
    )
    yield Case(
        "binary mode without a body", 400, "malformed-json", None, b"", "application/json", headers=ATTRIBUTES
    )


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
async def test_bad_input_has_its_own_problem_and_disturbs_nothing(door: TestDoor, case: Case) -> None:
    response = await door.push(case.content, case.content_type, case.key, **case.headers)
    problem = response.json()
    assert (response.status_code, problem["type"]) == (case.status, f"urn:thidua:problem:{case.slug}")
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == case.status
    assert (problem.get("pointer") or None) == case.pointer
    assert problem["title"]
    assert problem["detail"]
    assert problem["next"]
    assert door.log.records == []
    assert (await door.push(report(id="good"))).json()["status"] == "accepted"


@pytest.mark.parametrize(
    "bad",
    [
        report(id="bad", subject="nobody"),
        report(id="bad", data=DATA | {"note": "n" * 65 * 1024}),
        report(id="bad", type="vn.thidua.praise.v1"),
        report(id="bad", source="/demo/unit/2"),
        17,
    ],
    ids=["unknown unit", "65 KB", "unknown type", "outside the prefix", "a number"],
)
async def test_a_bad_event_does_not_keep_its_neighbours_out(door: TestDoor, bad: Any) -> None:
    response = await door.push([report(id="before"), bad, report(id="after")], BATCH)
    assert response.status_code == 207
    assert [event.id for event in door.logged()] == ["before", "after"]


async def test_an_event_that_is_no_utf8_does_not_keep_its_neighbours_out(door: TestDoor) -> None:
    bad = as_json(report(id="bad")).replace(b"n1", b"\xff\xfe")
    body = b",".join([as_json(report(id="before")), bad, as_json(report(id="after"))])
    response = await door.push(b"[" + body + b"]", BATCH)
    assert [event.id for event in door.logged()] == ["before", "after"]
    assert response.json()["results"][1]["problem"]["type"] == "urn:thidua:problem:malformed-json"


async def test_a_full_batch_of_10000_is_taken(door: TestDoor) -> None:
    response = await door.push([report(id=str(number)) for number in range(10_000)], BATCH)
    assert response.json()["accepted"] == 10_000


async def test_the_last_of_a_key_that_stands_twice_goes_on_alone(door: TestDoor) -> None:
    await door.push(as_json(report()).replace(b'"value":7.5', b'"value":7.5,"value":8'))
    assert door.log.records[0].value.count(b'"value"') == 1
    assert b'"value":8' in door.log.records[0].value


async def test_no_key_at_all_is_told_with_the_scheme(door: TestDoor) -> None:
    response = await door.http.post(
        "/v1/events", content=as_json(report()), headers={"content-type": STRUCTURED}
    )
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_revoked_key_opens_nothing(door: TestDoor) -> None:
    door.tables.principals.put(principal(revoked=NOW))
    assert (await door.push(report())).status_code == 401


async def test_a_removed_key_opens_nothing(door: TestDoor) -> None:
    door.tables.principals.remove("k1")
    assert (await door.push(report())).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [("GET", "/nowhere", 404, "not-found"), ("PUT", "/v1/events", 405, "method-not-allowed")],
)
async def test_unknown_addresses_and_methods_are_problems_too(
    door: TestDoor, method: str, path: str, status: int, slug: str
) -> None:
    response = await door.http.request(method, path)
    assert (response.status_code, response.json()["type"]) == (status, f"urn:thidua:problem:{slug}")
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_fault_of_the_door_shows_no_traceback(
    door: TestDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Principals, authorization: str | None) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(Principals, "authenticate", broken)
    response = await door.push(report())
    assert (response.status_code, response.json()["type"]) == (500, "urn:thidua:problem:internal-fault")
    assert response.json()["instance"].startswith("urn:thidua:request:")
    assert "secret" not in response.text


@pytest.mark.parametrize("body", [b"", b" \n"])
@pytest.mark.parametrize("content_type", [STRUCTURED, BATCH])
async def test_an_empty_body_is_called_empty(door: TestDoor, body: bytes, content_type: str) -> None:
    assert (await door.push(body, content_type)).json()["detail"] == "The body is empty."
