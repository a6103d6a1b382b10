"""A database opened to look at it: it is never created, and a server must answer within seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ingest.store.database import Store

SECONDS: Final = 5


class NoDatabase(Exception):
    """There is no database file yet. It is not created here: it would belong to the user who runs the command."""


def missing_file(url: str) -> str | None:
    """The file of a SQLite database that does not exist yet, else None. Raises sqlalchemy's ArgumentError.

    A file that may not be examined counts as existing.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    try:
        Path(parsed.database).lstat()
    except FileNotFoundError:
        return parsed.database
    except OSError:
        return None
    return None


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The store, for reading. A server must answer within SECONDS. Raises NoDatabase, or sqlalchemy's errors."""
    if (place := missing_file(url)) is not None:
        raise NoDatabase(place)
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" and "connect_timeout" not in parsed.query:
        parsed = parsed.update_query_dict({"connect_timeout": str(SECONDS)})
    store = Store(parsed.render_as_string(hide_password=False))
    try:
        yield store
    finally:
        store.close()


def reason(error: Exception) -> str:
    """The first line of the driver's message."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
