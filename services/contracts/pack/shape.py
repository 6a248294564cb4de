"""Finds the models that may stand at a place of a pack, so that a message can name the fields they have."""

from typing import Any, get_args

from pydantic import BaseModel

from services.contracts.pack.sources import Path_

Models = list[type[BaseModel]]


def models_at(root: type[BaseModel], loc: Path_) -> Models:
    """Models for a pydantic error's location, whose members are fields, indexes, and names of union members."""
    models: Models = [root]
    for part in loc:
        if isinstance(part, str):
            models = _chosen(models, part) or _inside(models, part)
    return models


def field_names(models: Models) -> list[str]:
    return sorted({name for model in models for name in model.model_fields})


def _chosen(models: Models, name: str) -> Models:
    """Those that the name of a union's member picks: the class's own name, its `method` or its `shape`."""
    return [model for model in models if name in (model.__name__, *_tags(model))]


def _tags(model: type[BaseModel]) -> list[str]:
    fields = (model.model_fields.get(tag) for tag in ("method", "shape"))
    return [str(get_args(field.annotation)[0]) for field in fields if field is not None]


def _inside(models: Models, name: str) -> Models:
    return [
        inner
        for m in models
        if name in m.model_fields
        for inner in _models_in(m.model_fields[name].annotation)
    ]


def _models_in(annotation: Any) -> Models:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
