"""What every verb shares: the configuration, found and loaded once, and the application opened with it."""

from __future__ import annotations

import getpass
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ingest.core.decision import By, Face

if TYPE_CHECKING:
    from ingest.app.application import App
    from ingest.config import Config
    from ingest.flow.views import Views
    from ingest.store.database import Store

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE_ID: Final = click.IntRange(1, 2**31 - 1)
"""The number of a package: a positive 32-bit integer."""


NAMED: Final = "ingest.decided_by"
"""The key in click's context under which the name that `--as` gives is kept."""
LONGEST_NAME: Final = 100
LOGIN_UID: Final = Path("/proc/self/loginuid")

EMAIL_ID: Final = click.IntRange(1, 2**31 - 1)
"""The number of an email, as that of a package."""


class Here:
    """The configuration of this run, found and loaded when a verb first asks for it.

    The modules are imported then too, so that a verb can start other processes before.
    """

    def __init__(self, given: Path | None) -> None:
        self._given = given

    @cached_property
    def path(self) -> Path | None:
        """The configuration file, None where there is none."""
        from ingest.config import find

        return find(self._given)

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises ConfigError, also when there is no file at all."""
        from ingest.config import ConfigError
        from ingest.config.mistakes import Mistake

        if self.path is None:
            text = "no configuration found: use --config, $INGEST_CONFIG, ./config.toml or /etc/ingest/config.toml"
            raise ConfigError([Mistake(None, None, text)])
        from ingest.config.codes import load

        return load(self.path)

    @property
    def config_or_defaults(self) -> Config:
        """The configuration, or the defaults where no file was found (for verbs that need no daemon)."""
        from ingest.config import Config

        return Config() if self.path is None else self.config

    @contextmanager
    def app(self, *, may_make: bool = False) -> Iterator[App]:
        """The application, opened beside a running daemon: with database and engine, but running no workflows.

        Raises NoDatabase where there is no database yet, unless `may_make` is set, and OtherTables in place of the
        database's own error where its tables are those of another version.
        """
        if not may_make:
            self._check_there()
        from ingest.app.application import open_app

        app = open_app(self.config)
        try:
            with _telling_tables(app.store):
                yield app
        finally:
            app.close()

    @contextmanager
    def views(self) -> Iterator[Views]:
        """The views of packages alone, for verbs that only show. Raises as `app` does.

        The application has the workflow engine, the readers and the SFTP server, which take most of a second to import.
        """
        self._check_there()
        from ingest.flow.proposals import Proposals
        from ingest.flow.storage import DirectoryStorage
        from ingest.flow.views import Views
        from ingest.store.database import Store

        store = Store(self.config.database_url)
        proposals = Proposals(self.config, lambda: datetime.now(UTC))
        try:
            with _telling_tables(store):
                yield Views(store, DirectoryStorage(self.config.paths), proposals.told)
        finally:
            store.close()

    def _check_there(self) -> None:
        from ingest.store.opening import NoDatabase, missing_file

        if (place := missing_file(self.config.database_url)) is not None:
            raise NoDatabase(place)


@contextmanager
def _telling_tables(store: Store) -> Iterator[None]:
    """Raise OtherTables in place of the database's own error where its tables are those of another version."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError:
        from ingest.doctor.records import check_tables

        check_tables(store)
        raise


pass_here = click.make_pass_decorator(Here)


def format_option(verb: F) -> F:
    """`--format text|json`, as the parameter `output`."""
    choice = click.Choice(["text", "json"])
    option = click.option(
        "--format", "output", type=choice, default="text", show_default=True, help="json is for machines."
    )
    return option(verb)


class Time(click.ParamType[datetime]):
    """A date, which means its start in UTC, or a date-time in ISO 8601; one without a zone is in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time, aware."""
        try:
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no date, as 2026-04-01, and no time, as 2026-04-01T12:00Z", param, ctx)


def not_before_option(verb: F) -> F:
    """`--not-before DATE`, as the parameter `not_before`: an aware time in UTC, or None."""
    told = "Send nothing before this date (its start in UTC) or time (ISO 8601; without a zone: UTC)."
    return click.option("--not-before", "not_before", type=Time(), metavar="DATE", help=told)(verb)


def as_option(verb: F) -> F:
    """`--as NAME`: who decides, where that is not the user who runs the command. No parameter; `by` reads it."""
    return click.option(
        "--as",
        "decided_by",
        metavar="NAME",
        callback=_keep_name,
        expose_value=False,
        help="Who decides, as recorded; else the person who runs the command, behind sudo too.",
    )(verb)


def _keep_name(context: click.Context, _option: click.Parameter, name: str | None) -> None:
    if name is None:
        return
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"a name has 1 to {LONGEST_NAME} printable characters")
    context.meta[NAMED] = name.strip()


def by() -> By:
    """Who decides: whoever `--as` names, else the person who runs the command."""
    context = click.get_current_context(silent=True)
    named = None if context is None else context.meta.get(NAMED)
    return By(named or who(), Face.CLI)


def who() -> str:
    """The person who runs the command, as recorded with changes.

    Behind sudo, doas, pkexec or su that is who logged in, not the user whose rights the command has.
    """
    for name in ("SUDO_USER", "DOAS_USER"):
        if person := os.environ.get(name):
            return person
    for number in (os.environ.get("PKEXEC_UID", ""), _login_uid()):
        if name := _name_of(number):
            return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _login_uid() -> str:
    """The number of the user who logged in, which su and runuser keep; empty where the kernel does not tell."""
    try:
        return LOGIN_UID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _name_of(number: str) -> str:
    """The name of the user with this number; empty for none, as where a timer or a container runs the command."""
    try:
        return pwd.getpwuid(int(number)).pw_name if number.isdecimal() else ""
    except (KeyError, OverflowError):
        return ""
