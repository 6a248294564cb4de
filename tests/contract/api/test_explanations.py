"""`/v1/evaluations/{id}/units/{unit}/explanation`, and the page that shows the same."""

from decimal import Decimal

import httpx
import msgspec
import pytest

from services.contracts.ids import UnitId
from services.contracts.results import Evaluation, Halt, OriginFigure
from services.scoring.engine import rank_live
from tests.support.api import FedApi
from tests.support.explained import two_months


@pytest.fixture
def made(api: FedApi) -> list[Evaluation]:
    _, compiled, evaluations = two_months()
    api.live.apply(api.topics.pack(compiled))
    for evaluation in evaluations:
        api.feed(api.store.add(evaluation))
    return evaluations


def address(evaluation: Evaluation, unit: str) -> str:
    return f"/v1/evaluations/{evaluation.id}/units/{unit}/explanation"


async def test_the_parts_add_up_to_the_published_score(
    made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    told = (await client.get(address(made[1], "u2"))).json()
    parts = [
        line["points"] for line in told["lines"] if line["kind"] != "group" and line["points"] is not None
    ]
    assert sum(Decimal(str(points)) for points in parts) == Decimal(str(told["score"]))
    assert told["score"] == next(row.score for row in made[1].units if row.unit == "u2")
    water = next(line for line in told["lines"] if line["id"] == "water")
    assert (water["actual"], water["target"], water["event"]) == (67.0, 100.0, "u2-water-2")


async def test_the_change_is_told_against_the_evaluation_before(
    made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    told = (await client.get(address(made[1], "u3"))).json()
    assert told["change"]["evaluation"] == made[0].id
    assert [part["id"] for part in told["change"]["parts"]] == ["water", "poor", "models"]
    first = (await client.get(address(made[0], "u3"))).json()
    assert (first["change"], first["no_change"]) == (None, "no_earlier_evaluation")


async def test_an_answer_that_is_known_is_not_sent_again(
    made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    tag = (await client.get(address(made[1], "u1"))).headers["etag"]
    assert (await client.get(address(made[1], "u1"), headers={"If-None-Match": tag})).status_code == 304


async def test_what_is_not_there_is_said(made: list[Evaluation], client: httpx.AsyncClient) -> None:
    unknown = msgspec.structs.replace(made[0], id="f" * 32)  # type: ignore[arg-type] # an EvaluationId is a str
    assert (await client.get(address(unknown, "u1"))).status_code == 404
    answer = await client.get(address(made[0], "u9"))
    assert (answer.status_code, answer.json()["detail"]) == (404, "u9 is not in test/b1 in 2025-01.")


async def test_a_score_that_its_figures_do_not_make_up_is_not_explained_away(
    api: FedApi, made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    rows = [msgspec.structs.replace(row, score=99.0) for row in made[0].units]
    api.store.add(msgspec.structs.replace(made[0], units=rows))
    answer = await client.get(address(made[0], "u1"))
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "result-unexplained")


async def test_without_the_store_the_answer_says_when_to_ask_again(
    api: FedApi, made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    api.store.down = True
    answer = await client.get(address(made[1], "u1"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


# --- the page -----------------------------------------------------------------------------------------------------------------


def page(evaluation: Evaluation, unit: str, **more: str) -> str:
    query = "".join(f"&{key}={value}" for key, value in more.items())
    return f"/units/test/{unit}?evaluation={evaluation.id}{query}"


async def test_the_scorecard_shows_rank_score_criteria_and_gaps_in_vietnamese(
    made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    answer = await client.get(page(made[1], "u2"))
    assert answer.status_code == 200
    text = answer.text
    for words in (
        "U2",
        "trên 3 đơn vị được xếp hạng",
        "52,83",
        "Đời sống",
        "So với đơn vị xếp ngay trên",
        "−3,34",
    ):
        assert words in text
    assert "Mô hình &lt;mới&gt;" in text and "<mới>" not in text
    assert " style=" not in text and "<script" not in text


async def test_the_scorecard_speaks_english_when_asked(
    made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    text = (await client.get(page(made[1], "u2", lang="en"))).text
    assert "Against the unit above" in text and "52.83" in text and "So với" not in text


async def test_a_missing_figure_is_said_and_drawn(made: list[Evaluation], client: httpx.AsyncClient) -> None:
    text = (await client.get(page(made[1], "u3"))).text
    assert "quá hạn, tính 0 điểm" in text and 'data-state="not_reported"' in text


async def test_what_another_origin_reported_is_said_beside_the_figure(
    api: FedApi, made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    found = OriginFigure(UnitId("u2"), "water", "department", 61.5)
    api.store.add(msgspec.structs.replace(made[1], origins=[found]))
    assert "sở, ngành báo 61,5" in (await client.get(page(made[1], "u2"))).text
    assert "the department reports 61.5" in (await client.get(page(made[1], "u2", lang="en"))).text
    assert "sở, ngành báo" not in (await client.get(page(made[1], "u1"))).text


async def test_a_simulated_scorecard_says_so(api: FedApi, client: httpx.AsyncClient) -> None:
    _, compiled, evaluations = two_months(simulated=True)
    api.live.apply(api.topics.pack(compiled))
    api.feed(api.store.add(evaluations[0]))
    assert "MÔ PHỎNG" in (await client.get(page(evaluations[0], "u1"))).text


async def test_the_live_scorecard_stands_while_the_store_is_down(
    api: FedApi, made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    log, *_ = two_months()
    live = rank_live(log.state, log.packs, None)
    assert live is not None
    api.feed(live[0])
    text = (await client.get("/units/test/u1")).text
    assert "xếp hạng trực tiếp" in text
    assert (
        f'href="/units/test/u1?evaluation={made[1].id}&amp;lang=vi">Đánh giá gần nhất: tháng 2/2025' in text
    )
    api.store.down = True
    answer = await client.get("/units/test/u1")
    assert answer.status_code == 200 and "chưa trả lời" in answer.text


async def test_a_unit_that_is_nowhere_is_not_found(made: list[Evaluation], client: httpx.AsyncClient) -> None:
    assert (await client.get("/units/test/u9")).status_code == 404
    assert (await client.get(f"/units/other/u1?evaluation={made[0].id}")).status_code == 404


async def test_the_live_scorecard_of_a_block_that_stands_still_says_so_and_an_official_one_does_not(
    api: FedApi, made: list[Evaluation], client: httpx.AsyncClient
) -> None:
    log, *_ = two_months()
    live = rank_live(log.state, log.packs, None)
    assert live is not None
    halt = Halt("engine_crashed", live[0].cause, live[0].as_of, "KeyError")
    api.feed(msgspec.structs.replace(live[0], halted=True, halt=halt))
    strip = '<p class="haltbar" id="halt">'
    text = (await client.get("/units/test/u1")).text
    assert (strip in text, "Bảng đứng yên từ" in text, "KeyError" in text) == (True, True, False)
    assert strip not in (await client.get(page(made[1], "u1"))).text
