"""What every verb shares: the configuration, found and loaded once, and the house opened on it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

from ingest.config import Config, ConfigError, find
from ingest.config_mistakes import Mistake

F = TypeVar("F", bound=Callable[..., Any])


class Here:
    """Where the command runs: the configuration file that was found, loaded when a verb first asks for it."""

    def __init__(self, given: Path | None) -> None:
        self.path = find(given)

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises ConfigError, also when there is no file at all."""
        if self.path is None:
            text = "no configuration found: use --config, $INGEST_CONFIG, ./config.toml or /etc/ingest/config.toml"
            raise ConfigError([Mistake(None, None, text)])
        from ingest.config_codes import load

        return load(self.path)

    @property
    def config_or_defaults(self) -> Config:
        """The configuration, or the defaults where no file was found (for verbs that need no daemon)."""
        return Config() if self.path is None else self.config

    @contextmanager
    def house(self) -> Iterator[Any]:
        """The house opened beside a running daemon: database and engine, no workflows running here."""
        from ingest.house import open_house

        house = open_house(self.config)
        try:
            yield house
        finally:
            house.close()


pass_here = click.make_pass_decorator(Here)


def format_option(verb: F) -> F:
    """`--format text|json`, as the parameter `output`."""
    choice = click.Choice(["text", "json"])
    option = click.option(
        "--format", "output", type=choice, default="text", show_default=True, help="json is for machines."
    )
    return option(verb)


def who() -> str:
    """The person at the keyboard, as changes record them."""
    return getpass.getuser()
