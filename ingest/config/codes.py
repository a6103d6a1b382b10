"""Checks that the rule codes in a configuration exist. The only module of `ingest.config` that imports the rules.

They are imported only where the configuration names a code: verbs that check no release start sooner without them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from ingest.config import file
from ingest.config.file import Config, ConfigError, read_source
from ingest.config.lines import Key, line_of, lines_of
from ingest.config.mistakes import Mistake, in_order, nearest
from ingest.config.values import CODE


def load(path: Path) -> Config:
    """As `ingest.config.load`, but an unknown rule code is a mistake too. Raises ConfigError with every mistake."""
    source = read_source(path)
    unknown = unknown_codes(source, path)
    try:
        config = file.load(path)
    except ConfigError as error:
        raise ConfigError(in_order([*error.mistakes, *unknown])) from None
    if unknown:
        raise ConfigError(in_order(unknown))
    return config


def unknown_codes(source: str, path: Path) -> list[Mistake]:
    """A mistake for each well-formed code that no rule has. Malformed codes are refused by `Config` itself."""
    named = list(_codes(source))
    if not named:
        return []
    from ingest.rulebook import RULES

    lines = lines_of(source)
    found = []
    for key, code in named:
        if CODE.fullmatch(code) and code not in RULES:
            near = nearest(code, RULES)
            hint = f"did you mean {near}?" if near else "`ingest rules` lists them"
            found.append(Mistake(str(path), line_of(lines, key), f"{key[0]}.{key[1]}: there is no rule {code}; {hint}"))
    return found


def _codes(source: str) -> Iterator[tuple[Key, str]]:
    """The codes in `[rules]`, each with its key. The file is not validated yet: values of any type may stand there."""
    try:
        rules = tomllib.loads(source).get("rules")
    except (ValueError, RecursionError):
        return
    if not isinstance(rules, dict):
        return
    silenced, severity = rules.get("silenced"), rules.get("severity")
    for number, code in enumerate(silenced if isinstance(silenced, list) else ()):
        yield ("rules", "silenced", str(number)), str(code)
    for code in severity if isinstance(severity, dict) else ():
        yield ("rules", "severity", code), code
