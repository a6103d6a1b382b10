"""Turns exceptions into a message and an exit status, for every verb."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from typing import Any, Final

import click

from ingest.cli.terminal import say_it_anyhow
from ingest.core.visible import visible

NO: Final = 1
FAILED: Final = 2

VERBS: Final = (
    "serve",
    "demo",
    "check",
    "label",
    "key",
    "token",
    "dsp",
    "webhook",
    "packages",
    "show",
    "get",
    "draw",
    "approve",
    "reject",
    "retry",
    "deliveries",
    "deliver",
    "redeliver",
    "takedown",
    "shipment",
    "emails",
    "email",
    "resend",
    "rules",
    "config",
    "status",
    "doctor",
)


ANSWERING: Final = frozenset({"check", "token", "config", "status", "doctor", "dsp", "webhook"})
"""Verbs whose exit status is an answer: 0 would say yes before it was given."""


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
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            _fail("stopped")
        except BrokenPipeError:
            # The reader of our output, as `head`, has read enough. What Python still buffers is discarded.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(FAILED if context.invoked_subcommand in ANSWERING else 0) from None
        except Exception as error:  # noqa: BLE001 - the command line's supervisor: status 1 would mean "no"
            words = _words(error)
            if words is None:
                traceback.print_exc()
                words = "this is a fault of ingest: report it with these lines"
            _fail(words)


def _words(error: Exception) -> str | None:
    """The message for a failure that is expected; None for a bug.

    The exception classes are imported here, so that verbs without a database start without loading SQLAlchemy.
    """
    from sqlalchemy.exc import DBAPIError

    from ingest.cli.refusals import words
    from ingest.config import ConfigError
    from ingest.doctor.records import OtherTables
    from ingest.flow.errors import CodedError
    from ingest.store.opening import NoDatabase

    match error:
        case ConfigError():
            return "\n".join(str(mistake) for mistake in error.mistakes)
        case CodedError():
            return words(error)
        case NoDatabase():
            return f"there is no database {error} yet: the daemon makes it as it starts"
        case OtherTables():
            return str(error)
        case DBAPIError():
            return f"the database cannot be used: {error.orig}"
        case OSError(filename=str() | bytes() as place, strerror=str() as told):
            return f"{visible(os.fsdecode(place))}: {told}"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EIO, strerror=str() as told):
            return f"the output cannot be written: {told}"
        case _:
            return None


def _fail(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"ingest: {line}", err=True)
    raise SystemExit(FAILED)
