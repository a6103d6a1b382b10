"""Mistakes in the config file as lines a person can act on: `config.toml:3: sftp.prot: unknown key; did you mean 'port'?`"""

from __future__ import annotations

import difflib
import re
import tomllib
import typing
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


def toml_mistake(file: str, source: str, fault: tomllib.TOMLDecodeError) -> Mistake:
    """A file that is no TOML: the parser's place, or the last line where it only says `end of document`."""
    text = str(fault)
    place = re.search(r"\(at line (\d+), column (\d+)\)", text)
    line = int(place.group(1)) if place else source.count("\n") + 1
    return Mistake(file, line, f"this is not TOML: {text.split(' (at ')[0]}")


def mistakes_of(fault: ValidationError, file: str, source: str, model: type[BaseModel]) -> list[Mistake]:
    """Every mistake of one validation, in the order of the file."""
    found = []
    for error in fault.errors(include_url=False):
        place = [part for part in error["loc"] if part not in ("[key]",)]
        keys = [str(part) for part in place]
        name = ".".join(keys)
        if error["type"] == "extra_forbidden":
            text = f"{name}: unknown key; {_hint(model, keys)}"
        elif error["type"] == "missing":
            text = f"{name}: this key must be set"
        elif error["type"] == "value_error":
            text = f"{name}: {error['ctx']['error']!s}"
        else:
            text = f"{name}: {error['msg'][:1].lower()}{error['msg'][1:]}, got {_shown(error['input'], keys)}"
        found.append(Mistake(file, line_of(source, keys), text))
    return sorted(found, key=lambda mistake: (mistake.line or 0, mistake.text))


def _shown(value: object, keys: list[str]) -> str:
    return "a hidden value" if any("password" in key for key in keys) else repr(value)[:80]


def _hint(model: type[BaseModel], keys: list[str]) -> str:
    known = _known_keys(model, keys[:-1])
    near = difflib.get_close_matches(keys[-1], known, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"


def _known_keys(model: type[BaseModel], section: list[str]) -> list[str]:
    for name in section:
        field = model.model_fields.get(name)
        inner = field.annotation if field is not None else None
        while typing.get_origin(inner) is dict:
            inner = typing.get_args(inner)[1]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return sorted(model.model_fields)


_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(source: str, keys: list[str]) -> int | None:
    """The line where `keys` (`["sftp", "port"]`) is set: the deepest table or key of it that the file names."""
    best, depth = None, 0
    section: list[str] = []
    for number, text in enumerate(source.splitlines(), 1):
        if header := _HEADER.match(text):
            section = _parts(header.group(1))
            path = section
        elif key := _KEY.match(text):
            path = section + _parts(key.group(1))
        else:
            continue
        shared = _shared(path, keys)
        inline = shared == len(path) < len(keys) and keys[shared] in text
        reach = shared + (1 if inline else 0)
        if shared == len(path) and reach > depth:
            best, depth = number, reach
    return best


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted)]


def _shared(path: list[str], keys: list[str]) -> int:
    count = 0
    for one, other in zip(path, keys, strict=False):
        if one != other:
            break
        count += 1
    return count
