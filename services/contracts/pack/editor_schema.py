"""JSON Schemas of a pack's YAML files, for editors: keys to complete, what they mean, and faults marked as one types.

Made from the very models that the loader checks with; the loader still knows more (references, dates, fits).
"""

import ast
import inspect
import json
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from services.contracts.pack.council import CouncilRole
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.load import BLOCKS, CAMPAIGN, COUNCIL, INDICATORS, SCHEMES
from services.contracts.pack.model import Block, Campaign
from services.contracts.pack.principals import PRINCIPALS, PlannedPrincipal
from services.contracts.pack.scheme import Scheme

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_MODELS: Final[dict[str, Any]] = {
    CAMPAIGN: Campaign,
    BLOCKS: list[Block],
    SCHEMES: list[Scheme],
    INDICATORS: list[Indicator],
    COUNCIL: list[CouncilRole],
    PRINCIPALS: list[PlannedPrincipal],
}
"""By the pack's file."""


def editor_schemas() -> dict[str, str]:
    """The text of each schema file, by its name: `schemes.json` for `schemes.yaml`."""
    return {file.replace(".yaml", ".json"): _text(file, model) for file, model in _MODELS.items()}


def _text(file: str, model: Any) -> str:
    schema = TypeAdapter(model).json_schema()
    texts = dict(_field_texts())
    _describe(schema, schema.get("title"), texts)
    for name, part in schema.get("$defs", {}).items():
        _describe(part, name, texts)
    head = {"$schema": _DRAFT, "title": f"{file} of a campaign pack"}
    return json.dumps(_tidy(schema) | head, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _describe(part: dict[str, Any], model: str | None, texts: dict[tuple[str, str], str]) -> None:
    for name, field in part.get("properties", {}).items():
        if text := texts.get((model or "", name)):
            field["description"] = text


def _tidy(value: Any) -> Any:
    """Without what says nothing to an editor: titles made of names, and the discriminators of OpenAPI."""
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _tidy(one)
        for key, one in value.items()
        if key != "discriminator" and not (key == "title" and isinstance(one, str))
    }


def _field_texts() -> Iterator[tuple[tuple[str, str], str]]:
    """The text that stands below each field of the models, by (class, field); a class has those of its bases too."""
    modules = {inspect.getmodule(model) for model in _all_models()}
    own: dict[tuple[str, str], str] = {}
    for module in modules:
        if module is not None:
            own.update(_texts_in(ast.parse(inspect.getsource(module))))
    for model in _all_models():
        for base in reversed(model.__mro__):
            yield from (
                ((model.__name__, field), text)
                for (name, field), text in own.items()
                if name == base.__name__
            )


def _texts_in(module: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            for field, below in zip(node.body, node.body[1:], strict=False):
                text = below.value if isinstance(below, ast.Expr) else None
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Constant)
                ):
                    yield (node.name, field.target.id), inspect.cleandoc(str(text.value))


def _all_models() -> list[type[BaseModel]]:
    """Every model of a pack, in the order of their names."""
    found: dict[str, type[BaseModel]] = {}
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        for model in waiting.pop().__subclasses__():
            if model.__module__.startswith("services.contracts.pack."):
                found[model.__name__] = model
                waiting.append(model)
    return [found[name] for name in sorted(found)]
