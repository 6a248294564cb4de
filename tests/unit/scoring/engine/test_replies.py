"""Replies: the unit may answer first; its words stay on the flag, through decisions and evaluations."""

from services.contracts.flags import FlagReply
from services.contracts.results import encode_result
from tests.unit.scoring.engine.acts import decision, reply
from tests.unit.scoring.engine.events import at
from tests.unit.scoring.engine.log.test_holds import Months


def behind(months: Months) -> str:
    return next(flag.id for flag in months.month() if flag.kind == "underperformer")


def test_a_reply_stands_between_the_proposal_and_the_decision() -> None:
    months = Months()
    flag = behind(months)
    (replied,) = months.add(reply(flag, id="r1"))
    assert replied.state == "replied"
    assert replied.reply == FlagReply(
        "/test/reply", "r1", at("2025-03-02"), "The register was late.", ["https://example.org/register"]
    )
    (confirmed,) = months.add(decision(flag, "confirm"))
    assert (confirmed.state, confirmed.reply) == ("confirmed", replied.reply)


def test_a_reply_stays_while_the_figures_follow_the_evaluations() -> None:
    months = Months()
    flag = behind(months)
    (replied,) = months.add(reply(flag))
    updated = next(one for one in months.month() if one.id == flag)
    assert (updated.state, updated.period, updated.reply) == ("replied", "2025-02", replied.reply)


def test_the_newest_reply_counts_and_a_copy_of_the_older_one_does_not_return() -> None:
    months = Months()
    flag = behind(months)
    older = reply(flag, "One.", id="r1")
    months.add(older, reply(flag, "Two.", id="r2"))
    assert months.add(older) == []
    kept = next(one for one in months.log.state.flags.values() if one.id == flag)
    assert isinstance(kept.reply, FlagReply) and kept.reply.text == "Two."


def test_a_reply_after_the_decision_is_kept_beside_it() -> None:
    months = Months()
    flag = behind(months)
    months.add(decision(flag, "confirm"))
    (kept,) = months.add(reply(flag))
    assert kept.state == "confirmed" and isinstance(kept.reply, FlagReply)


def test_a_copy_of_an_older_decision_does_not_undo_a_newer_one() -> None:
    months = Months()
    flag = behind(months)
    months.add(decision(flag, "dismiss", id="d1"), decision(flag, "confirm", id="d2"))
    assert months.add(decision(flag, "dismiss", id="d1")) == []


def test_a_reply_to_a_flag_that_does_not_stand_is_refused() -> None:
    months = Months()
    behind(months)
    months.add(reply("test/b1:leader:u1:0"))
    assert [refusal.reason for refusal in months.log.refused] == ["unknown-flag"]


def test_a_flag_without_a_reply_says_nothing_of_one() -> None:
    body = encode_result(Months().month()[0])
    assert b'"reply"' not in body and b'"hold"' not in body
