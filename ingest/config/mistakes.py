"""Mistakes in the config file as lines a person can act on.

`config.toml:3: sftp.prot: unknown key; did you mean 'port'?`
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.config.lines import Key, line_of, lines_of

SECRET: Final = re.compile(r"password|secret|token|^url$")
"""Values of keys that match are never shown: the database's `url` may hold a password."""

WANTED: Final = {
    "path_type": "be a path in quotes",
    "tuple_type": "be a list in square brackets",
    "frozen_set_type": "be a list in square brackets",
}
"""By pydantic's error type: what to say where pydantic's message names Python types or does not fit the sentence."""

LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `file` is None where there is no file; `line` is None where the mistake concerns the whole file."""

    file: str | None
    line: int | None
    text: str

    def __str__(self) -> str:
        place = [str(part) for part in (self.file, self.line) if part is not None]
        return f"{':'.join(place)}: {self.text}" if place else self.text


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The mistakes in the order of the file; those without a line first."""
    return sorted(mistakes, key=lambda mistake: (mistake.line or 0, mistake.text))


def toml_mistake(file: str, source: str, error: ValueError | RecursionError) -> Mistake:
    """The mistake of a file that is not TOML: at the parser's line, or at the last line where the parser gives none."""
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Mistake(file, None, "this is not TOML: a number is too long or lists are nested too deep")
    text = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", text)
    line = int(place.group(1)) if place else source.rstrip().count("\n") + 1
    return Mistake(file, line, f"this is not TOML: {text.split(' (at ')[0]}")


def mistakes_of(error: ValidationError, file: str, source: str, model: type[BaseModel]) -> list[Mistake]:
    """Every mistake of one validation, in the order of the file."""
    lines = lines_of(source)
    found = []
    for one in error.errors(include_url=False):
        key = tuple(str(part) for part in one["loc"] if part != "[key]")
        found.append(Mistake(file, line_of(lines, key), f"{'.'.join(key)}: {_told(one, key, model)}"))
    return in_order(found)


def _told(error: ErrorDetails, key: Key, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key; {_hint(model, key)}"
    if error["type"] == "missing":
        return "this key must be set"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] in ("model_type", "dict_type"):
        return f"this must be a table, as [{'.'.join(key)}]; it is {_shown(error['input'], key)}"
    wanted = WANTED.get(error["type"], error["msg"].removeprefix("Input should "))
    return f"this must {wanted}; it is {_shown(error['input'], key)}"


def _shown(value: Any, key: Key) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, date | time):
        return value.isoformat()
    if any(SECRET.search(part) for part in key):
        return "not shown here"
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)[:LONGEST_VALUE]


def _hint(model: type[BaseModel], key: Key) -> str:
    known = _keys(_model_at(model, key[:-1]))
    if near := nearest(key[-1], known):
        return f"did you mean '{near}'?"
    homes = [section for section in _keys(model) if key[-1] in _keys(_model_at(model, (section,)))]
    if homes and len(key) <= 2 and key[-1] != homes[0]:
        return f"it belongs in {' or '.join(f'[{home}]' for home in homes)}"
    return f"known keys: {', '.join(known)}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most similar to `name`; None where none is similar enough."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [] if model is None else sorted(model.model_fields)


def _without_none(annotation: Any) -> Any:
    """The type of a table that may be left out."""
    if typing.get_origin(annotation) is not types.UnionType:
        return annotation
    return next(one for one in typing.get_args(annotation) if one is not types.NoneType)


def _model_at(model: type[BaseModel], section: Key) -> type[BaseModel] | None:
    """The model of the table `section`; None where `section` is not a table."""
    inner: Any = model
    for name in section:
        if typing.get_origin(inner) is dict:
            inner = typing.get_args(inner)[1]
        elif field := getattr(inner, "model_fields", {}).get(name):
            inner = _without_none(field.annotation)
        else:
            return None
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
