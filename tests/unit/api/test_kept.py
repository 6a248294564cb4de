"""An answer serves for a while, whoever asks, and a refusal is no answer."""

import threading

import pytest

from services.api.kept import Kept


def test_an_answer_is_made_once_in_a_while_for_each_question() -> None:
    now, made = [0.0], []
    kept = Kept(lambda question: made.append(question) or len(made), 1.0, lambda: now[0])
    assert [kept.of("a"), kept.of("b"), kept.of("a")] == [1, 2, 1]
    now[0] = 0.9
    assert kept.of("a") == 1
    now[0] = 1.0
    assert [kept.of("a"), kept.of("a"), made] == [3, 3, ["a", "b", "a"]]


def test_what_could_not_be_answered_is_asked_again() -> None:
    answers = iter([ZeroDivisionError(), 7])

    def make(_: str) -> int:
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    kept = Kept(make, 1.0, lambda: 0.0)
    with pytest.raises(ZeroDivisionError):
        kept.of("a")
    assert [kept.of("a"), kept.of("a")] == [7, 7]


def test_while_one_waits_for_a_new_answer_the_others_get_the_one_before() -> None:
    now, begun, hang, made = [0.0], threading.Event(), threading.Event(), []

    def make(_: str) -> int:
        made.append(1)
        if len(made) == 2:
            begun.set()
            hang.wait(60)
        return len(made)

    kept = Kept(make, 1.0, lambda: now[0])
    assert kept.of("a") == 1
    now[0] = 2.0
    first = threading.Thread(target=kept.of, args=("a",))
    first.start()
    assert begun.wait(60)
    assert kept.of("a") == 1
    hang.set()
    first.join(60)
    assert kept.of("a") == 2


def test_many_questions_do_not_fill_the_memory() -> None:
    kept = Kept(lambda question: question, 60.0)
    assert [kept.of(n) for n in range(1_000)] == list(range(1_000))
    assert len(kept._held) <= 64
