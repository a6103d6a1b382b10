"""What a child may say: facts as JSON, of bounded weight, with bounded texts and numbers.

A reader keeps to it by itself (`is_too_heavy`); whoever hears a child holds it to it (`parsed`, `check_bounds`), since
one that was taken over says what it likes.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from sys import getsizeof
from typing import Any, Final, NoReturn

MOST_BYTES: Final = 32_000_000
"""Of the JSON of one answer."""
MOST_OF_MEDIA: Final = 80_000
"""Of the JSON of one answer about a media file.

The most that a track may have (an outline of 1600 columns, 100 silences, 100 dropouts, 100 defects, 64 chunks, tags of
500 letters) takes 32,000, usual ones 8,500; with tags of emojis and a path of 4096 bytes it is 61,000. A cover with 16
codes of 200 emojis each takes 51,000.
"""
CRASH_CHARACTERS: Final = 6_000
"""The end of what is told of our own error: within `MOST_OF_MEDIA`, whatever they are."""
MOST_WEIGHT: Final = 256_000_000
"""Of one answer, in bytes of our memory once it is parsed. A release of 3000 plain tracks weighs 64,000,000."""
WEIGHT_OF_VALUE: Final = 96
"""Bytes of our memory for each value in a dict: its place there, a number, and the head of its key's text."""
WEIGHT_OF_LIST: Final = 96
WEIGHT_OF_DICT: Final = 240
"""Without its values: room for five keys, and the head of the first one's text."""
WIDEST: Final = 4
"""Bytes for each character of a text that has one outside the Basic Multilingual Plane."""
MOST_SIZE: Final = 96_000_000
"""Bytes of our memory for what is kept of one answer. A release of 3000 plain tracks takes 16,000,000."""
MOST_SIZE_OF_MEDIA: Final = 100_000
"""The same for one about a media file: of those described above the largest takes 69,000, a usual one 15,000."""
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
    """What an answer will cost us at most, in bytes, told by its own bytes alone; marks inside its texts count too."""
    width = 1 if said.isascii() and b"\\u" not in said else WIDEST
    return width * len(said) + _weight_of_marks(*map(said.count, (b",", b"[", b"{")))


def _weight_of_marks(values: int, lists: int, dicts: int) -> int:
    return WEIGHT_OF_VALUE * values + WEIGHT_OF_LIST * lists + WEIGHT_OF_DICT * dicts


def is_too_heavy(facts: Any) -> bool:
    """Whether facts weigh more than an answer may; counting ends there, for what is shared is said again each time."""
    length, width, marks, waiting = 0, 1, 0, [facts]
    while waiting and length <= MOST_BYTES and length * width + marks <= MOST_WEIGHT:
        one = waiting.pop()
        marks += WEIGHT_OF_VALUE
        length += 2
        if isinstance(one, str):
            text = quoted(one)
            length += len(text)
            width = WIDEST if "\\u" in text else width
            marks += _weight_of_marks(*map(one.count, ",[{"))
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
            marks += WEIGHT_OF_DICT
        elif isinstance(one, list | tuple):
            waiting += one
            marks += WEIGHT_OF_LIST
        elif is_dataclass(one):
            kind: Any = type(one)
            waiting += _fields(one).values()
            length += _length_of_names(kind)
            marks += WEIGHT_OF_DICT
        else:
            length += len(repr(one))
    return bool(waiting) or length > MOST_BYTES or length * width + marks > MOST_WEIGHT


def size_of(facts: Any) -> int:
    """Bytes of our memory that facts take, as values or as JSON; what all values share is not counted."""
    size, waiting = 0, [facts]
    while waiting:
        one = waiting.pop()
        if one is None or isinstance(one, bool | Enum) or (isinstance(one, int) and -5 <= one <= 256):
            continue
        size += getsizeof(one)
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
        elif is_dataclass(one):
            waiting += _fields(one).values()
    return size


def parsed(said: bytes) -> Any:
    """What a child said. Raises WrongAnswer where it is no JSON, or heavier than an answer may be."""
    if len(said) > MOST_BYTES or weight_of(said) > MOST_WEIGHT:
        raise WrongAnswer
    try:
        return json.loads(said, parse_constant=_refused, object_hook=_unchanged)
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


def _unchanged(value: dict[str, Any]) -> dict[str, Any]:
    """A call into Python for each object: other threads get their turn there, and not after many megabytes only."""
    return value


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
def _length_of_names(kind: Any) -> int:
    return sum(len(name) + 4 for name in _names(kind))
