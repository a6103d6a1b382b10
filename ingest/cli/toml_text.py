"""The configuration in force as TOML text, secrets hidden."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from ingest.config import Config
from ingest.config.lines import Key

HIDDEN: Final = "**********"

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_USER_PASSWORD: Final = re.compile(r"(://[^:/?]*:).*(?=@)")
_QUERY_PASSWORD: Final = re.compile(r"([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)


def toml_of(config: Config, lines: Mapping[Key, int] | None = None) -> str:
    """Every key with the value in force; keys that stand in `lines` are marked with their line of the file."""
    tables = dict(_tables((), _in_force(config)))
    return "\n".join(_table(key, values, lines or {}) for key, values in tables.items())


def _in_force(config: Config) -> dict[str, Any]:
    """The configuration as nested tables, with keys that were left out replaced by the values in force."""
    tree: dict[str, Any] = _tree(config)
    paths = config.paths
    tree["paths"] |= {"labels": paths.labels_dir, "spool": paths.spool_dir, "state": paths.state_dir}
    tree["database"]["url"] = hidden_url(config.database_url)
    tree["email"] |= {"maildir": config.maildir, "tls": config.email.encryption}
    return tree


def hidden_url(url: str) -> str:
    """The database's URL without its password, which may stand before the host or among the parameters."""
    return _QUERY_PASSWORD.sub(rf"\g<1>{HIDDEN}", _USER_PASSWORD.sub(rf"\g<1>{HIDDEN}", url))


def _tree(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _tree(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {name: _tree(inner) for name, inner in value.items()}
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    return value


def _tables(key: Key, tree: Mapping[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    values = {name: value for name, value in tree.items() if not isinstance(value, Mapping)}
    if key and values:
        yield key, values
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _tables((*key, name), value)


def _table(key: Key, values: Mapping[str, Any], lines: Mapping[Key, int]) -> str:
    rows = [f"[{'.'.join(_name(part) for part in key)}]"]
    for name, value in values.items():
        line = lines.get((*key, name))
        mark = f"  # line {line}" if line else ""
        rows.append(f"# {name} is not set" if value is None else f"{_name(name)} = {_value(value)}{mark}")
    return "\n".join(rows) + "\n"


def _name(part: str) -> str:
    return part if _BARE.fullmatch(part) else _string(part)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        return _string(str(value))
    if isinstance(value, tuple | frozenset):
        items = value if isinstance(value, tuple) else sorted(value)
        return f"[{', '.join(_value(item) for item in items)}]"
    return repr(value)


def _string(text: str) -> str:
    """A TOML basic string: JSON's escapes, and DEL, which TOML requires to be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
