"""Typed values over a pipe to and from a process that is not trusted.

Dataclasses become JSON objects and come back checked, field by field, against their declared types: the
process on the other side has parsed a hostile file and may answer anything. Understood are `str`, `int`,
`float`, `bool`, `None`, enums, `Path`, dataclasses, unions, `list`, `tuple[X, ...]` and `dict[str, X]`.
"""

import dataclasses
import enum
import json
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any


class WrongShapeError(ValueError):
    """What came over the pipe is not what was declared."""


def dump(value: object) -> bytes:
    """UTF-8 JSON of `value`. Lone surrogates, which no text may hold, become question marks."""
    return json.dumps(value, default=_object, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _object(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _fields(type(value))}
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def parse(data: bytes) -> Any:
    """The plain value of UTF-8 JSON; WrongShapeError when it is none (or nests too deeply to be ours)."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WrongShapeError(str(error)) from error


def build(kind: Any, value: Any) -> Any:
    """Return plain `value` as `kind`; WrongShapeError when it does not fit."""
    if kind is Any:
        return value
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _build_union(kind, value)
    if origin in (list, tuple):
        if not isinstance(value, list):
            raise WrongShapeError(f"a list was expected, not {type(value).__name__}")
        element = typing.get_args(kind)[0]
        return origin(build(element, each) for each in value)
    if origin is dict:
        return _build_dict(kind, value)
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, value)
    return _build_scalar(kind, value)


def _build_union(kind: Any, value: Any) -> Any:
    for choice in typing.get_args(kind):
        try:
            return build(choice, value)
        except WrongShapeError:
            continue
    raise WrongShapeError(f"{type(value).__name__} is not {kind}")


def _build_dict(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise WrongShapeError(f"an object was expected, not {type(value).__name__}")
    key_kind, value_kind = typing.get_args(kind)
    return {build(key_kind, key): build(value_kind, each) for key, each in value.items()}


def _build_dataclass(kind: Any, value: Any) -> Any:
    hints = _fields(kind)
    if not isinstance(value, dict) or value.keys() != hints.keys():
        raise WrongShapeError(f"not the fields of {kind.__name__}")
    return kind(**{name: build(hint, value[name]) for name, hint in hints.items()})


def _build_scalar(kind: Any, value: Any) -> Any:
    if kind is type(None) and value is None:
        return None
    if kind is float and type(value) is int:
        return float(value)
    if kind in (str, int, float, bool) and type(value) is kind:
        return value
    if isinstance(kind, type) and issubclass(kind, (enum.Enum, Path)) and isinstance(value, str):
        try:
            return kind(value)
        except ValueError as error:
            raise WrongShapeError(str(error)) from error
    raise WrongShapeError(f"{type(value).__name__} is not {kind}")


@cache
def _fields(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
