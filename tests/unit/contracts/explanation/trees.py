"""Arbitrary schemes and figures for the explanation's tests, scored by the engine itself."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from services.contracts.explanation import Explanation, Line, Part
from services.contracts.results import Evaluation
from tests.unit.scoring.engine.acts import adjustment
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

UNITS = ("u1", "u2", "u3", "u4")

Tree = dict[str, Any]
Figures = list[list[float | None]]
"""By unit and criterion; null is not reported."""

_FIGURES = st.one_of(
    st.none(), st.sampled_from([0.0, 50.0, 100.0]), st.floats(0, 130).map(lambda x: round(x, 3))
)
_DECIMALS = st.sampled_from([None, None, None, 0, 1, 2])


@st.composite
def schemes(draw: st.DrawFn) -> dict[str, Any]:
    """A tree of up to three levels with every aggregate, missing policies, group and criterion decimals and gates; extras; a scale."""
    names = iter(f"c{number}" for number in range(100))
    groups = iter(f"g{number}" for number in range(100))

    def leaf() -> Tree:
        fields: dict[str, Any] = {"weight": draw(st.sampled_from([0.5, 1.0, 3.0, 7.25]))}
        fields["missing"] = draw(st.sampled_from(["zero", "exclude", "exclude", "peer_median"]))
        fields["decimals"] = draw(_DECIMALS)
        fields["gate"] = draw(_gates())
        scoring = draw(
            st.sampled_from(
                [None, {"method": "target_ratio", "target": 80.0, "cap": 1.5}, {"method": "min_max"}]
            )
        )
        return criterion(next(names), scoring, **fields)

    def node(depth: int) -> Tree:
        members = [
            node(depth + 1) if depth < 2 and draw(st.booleans()) else leaf()
            for _ in range(draw(st.integers(1, 3)))
        ]
        aggregate = draw(st.sampled_from(["arithmetic", "geometric", "harmonic"]))
        weight = draw(st.sampled_from([1.0, 2.0, 4.5]))
        return group(
            next(groups),
            *members,
            aggregate=aggregate,
            weight=weight,
            decimals=draw(_DECIMALS),
            gate=draw(_gates()),
        )

    scale = draw(st.sampled_from([1.0, 100.0, 1000.0]))
    return {
        "root": node(0) | {"adjustable": scale / 10},
        "extras": draw(
            st.lists(st.sampled_from([_extra("bonus"), _extra("penalty")]), max_size=2, unique_by=str)
        ),
        "over_scale": draw(st.booleans()),
        "scale": scale,
        "decimals": draw(st.sampled_from([0, 2, 3, 6])),
        "min_coverage": draw(st.sampled_from([0.0, 0.5])),
        "uncertainty": {"weights": 0.0, "draws": 100},
    }


def _gates() -> st.SearchStrategy[dict[str, float] | None]:
    return st.sampled_from([None, None, None, {"at_least": 0.5, "otherwise_at_most": 0.4}])


def _extra(method: str) -> Tree:
    return criterion(method, {"method": method, "each": 0.5}, weight=10.0)


def leaves(node: Tree) -> list[str]:
    if "criterion" in node:
        return [node["criterion"]]
    return [leaf for member in node["members"] for leaf in leaves(member)]


def names_of(scheme: dict[str, Any]) -> list[str]:
    return [*leaves(scheme["root"]), *(extra["criterion"] for extra in scheme["extras"])]


def figures(columns: int) -> st.SearchStrategy[Figures]:
    row = st.lists(_FIGURES, min_size=columns, max_size=columns)
    return st.lists(row, min_size=len(UNITS), max_size=len(UNITS))


def evaluated(
    scheme: dict[str, Any], *months: Figures, adjusted: tuple[float, ...] = ()
) -> tuple[Log, list[Evaluation]]:
    """The months' evaluations, from January 2025 on. In the last one the units are adjusted by shares of the scale."""
    names = names_of(scheme)
    log = Log(pack(units=UNITS, indicators=[indicator(name) for name in names], **scheme)).activate()
    made = []
    for month, figures in enumerate(months, 1):
        for unit, row in zip(UNITS, figures, strict=True):
            for name, value in zip(names, row, strict=True):
                if value is not None:
                    log.add(report(unit, name, f"2025-{month:02d}", value))
        for unit, share in zip(UNITS, adjusted if month == len(months) else (), strict=False):
            for name in (scheme["root"]["group"], *(extra["criterion"] for extra in scheme["extras"])):
                log.add(adjustment(unit, name, share * scheme["scale"], period=f"2025-{month:02d}"))
        evaluation = log.evaluate(f"2025-{month:02d}", f"2025-{month + 1:02d}-10").evaluation
        assert evaluation is not None
        made.append(evaluation)
    return log, made


def total(parts: list[Line] | list[Part]) -> Decimal:
    """The decimals that are shown, added up as a reader would; of lines all that are no group."""
    return sum(
        (Decimal(repr(one.points)) for one in parts if one.kind != "group" and one.points is not None),
        Decimal(0),
    )


def line(explanation: Explanation, id: str) -> Line:
    return next(one for one in explanation.lines if one.id == id and one.kind != "rounding")
