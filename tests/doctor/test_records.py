"""The database, its migrations and the labels in it, each by its own line."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from ingest.core.notice import Audience, NoticeKind
from ingest.doctor import Outcome
from ingest.store.database import Store
from ingest.store.models import Notice
from ingest.store.notices import drop_notice, owe_notice
from tests.doctor.installation import CONFIG, Home, checks, run, turned
from tests.store.rows import NOW

UNASKED = {"labels": Outcome.SKIP, "emails given up": Outcome.SKIP}
"""What cannot be asked of a database that is missing, broken or of another version."""


@contextmanager
def _store(home: Home) -> Iterator[Store]:
    store = Store(f"sqlite:///{home / 'state/ingest.db'}")
    try:
        yield store
    finally:
        store.close()


def test_a_database_behind_its_migrations_fails_that_line(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()

    assert turned(home) == {"migrations": Outcome.FAIL}


def test_a_database_without_tables_fails_the_migrations_line(home: Home) -> None:
    with _store(home) as store:
        store.migrate("base")

    assert turned(home) == {"migrations": Outcome.FAIL, **UNASKED}


def test_a_damaged_database_fails_its_line(home: Home) -> None:
    file = home / "state/ingest.db"
    file.write_bytes(b"this is no database" * 1000)

    assert turned(home) == {"database": Outcome.FAIL, "migrations": Outcome.SKIP, **UNASKED}


def test_damaged_pages_of_a_database_are_found_where_it_is_read_as_a_whole(home: Home) -> None:
    file = home / "state/ingest.db"
    with file.open("r+b") as pages:
        pages.seek(-4096, os.SEEK_END)
        pages.write(b"\xff" * 4096)

    assert run(home, "doctor").exit_code == 0
    deep = run(home, "doctor", "--deep")
    (line,) = (line for line in deep.stdout.splitlines() if line.startswith("FAIL"))
    assert (deep.exit_code, "is damaged: " in line) == (1, True)


def test_a_sound_database_is_well_however_deep_the_look_is(home: Home) -> None:
    assert run(home, "doctor", "--deep").exit_code == 0


def test_no_look_reads_the_whole_database_unless_that_is_asked_for(home: Home) -> None:
    said: list[str] = []

    def note(*given: object) -> None:
        said.append(str(given[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        checks(home)
        assert said
        assert not any("quick_check" in one or "integrity_check" in one for one in said)
        run(home, "doctor", "--deep")
        assert any("quick_check" in one for one in said)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_a_database_is_not_made_by_looking_for_it(home: Home) -> None:
    shutil.rmtree(home / "state")

    assert turned(home) == {
        "state folder": Outcome.WARN,
        "host keys": Outcome.WARN,
        "database": Outcome.WARN,
        "migrations": Outcome.SKIP,
        **UNASKED,
    }
    assert not (home / "state").exists()


@pytest.mark.parametrize("url", ["ingest:hunter2@127.0.0.1:{}/ingest", "127.0.0.1:{}/ingest?user=u&password=hunter2"])
def test_a_database_server_that_refuses_fails_the_line_and_hides_the_password(home: Home, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (home / "config.toml").write_text(CONFIG + f'[database]\nurl = "postgresql://{url.format(port)}"\n')
    (home / "config.toml").chmod(0o640)

    assert turned(home) == {"database": Outcome.FAIL, "migrations": Outcome.SKIP, **UNASKED}
    assert "hunter2" not in checks(home)["database"].text


@pytest.mark.postgres
def test_a_postgresql_database_has_the_same_lines(home: Home, fresh_postgres: str) -> None:
    (home / "config.toml").write_text(CONFIG + f'[database]\nurl = "{fresh_postgres}"\n')
    assert turned(home) == {"migrations": Outcome.FAIL, **UNASKED}

    store = Store(fresh_postgres)
    store.migrate()
    store.close()
    assert turned(home) == {"labels": Outcome.WARN}


def test_without_a_label_nobody_can_log_in(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE labels SET enabled = 0")
    connection.close()

    assert turned(home) == {"labels": Outcome.WARN}


def test_a_label_agreed_with_an_unknown_dsp_is_a_warning(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("""UPDATE labels SET dsps = '["shop", "radio"]'""")
    connection.close()

    assert turned(home) == {"labels": Outcome.WARN}
    assert checks(home)["labels"].text.endswith(": radio")


def test_emails_that_were_given_up_are_a_warning_until_they_are_dropped(home: Home) -> None:
    with _store(home) as store:
        with store.transaction() as tx:
            row = owe_notice(
                tx,
                key="alarm:1",
                kind=NoticeKind.ALARM,
                audience=Audience.OPS,
                recipients=["ops@label.example"],
                domain="label.example",
                now=NOW,
            )
            assert row is not None
            row.given_up_at, row.fault = NOW, "553 not owned\x1b"
        assert turned(home) == {"emails given up": Outcome.WARN}
        assert checks(home)["emails given up"].text == "1, the last: 553 not owned "
        with store.transaction() as tx:
            drop_notice(tx.get_one(Notice, 1), NOW)
    assert turned(home) == {}
