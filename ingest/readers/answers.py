"""What a child may say: facts as JSON, of bounded weight, with bounded texts and numbers.

A reader keeps to it by itself (`is_too_heavy`); whoever hears a child holds it to it (`parsed`, `check_bounds`), since
one that was taken over says what it likes.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final, NoReturn

MOST_WEIGHT: Final = 32_000_000
"""Of one answer: bytes of its JSON, or `WEIGHT_OF_VALUE` for each value where that is more."""
WEIGHT_OF_VALUE: Final = 16
MOST_ITEMS: Final = 300_000
"""Items of one list: as many as a message may have elements."""
LONGEST_TEXT: Final = 16_384
"""Characters: a path of the 4096 bytes that Linux takes, each written as `\\xe9`."""
LARGEST: Final = 2**65
"""Sums of two sizes of 64 bits, as the headers of audio files state them."""
LARGEST_IN_ROWS: Final = 2**31 - 1
"""What the columns for lines and numbers of tracks hold on PostgreSQL."""


class WrongAnswer(ValueError):
    """What a child said is no answer to what it was asked."""

    def __init__(self) -> None:
        super().__init__("the reading process gave an answer that is none")


def to_text(facts: Any) -> str:
    """Facts, dataclasses among them, as JSON. Raises TypeError for anything else."""
    return json.dumps(facts, default=_fields)


def weight_of(said: bytes) -> int:
    """What an answer will cost us at most, told by its bytes alone; marks inside its texts count as well."""
    return max(len(said), WEIGHT_OF_VALUE * sum(map(said.count, (b",", b"{", b"["))))


def is_too_heavy(facts: Any) -> bool:
    """Whether facts weigh more than an answer may; counting ends there, for what is shared is said again each time."""
    left, waiting = MOST_WEIGHT, [facts]
    while waiting and left >= 0:
        one = waiting.pop()
        left -= WEIGHT_OF_VALUE
        if isinstance(one, str):
            left -= len(quoted(one)) + WEIGHT_OF_VALUE * sum(map(one.count, ",{["))
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
        elif is_dataclass(one):
            kind: Any = type(one)
            waiting += _fields(one).values()
            left -= _weight_of_names(kind)
    return left < 0


def parsed(said: bytes) -> Any:
    """What a child said. Raises WrongAnswer where it is no JSON, or heavier than an answer may be."""
    if weight_of(said) > MOST_WEIGHT:
        raise WrongAnswer
    try:
        return json.loads(said, parse_constant=_refused)
    except (ValueError, RecursionError, MemoryError):
        pass
    raise WrongAnswer  # without the library's error, which holds the whole answer


def check_bounds(answer: Any, largest: int = LARGEST) -> None:
    """Raises WrongAnswer for JSON with a longer list or text, a larger whole number, or a float that is none."""
    waiting = [answer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list) and len(one) <= MOST_ITEMS:
            waiting += one
        elif isinstance(one, list) or not _is_bounded(one, largest):
            raise WrongAnswer


def _is_bounded(value: Any, largest: int) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    if isinstance(value, int):
        return -largest <= value <= largest
    return not isinstance(value, float) or math.isfinite(value)


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _fields(value: Any) -> dict[str, Any]:
    """A dataclass as JSON has it: what `json_values.from_answer` makes one of again."""
    kind: Any = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


@cache
def _weight_of_names(kind: Any) -> int:
    return sum(len(name) + 4 for name in _names(kind))
