"""Chain heads as fence posts: each published one says which log stood there, so they tell between which places a log was rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.counted import counted
from services.contracts.event_data import Place
from services.contracts.topics import EVENTS

_MOST_NAMED: Final = 5

NAMES: Final = {KAFKA: "Kafka", CLICKHOUSE: "ClickHouse"}


@dataclass(frozen=True, slots=True)
class Post:
    """An evaluation at its cause: the heads that its copies carry, and those of each side's log, by side."""

    name: str
    period: str
    cause: Place
    published: frozenset[str]
    recomputed: dict[str, str] = field(default_factory=dict)

    def agrees(self, side: str) -> bool:
        return self.recomputed.get(side) in self.published

    def differs(self, side: str) -> bool:
        return bool(self.published) and side in self.recomputed and not self.agrees(side)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Where a side's log is not the published one: after `after`, and at the latest at the first of `broken`."""

    side: str
    after: Post | None
    broken: list[Post]
    agrees_again: bool
    """Later heads agree: they were made from this log, or the broken ones were changed where they stand."""

    @property
    def names(self) -> set[str]:
        return {post.name for post in self.broken}


def rewritten(posts: Sequence[Post], side: str) -> Rewritten | None:
    """None where the side's log gives every published head."""
    ordered = sorted(posts, key=lambda post: post.cause)
    broken = [post for post in ordered if post.differs(side)]
    if not broken:
        return None
    agreeing = [post for post in ordered if post.agrees(side)]
    before = [post for post in agreeing if post.cause < broken[0].cause]
    return Rewritten(side, before[-1] if before else None, broken, len(agreeing) > len(before))


def rewritten_finding(block: str, found: Rewritten, other: str | None) -> Finding:
    """`other` is the side whose log does give the published heads."""
    first = found.broken[0]
    partition = first.cause.partition
    begin = 0 if found.after is None else found.after.cause.offset + 1
    after = (
        "no earlier head of the block bounds it from below"
        if found.after is None
        else f"up to {_at(found.after)} it gives the published head of {_named(found.after)}"
    )
    what = [
        f"{NAMES[found.side]}'s log does not give the chain head that {_named(first)} carries",
        f"the first difference lies between offset {begin} and offset {first.cause.offset} of {EVENTS.name}/{partition}: {after}",
        f"published {_heads(first)}, recomputed {first.recomputed[found.side][:16]}",
        f"it concerns {counted(len(found.broken), 'result')}: {_list(found.broken)}",
    ]
    if other is not None:
        what.append(
            f"{NAMES[other]}'s log gives the published heads: {NAMES[found.side]}'s is the rewritten one"
        )
    elif found.agrees_again:
        what.append(
            "later heads agree: they were made from this log, or the heads named were changed in every copy"
        )
    else:
        what.append("or the heads named were changed, in every copy")
    return Finding(
        kind=Kind.REWRITTEN_LOG,
        block=block,
        where=found.side,
        what=what,
        place=f"{EVENTS.name}/{partition}/{begin}-{first.cause.offset}",
        evaluation=first.name,
        period=first.period,
    )


def verdict(posts: Sequence[Post], offset: int) -> str | None:
    """Which side's log is the published one at an offset where the two differ: that of the next head after it tells."""
    later = [post for post in posts if post.cause.offset >= offset and post.published]
    if not later:
        return None
    post = min(later, key=lambda one: one.cause)
    for side, other in ((KAFKA, CLICKHOUSE), (CLICKHOUSE, KAFKA)):
        if post.agrees(side) and not post.agrees(other):
            return f"{NAMES[side]} is right: its log gives the chain head of {_named(post)}, at {_at(post)}"
    return None


def _named(post: Post) -> str:
    return f"{post.name} ({post.period})"


def _at(post: Post) -> str:
    return f"offset {post.cause.offset}"


def _heads(post: Post) -> str:
    return " and ".join(sorted(head[:16] for head in post.published))


def _list(posts: Sequence[Post]) -> str:
    named = ", ".join(map(_named, posts[:_MOST_NAMED]))
    return named + (" and others" if len(posts) > _MOST_NAMED else "")
