"""`ingest config check` and `ingest config show`"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, pass_here
from ingest.cli.toml_text import toml_of
from ingest.config import ConfigError, read_source
from ingest.config_lines import Key, line_of, lines_of
from ingest.config_mistakes import Mistake, in_order, nearest
from ingest.config_sections import CODE
from ingest.rules import RULES


@click.group("config")
def command() -> None:
    """Check the configuration, or show what is in force."""


@command.command("check")
@pass_here
def check(here: Here) -> None:
    """Say OK, or list every mistake with its line. Exit status 1 when there is a mistake."""
    mistakes = _mistakes(here)
    for mistake in mistakes:
        click.echo(str(mistake))
    if mistakes:
        raise SystemExit(NO)
    click.echo(f"{here.path}: OK")


def _mistakes(here: Here) -> list[Mistake]:
    try:
        _ = here.config
        found = []
    except ConfigError as fault:
        found = fault.mistakes
    if here.path is None or not here.path.is_file():
        return found
    try:
        return in_order([*found, *unknown_codes(read_source(here.path), here.path)])
    except ConfigError:
        return found


@command.command("show")
@pass_here
def show(here: Here) -> None:
    """Print the configuration in force as TOML; what the file does not set has its default, secrets are hidden."""
    config = here.config_or_defaults
    if here.path is None:
        click.echo("# no configuration file was found: these are the defaults")
        click.echo(toml_of(config), nl=False)
        return
    click.echo(f"# from {here.path.resolve()}; what a line of it sets is marked with that line")
    click.echo(toml_of(config, lines_of(read_source(here.path))), nl=False)


def unknown_codes(source: str, path: Path) -> list[Mistake]:
    """Codes that the file silences or re-grades and that no rule has; what is no code at all is not repeated here."""
    lines = lines_of(source)
    found = []
    for key, code in _codes(source):
        if CODE.fullmatch(code) and code not in RULES:
            near = nearest(code, RULES)
            hint = f"did you mean {near}?" if near else "`ingest rules` lists them"
            found.append(Mistake(str(path), line_of(lines, key), f"{key[0]}.{key[1]}: there is no rule {code}; {hint}"))
    return found


def _codes(source: str) -> Iterator[tuple[Key, str]]:
    """The codes that a file names, each with its key; a file with other mistakes may hold anything there."""
    try:
        rules = tomllib.loads(source).get("rules")
    except tomllib.TOMLDecodeError:
        return
    if not isinstance(rules, dict):
        return
    silenced, severity = rules.get("silenced"), rules.get("severity")
    for number, code in enumerate(silenced if isinstance(silenced, list) else ()):
        yield ("rules", "silenced", str(number)), str(code)
    for code in severity if isinstance(severity, dict) else ():
        yield ("rules", "severity", code), code
