"""XML for generated messages, one element a line, so that a line says which element is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

T = TypeVar("T")


def leaf(name: str, value: object, **attributes: object) -> str:
    """An element with text."""
    return f"<{name}{_written(attributes)}>{escape(str(value))}</{name}>"


def node(name: str, *children: str, **attributes: object) -> str:
    """An element with children; empty ones are left out."""
    return "\n".join([f"<{name}{_written(attributes)}>", *(child for child in children if child), f"</{name}>"])


def _written(attributes: dict[str, object]) -> str:
    return "".join(f" {name.replace('__', ':')}={quoteattr(str(value))}" for name, value in attributes.items())


def lines(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)


def maybe(rng: Random, chance: float, make: Callable[[], str]) -> str:
    """An optional element."""
    return make() if rng.random() < chance else ""


def several(rng: Random, most: int, make: Callable[[int], str], least: int = 0) -> str:
    """An element that may stand several times; `make` gets its number, from 1."""
    return lines([make(number) for number in range(1, rng.randint(least, most) + 1)])


def some(rng: Random, values: Sequence[T], most: int) -> list[T]:
    """One or more different values."""
    return rng.sample(values, rng.randint(1, min(most, len(values))))
