"""The database: reachable, undamaged, migrated to this version, with labels in it, and no email given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from ingest.config import Config
from ingest.doctor.check import Check, Outcome, fail, ok, skip, warn
from ingest.store.counts import count_given_up
from ingest.store.database import Store
from ingest.store.labels import list_labels
from ingest.store.opening import NoDatabase, opened, reason

NAMES: Final = ("database", "migrations", "labels", "emails given up")


class OtherTables(Exception):
    """The tables are those of another version; the text says which, and what helps."""


def has_password(config: Config) -> bool:
    """Whether a password stands in the database's URL, before the host or among the parameters."""
    try:
        url = sa.make_url(config.database_url)
    except sa.exc.ArgumentError:
        return False
    return bool(url.password or url.query.get("password"))


def records(config: Config, *, deep: bool = False) -> Iterator[Check]:
    """The checks of NAMES; all but `database` are skipped where the database cannot be used.

    `deep`: read all of SQLite's file too, which takes a minute for some gigabytes.
    """
    database, *others = NAMES
    try:
        with opened(config.database_url) as store:
            found = [_usable(store, deep=deep), _current(store), _labels(store, config), _emails(store)]
    except NoDatabase as error:
        yield warn(database, f"{error} does not exist yet", "Start the daemon: it makes its database.")
        yield from (skip(other, "there is no database yet") for other in others)
        return
    except (sa.exc.SQLAlchemyError, OSError) as error:
        shown = _place(config)
        cure = "Start the database server, correct database.url, or restore the file from a backup."
        yield fail(database, f"{shown} cannot be used: {reason(error)}", cure)
        yield from (skip(other, "the database cannot be used") for other in others)
        return
    yield from found


def check_tables(store: Store) -> None:
    """Raises OtherTables when the tables are not those of this version, or sqlalchemy's errors."""
    check = _current(store)
    if check.outcome is Outcome.FAIL:
        raise OtherTables(f"{check.text}. {check.cure}")


def _place(config: Config) -> str:
    try:
        return _shown(config.database_url)
    except sa.exc.ArgumentError:
        return "database.url"


def _shown(url: str) -> str:
    """The URL without its password, which may stand among the parameters too."""
    return sa.make_url(url).set(query={}).render_as_string(hide_password=True)


def _usable(store: Store, *, deep: bool) -> Check:
    """A transaction can begin; `deep`: and SQLite's file is not damaged anywhere."""
    shown = _shown(store.url)
    if store.is_sqlite and deep:
        with store.engine.connect() as connection:
            found = [str(line) for line in connection.execute(sa.text("PRAGMA quick_check(3)")).scalars()]
        if found != ["ok"]:
            cure = "Stop the daemon and restore the database from a backup."
            return fail(NAMES[0], f"{shown} is damaged: {'; '.join(' '.join(line.split()) for line in found)}", cure)
    with store.transaction() as tx:
        tx.execute(sa.text("SELECT 1"))
    return ok(NAMES[0], f"{shown} answers")


def _current(store: Store) -> Check:
    at, needed = store.revision(), store.head()
    if at == needed:
        return ok(NAMES[1], f"at {at}")
    text = f"the tables are at {at}" if at else "there are no tables"
    cure = "Restart the daemon: it migrates as it starts. Tables of a newer ingest need that newer ingest."
    return fail(NAMES[1], f"{text}; this version needs {needed}", cure)


def _labels(store: Store, config: Config) -> Check:
    name = NAMES[2]
    try:
        with store.reading() as tx:
            found = list_labels(tx)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return skip(name, "the tables are not those of this version")
    if not any(label.enabled for label in found):
        return warn(name, "no label can log in", "Add one: ingest label add NAME --email ADDRESS.")
    unknown = sorted({dsp for label in found if label.enabled for dsp in label.dsps} - set(config.dsp))
    if unknown:
        cure = "Add their [dsp.NAME] tables, or change the labels' agreed DSPs."
        return warn(name, f"labels are agreed with DSPs that are not configured: {', '.join(unknown)}", cure)
    return ok(name, f"{len(found)}, of them {sum(label.enabled for label in found)} enabled")


def _emails(store: Store) -> Check:
    name = NAMES[3]
    try:
        with store.reading() as tx:
            count, fault = count_given_up(tx)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return skip(name, "the tables are not those of this version")
    if count:
        cure = "Mend the cause, then: ingest resend. Without an argument it lists them; --drop leaves them unsent."
        shown = "".join(one if one.isprintable() else " " for one in fault or "")
        return warn(name, f"{count}, the last: {shown}", cure)
    return ok(name, "none")
