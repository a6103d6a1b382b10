"""The one place where failures become words and an exit status."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click
import sqlalchemy as sa

from ingest.cli.terminal import say_it_anyhow
from ingest.config import ConfigError
from ingest.review import Undecidable
from ingest.store.labels import LabelExists

NO: Final = 1
FAILED: Final = 2

VERBS: Final = (
    "serve",
    "demo",
    "check",
    "label",
    "packages",
    "show",
    "approve",
    "reject",
    "retry",
    "rules",
    "config",
    "status",
    "doctor",
)


class Group(click.Group):
    """Loads a verb's module only when it is used, and turns our exceptions into one line on stderr."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"ingest.cli.{name}").command
        return command

    def invoke(self, context: click.Context) -> Any:
        say_it_anyhow()
        try:
            return super().invoke(context)
        except ConfigError as fault:
            _fail("\n".join(str(mistake) for mistake in fault.mistakes))
        except LabelExists as fault:
            _fail(f"there is a label {fault} already")
        except Undecidable as fault:
            _fail(str(fault))
        except sa.exc.OperationalError as fault:
            _fail(f"the database cannot be used: {fault.orig}")


def _fail(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"ingest: {line}", err=True)
    raise SystemExit(FAILED)
