"""The SQLAlchemy engine that our tables and the workflow engine share, and transactions on it.

Alembic and the dialects are imported only by what needs them: verbs that list and show start sooner without.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

BUSY_MILLISECONDS = 30_000
"""How long a transaction on SQLite waits for the write lock."""


FULL_CODES: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE})
BUSY_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
PASSING_STATES: Final = ("08", "25P03", "40001", "40P01", "53", "57P")
"""How the SQLSTATE begins of what does not last on PostgreSQL: connections that broke, an idle session that was ended,
conflicts of transactions, a lack of resources, a server that stops or starts."""


class Clock(Protocol):
    """Anything that tells the time as an aware datetime."""

    def __call__(self) -> datetime: ...


class Store:
    """An open database. Its methods raise sqlalchemy's errors."""

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.engine = _open(self.url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end of the block, rolled back when the block raises.

        On SQLite it holds the write lock from the beginning.
        """
        with self._sessions() as session, session.begin():
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def statements(self) -> Iterator[sa.Connection]:
        """As `transaction`, for statements without objects: a third of its cost, for what comes hundreds of times."""
        with self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def unsynced(self) -> Iterator[sa.Connection]:
        """As `statements`, but its commit does not wait for the disk.

        It survives the end of every process. A power cut undoes it unless a later `transaction` was committed: that
        one writes to the disk what was committed before it.
        """
        with self.engine.connect() as connection, self._not_waiting(connection), connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def _not_waiting(self, connection: sa.Connection) -> Iterator[None]:
        """On SQLite no commit on this connection waits for the disk during the block, which begins no transaction.

        The same connection is used for both kinds of commits: SQLite forgets what it has read whenever another
        connection commits, so two that take turns would read the journal's pages again for each upload.
        """
        if not self.is_sqlite:
            yield
            return
        own: Any = connection.connection.dbapi_connection
        own.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            try:
                own.execute("PRAGMA synchronous=FULL")
            except sqlite3.Error:
                connection.invalidate()
                raise

    @contextmanager
    def serializable(self) -> Iterator[Session]:
        """As `transaction`, and as if no other ran at the same time.

        PostgreSQL refuses what was not so (`is_passing`), to be done again.
        """
        with self.transaction() as tx:
            if not self.is_sqlite:
                tx.connection(execution_options={"isolation_level": "SERIALIZABLE"})
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; changes are rolled back."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `reading`, and all that is read in it is of one moment, that of the first statement."""
        with self._sessions() as session:
            if not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to `revision`, up or down. Raises alembic's CommandError for an unknown one."""
        from alembic import command
        from alembic.script import ScriptDirectory

        with self._alone(), self.engine.connect() as connection:
            config = _alembic(self.url)
            config.attributes["connection"] = connection
            known = ScriptDirectory.from_config(config)
            here = self.revision()
            revisions = [script.revision for script in known.walk_revisions()]
            down = revision == "base" or (here in revisions and _is_before(revisions, revision, here))
            (command.downgrade if down else command.upgrade)(config, revision)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps daemons that start at the same time on PostgreSQL from migrating at the same time."""
        if self.is_sqlite:
            yield
            return
        with self.engine.connect() as connection, connection.begin():
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7304582)"))
            yield

    def revision(self) -> str | None:
        """The revision that the tables have; None for an empty database."""
        from alembic.runtime.migration import MigrationContext

        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def head(self) -> str | None:
        """The revision that this version of the program needs."""
        from alembic.script import ScriptDirectory

        return ScriptDirectory.from_config(_alembic(self.url)).get_current_head()

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


def is_full(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the database refused to write because its disk is full.

    SQLite then says SQLITE_FULL, or one of the I/O errors of a file that cannot grow; PostgreSQL 53100, disk_full.
    """
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    return code in FULL_CODES or getattr(cause, "sqlstate", None) == "53100"


def is_passing(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the same transaction may succeed later: the database was away, busy or full, or another came first."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return is_full(error) or getattr(cause, "sqlite_errorcode", 0) & 0xFF in BUSY_CODES
    broken = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return broken or "connection failed" in str(cause)
    return broken or state.startswith(PASSING_STATES)


def insert(tx: Session, table: Any) -> Any:
    """The INSERT of this database's dialect, which has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return insert_in(tx.get_bind().dialect.name, table)


def insert_in(dialect: str, table: Any) -> Any:
    """As `insert`, for the dialect of this name."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def normal_url(url: str) -> str:
    """The URL with psycopg 3 as the driver of `postgresql://`."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url


def _is_before(revisions: list[str], wanted: str, here: str) -> bool:
    return wanted in revisions and revisions.index(wanted) > revisions.index(here)


def _alembic(url: str) -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def _open(url: str) -> sa.Engine:
    is_sqlite = url.startswith("sqlite")
    if is_sqlite and (file := sa.make_url(url).database):
        _make_file(Path(file))
    # On SQLite a transaction step needs a second connection while it holds the write lock, so the pool has no limit.
    # A file does not go away as a server does, so nothing is asked of it before each transaction.
    engine = sa.create_engine(
        url,
        pool_pre_ping=not is_sqlite,
        pool_size=20,
        max_overflow=-1 if is_sqlite else 20,
        pool_use_lifo=is_sqlite,  # the connection that was used last still has the newest pages
    )
    if is_sqlite:
        sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _make_file(file: Path) -> None:
    """Make the file where it is missing, with the folders above it, for the owner alone whatever the umask.

    SQLite gives the files beside it (`-wal`, `-shm`) the mode of this one.
    """
    for place in reversed(file.parents):
        place.mkdir(0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _tune_sqlite(connection: Any, _record: object) -> None:
    """Every transaction that writes takes the write lock at once, and what it commits survives a power cut."""
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
