"""Problems that only the api has; the tree and its base are in `contracts.problems`."""

from typing import ClassVar

from services.contracts.problems import Problem


class EvaluationsUnavailable(Problem):
    slug, status, title = "evaluations-unavailable", 503, "The store of official evaluations does not answer"
    next = "Ask again after the seconds in Retry-After; the live ranking, without ?evaluation= or ?period=, still works."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class NotCaughtUp(Problem):
    slug, status, title = "not-caught-up", 503, "The api is still reading the topics from their beginning"
    next = "Ask again after the seconds in Retry-After."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class BytesWithheld(Problem):
    slug, status, title = "bytes-withheld", 403, "This key may not see the bytes of the event"
    next = "Use a key of the office or the council of the block's campaign, or ask the operator: thidua dead-letters show."


class ResultUnexplained(Problem):
    slug, status, title = "result-unexplained", 409, "The result cannot be explained by its pack"
    next = "Ask again when the pack is published; if it is, tell the operator: thidua audit compares the result with the log."
