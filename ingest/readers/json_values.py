"""Values to plain JSON and back: what crosses a process boundary or lies in the store.

What a child says is held to more (`from_answer`): it may be made to cost us dear.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Annotated, Any, Final, TypeVar

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError

from ingest.readers.answers import WrongAnswer, check_bounds

Value = TypeVar("Value")

_SEQUENCES: Final = frozenset({"list", "tuple", "set", "frozenset"})


def to_json(value: Any) -> Any:
    """A dataclass as dict, list, str, int, float, bool and None only, ready for `json.dumps`."""
    kind: Any = type(value)
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[Value], value: Any) -> Value:
    """The dataclass of which `to_json` made this. Raises pydantic's ValidationError on anything else."""
    wanted: Any = kind
    adapter: TypeAdapter[Value] = _adapter(wanted)
    return adapter.validate_python(value)


def from_answer(kind: type[Value], value: Any) -> Value:
    """The dataclass of which a child says that this is one. Raises WrongAnswer at the first fault of any list.

    Texts and numbers are looked at first, so that no value is made of one that nothing can store.
    """
    check_bounds(value)
    wanted: Any = kind
    adapter: TypeAdapter[Value] = _strict_adapter(wanted)
    try:
        return adapter.validate_python(value)
    except (ValidationError, RecursionError):
        pass
    raise WrongAnswer  # without the library's error, which holds the whole answer


def prepare(*kinds: Any) -> None:
    """Make ready for answers of these kinds now: the first of a kind takes far longer than any other."""
    for kind in kinds:
        _strict_adapter(kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind!r} is no dataclass")
    return TypeAdapter(kind)


@cache
def _strict_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[kind, _Strict()])


class _Strict:
    """Ends the validation of a sequence at its first fault, and takes neither NaN nor an infinity for a number.

    Every field must be given and no other: values made of an answer are then not many times as large as its text.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        schema = handler(source)
        _tighten(schema, handler, set())
        return schema


def _tighten(schema: Any, handler: GetCoreSchemaHandler, seen: set[int]) -> None:
    if id(schema) in seen:
        return
    seen.add(id(schema))
    if isinstance(schema, list | tuple):
        for one in schema:
            _tighten(one, handler, seen)
    elif isinstance(schema, dict):
        if schema.get("type") == "definition-ref":
            _tighten(handler.resolve_ref_schema(schema), handler, seen)
        elif schema.get("type") in _SEQUENCES:
            schema["fail_fast"] = True
        elif schema.get("type") == "float":
            schema["allow_inf_nan"] = False
        elif schema.get("type") == "dataclass-args":
            schema["extra_behavior"] = "forbid"
        elif schema.get("type") == "dataclass-field" and schema["schema"].get("type") == "default":
            schema["schema"] = schema["schema"]["schema"]
        for name, one in schema.items():
            if name not in ("metadata", "cls", "default"):
                _tighten(one, handler, seen)
