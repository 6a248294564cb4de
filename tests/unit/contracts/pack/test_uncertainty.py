"""What a pack may say of its draws, and what it is told when that cannot be."""

import pytest

from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from tests.unit.contracts.pack.conftest import Spoil

WRONG = [
    pytest.param(
        "exact: [onlin]",
        "schemes.yaml:3: there is no indicator 'onlin'; write 'online' instead",
        id="an exact indicator that is not there",
    ),
    pytest.param(
        "exact: [solid]",
        "schemes.yaml:3: 'solid' is no ratio and has no sampling error; write an indicator with measure: ratio instead",
        id="an exact indicator that is no ratio",
    ),
    pytest.param(
        "top: 0",
        "schemes.yaml:3: 'top' cannot be 0; write a number above 0 instead",
        id="a first share of nothing",
    ),
    pytest.param(
        "normalisations: [{method: z_scor}]",
        "schemes.yaml:3: unknown method 'z_scor'; write 'z_score' instead",
        id="a misspelt normalisation",
    ),
    pytest.param(
        "drawz: 5", "schemes.yaml:3: unknown key 'drawz'; write 'draws' instead", id="a misspelt key"
    ),
]


@pytest.mark.parametrize(("said", "told"), WRONG)
def test_what_cannot_be_is_told_by_its_line(spoil: Spoil, said: str, told: str) -> None:
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("schemes.yaml", "  root:", f"  uncertainty: {{{said}}}\n  root:"))
    assert str(bad.value).splitlines() == [told]


def test_a_pack_that_says_nothing_new_keeps_its_hash(spoil: Spoil) -> None:
    said = "sampling: true, exact: [], imputation: true, normalisations: [], top: 0.2, bottom: 0.2"
    plain = compile_pack(load_pack(spoil("schemes.yaml", "  root:", "  root:"))).hash
    defaults = spoil("schemes.yaml", "  root:", f"  uncertainty: {{{said}}}\n  root:")
    assert compile_pack(load_pack(defaults)).hash == plain


def test_every_choice_is_read(spoil: Spoil) -> None:
    said = "exact: [online], normalisations: [{method: min_max}, {method: z_score, limit: 4}], bottom: 0.1"
    pack = load_pack(spoil("schemes.yaml", "  root:", f"  uncertainty: {{{said}}}\n  root:"))
    read = pack.schemes[0].uncertainty
    assert read.exact == ("online",) and read.bottom == 0.1
    assert [method.method for method in read.normalisations] == ["min_max", "z_score"]
