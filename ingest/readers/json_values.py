"""Values to plain JSON and back: what crosses a process boundary or lies in the store."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

Value = TypeVar("Value")


def to_json(value: Any) -> Any:
    """A dataclass as dict, list, str, int, float, bool and None only, ready for `json.dumps`."""
    kind: Any = type(value)
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[Value], value: Any) -> Value:
    """The dataclass that `plain` made this of. Raises pydantic's ValidationError on anything else."""
    wanted: Any = kind
    adapter: TypeAdapter[Value] = _adapter(wanted)
    return adapter.validate_python(value)


def prepare(*kinds: Any) -> None:
    """Make ready for values of these kinds now: the first of a kind takes far longer than any other."""
    for kind in kinds:
        _adapter(kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind!r} is no dataclass")
    return TypeAdapter(kind)
