"""Every public class, function, method and property of four rooms says what it guarantees.

A method may inherit the docstring of the method that it overrides: of a Protocol or abstract class of ours, or of a
callback of asyncssh or asyncio.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Final

import pytest

import ingest

ROOMS: Final = ("inbound", "flow", "store", "outbound")


def modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(ingest.__path__, "ingest."):
        if module.name.split(".")[1] in ROOMS and ".migrations." not in module.name:
            yield module.name


def undocumented(module: ModuleType) -> Iterator[str]:
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if isinstance(thing, type):
            yield from undocumented_in(thing)
        elif callable(thing) and not hasattr(thing, "__supertype__") and not inspect.getdoc(thing):
            yield name


def undocumented_in(owner: type) -> Iterator[str]:
    """The class itself must have a docstring of its own: what `dataclass` makes or a base says does not count."""
    own = owner.__dict__.get("__doc__") or ""
    if not own or own.startswith(f"{owner.__name__}("):
        yield owner.__name__
    for name, member in vars(owner).items():
        is_ours = isinstance(member, FunctionType | property | classmethod | staticmethod)
        if not name.startswith("_") and is_ours and not inspect.getdoc(getattr(owner, name)):
            yield f"{owner.__name__}.{name}"


@pytest.mark.parametrize("name", list(modules()))
def test_everything_public_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    assert list(undocumented(module)) == []
