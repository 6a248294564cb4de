"""The schemas for editors: the tracked files are those of these models, and they agree with the loader."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.contracts.pack.editor_schema import editor_schemas
from services.contracts.pack.sources import read_yaml

ROOT = Path(__file__).parents[4]
TRACKED = ROOT / "docs" / "pack-schema"
PACK_FILES = sorted(
    file
    for name in editor_schemas()
    for file in (ROOT / "campaigns").glob(f"*/{name.replace('.json', '.yaml')}")
)


def data(file: Path) -> Any:
    return read_yaml(file.parent, file.name).data


def schema(name: str) -> Any:
    return json.loads(editor_schemas()[name])


def test_the_tracked_schemas_are_those_of_the_models() -> None:
    assert {file.name: file.read_text(encoding="utf-8") for file in TRACKED.iterdir()} == editor_schemas(), (
        "write them again: thidua pack schema"
    )


@pytest.mark.parametrize("file", PACK_FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_pack_of_the_repository_fits_its_schema_and_names_it(file: Path) -> None:
    jsonschema.validate(data(file), schema(f"{file.stem}.json"))
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../../docs/pack-schema/{file.stem}.json"


def test_a_misspelt_key_and_an_unknown_method_do_not_fit() -> None:
    schemes = data(ROOT / "campaigns" / "hdi" / "schemes.yaml")
    schemes[0]["decimal"] = 3
    with pytest.raises(jsonschema.ValidationError, match="decimal"):
        jsonschema.validate(schemes, schema("schemes.json"))
    schemes = data(ROOT / "campaigns" / "hdi" / "schemes.yaml")
    schemes[0]["root"]["members"][0]["members"] = [
        {"criterion": "a", "indicator": "a", "weight": 1, "scoring": {"method": "no_method"}}
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(schemes, schema("schemes.json"))


def test_keys_are_described() -> None:
    block = schema("blocks.json")["$defs"]["Block"]
    assert block["description"].startswith("A peer block (khối thi đua)")
    scheme = schema("schemes.json")["$defs"]["Scheme"]["properties"]
    assert scheme["min_coverage"]["description"] == (
        'Below this share of reported weight a unit is "not ranked", not last.'
    )
