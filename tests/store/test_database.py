"""Migrations and what the columns keep, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
import string
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from ingest.core.message import TrackEntry
from ingest.core.status import Status
from ingest.readers.answers import LARGEST, LARGEST_IN_ROWS, LONGEST_TEXT, check_bounds
from ingest.readers.json_values import to_json
from ingest.rules import check
from ingest.store import deliveries, folders, known, labels, notices, packages, reports, uploads
from ingest.store.database import Store, _alembic, normal_url
from ingest.store.models import Base, Label, Package, ReleaseFolder, Report, Upload
from tests.rules.dossiers import (
    GOOD,
    MASTER,
    POLICY,
    RECORDING,
    RELEASE,
    message_of,
    text,
    with_message,
    with_texts,
)

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ingest.db"
    return str(request.getfixturevalue("fresh_postgres"))


def add_label(store: Store, **changes: object) -> int:
    values: dict[str, object] = {
        "name": "anna",
        "title": "Anna",
        "emails": ["a@b.example"],
        "password_hash": None,
        "public_keys": [],
        "dsps": [],
        "max_bytes": 10**12,
        "now": NOW,
    }
    with store.transaction() as tx:
        return labels.add_label(tx, **{**values, **changes}).id  # type: ignore[arg-type]


def test_migrations_go_up_down_and_up_again_and_match_the_models(url: str) -> None:
    store = Store(url)
    assert store.revision() is None
    store.migrate()
    assert store.revision() == store.head()
    with store.engine.connect() as connection:
        config = _alembic(store.url)
        config.attributes["connection"] = connection
        command.check(config)
    store.migrate("base")
    assert set(sa.inspect(store.engine).get_table_names()) & set(Base.metadata.tables) == set()
    store.migrate()
    assert set(Base.metadata.tables) <= set(sa.inspect(store.engine).get_table_names())
    store.close()


def test_times_come_back_aware_and_in_utc_and_hostile_text_is_kept_without_what_no_database_stores(url: str) -> None:
    store = Store(url)
    store.migrate()
    local = datetime(2026, 3, 23, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    number = add_label(store, title="a\0b\udc80c 'x' 😀", now=local)
    with store.reading() as tx:
        label = tx.get_one(Label, number)
        assert (label.created_at, label.title, label.max_bytes) == (NOW, "a\ufffdb\ufffdc 'x' 😀", 10**12)
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        add_label(store, name="naive", now=datetime(2026, 3, 23))
    store.close()


def test_a_name_is_given_to_one_label(url: str) -> None:
    store = Store(url)
    store.migrate()
    first = add_label(store)
    with pytest.raises(labels.LabelExists):
        add_label(store, title="Another")
    with store.reading() as tx:
        assert [(row.id, row.title, row.dsps) for row in labels.list_labels(tx)] == [(first, "Anna", [])]
    store.close()


def add_package(store: Store) -> int:
    with store.transaction() as tx:
        found = packages.add_package(tx, folders.touch_folder(tx, 1, "Album", NOW), "", NOW)
    assert found is not None
    return found


def test_the_utmost_that_a_child_may_say_is_stored(url: str) -> None:
    """Whatever passes the bounds of its answers, and then the rules, is refused by no database."""
    store = Store(url)
    store.migrate()
    add_label(store)
    package = add_package(store)
    odd = text("\0" + "\U0001f3b5" * (LONGEST_TEXT - 1), -LARGEST_IN_ROWS)
    recording = replace(with_texts(RECORDING, odd.value), line=LARGEST_IN_ROWS, sequence=-LARGEST_IN_ROWS, isrc=odd)
    release = replace(with_texts(RELEASE, odd.value), line=LARGEST_IN_ROWS, release_date=None)
    message = message_of((recording,), (release,))
    message = replace(message, tracks=(TrackEntry(LARGEST_IN_ROWS, LARGEST_IN_ROWS, 0),))
    heard = replace(MASTER, frames=LARGEST, bits=-LARGEST, duration=1.7e308, hashes={"sha256": "0" * 64})
    dossier = replace(GOOD, message=message, audio=(heard,))
    plain = to_json(dossier)
    check_bounds(plain)
    check_bounds(plain["message"], LARGEST_IN_ROWS)
    findings = check(dossier, POLICY)
    with store.transaction() as tx:
        packages.set_summary(tx, package, dossier, plain, NOW)
        packages.set_findings(tx, package, findings)
        known.save_recordings(tx, package, 1, dossier)
    with store.reading() as tx:
        assert packages.get_dossier(tx, package) == plain
        assert {finding.code for finding in packages.findings_of(tx, package)} == {one.code for one in findings}
    store.close()


def test_identifiers_of_any_length_fit_into_the_indexes(url: str) -> None:
    store = Store(url)
    store.migrate()
    add_label(store)
    package = add_package(store)
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=9000))
    isrc = replace(RECORDING, isrc=text(noise))
    dossier = with_message(message_of((isrc,), (replace(RELEASE, barcode=text(noise)),)))
    with store.transaction() as tx:
        packages.set_summary(tx, package, dossier, {}, NOW)
        known.save_recordings(tx, package, 1, dossier)
    with store.transaction() as tx:
        row = packages.get_package(tx, package)
        assert row is not None and row.barcode == noise[:200]
        assert known.known_releases(tx, package + 1, 1, dossier) == ()
    store.close()


@pytest.mark.postgres
def test_a_report_owed_while_another_is_noted_as_written_keeps_the_places_to_clear(fresh_postgres: str) -> None:
    store = Store(fresh_postgres)
    store.migrate()
    add_label(store)
    package = add_package(store)

    def owe(name: str) -> None:
        with store.transaction() as tx:
            folder = tx.scalars(sa.select(ReleaseFolder)).one()
            folder.name = name
            reports.owe_report(tx, tx.get_one(Package, package), (), NOW)

    owe("One")
    owe("Two")
    with ThreadPoolExecutor(1) as thread:
        with store.transaction() as tx:
            reports.note_written(tx, package, 2)
            late = thread.submit(owe, "Three")
            wait([late], 0.5)
        late.result(10)
    with store.reading() as tx:
        row = tx.get_one(Report, package)
        assert (row.written, row.version, row.left) == (2, 3, ["Two"])
    store.close()


def test_a_status_changes_once_however_often_it_is_asked(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        folder = folders.touch_folder(tx, label, "Album", NOW)
        package = packages.add_package(tx, folder, "", NOW)
        again = packages.add_package(tx, folder, "", NOW)
    assert package is not None and again is None
    for expected in (True, False):
        with store.transaction() as tx:
            change = packages.change_status(tx, package, Status.INCOMING, Status.INVALID, "ingest", "", NOW)
            assert (change is not None) is expected
    store.close()


def test_one_live_folder_per_name_and_a_new_one_after_it_is_gone(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        first = folders.touch_folder(tx, label, "Album", NOW).id
        assert folders.touch_folder(tx, label, "Album", NOW + timedelta(seconds=5)).id == first
        folders.forget_folder(tx, first, NOW)
    with store.transaction() as tx:
        assert folders.touch_folder(tx, label, "Album", NOW).id != first
    store.close()


def test_a_folder_is_claimed_once_and_not_while_an_upload_is_open(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        connection = uploads.add_connection(tx, label, "w", "127.0.0.1", NOW)
        folder = folders.touch_folder(tx, label, "Album", NOW).id
        upload = uploads.add_upload(tx, label, folder, connection, "Album/a.wav", True, NOW)
    with store.transaction() as tx:
        assert not folders.begin_seal(tx, folder, "Album", 5)
        uploads.end_upload(tx, upload, received=5, size=5, holes=False, interrupted=False, now=NOW)
    with store.transaction() as tx:
        assert not folders.begin_seal(tx, folder, "Renamed meanwhile", 5)
        assert folders.begin_seal(tx, folder, "Album", 5)
        assert not folders.begin_seal(tx, folder, "Album", 5)
    store.close()


def test_what_a_dead_worker_had_open_is_torn(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        connection = uploads.add_connection(tx, label, "w", "127.0.0.1", NOW)
        folder = folders.touch_folder(tx, label, "Album", NOW)
        uploads.add_upload(tx, label, folder.id, connection, "Album/a.wav", True, NOW)
    with store.transaction() as tx:
        uploads.interrupt_lost_uploads(tx, "another", NOW)
        assert [state.ending.value for state in uploads.uploads_of(tx, folder.id)] == ["open"]
        uploads.interrupt_lost_uploads(tx, "w", NOW)
    with store.reading() as tx:
        (state,) = uploads.uploads_of(tx, folder.id)
        assert (state.ending.value, state.connected) == ("torn", False)
    store.close()


@pytest.mark.postgres
def test_paths_below_a_folder_are_told_apart_by_code_points_whatever_the_databases_collation(postgres: str) -> None:
    server = sa.create_engine(normal_url(postgres), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS linguist"))
        connection.execute(
            sa.text("CREATE DATABASE linguist TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        )
    store = Store(postgres.replace("/postgres?", "/linguist?"))
    store.migrate()
    label = add_label(store)
    names = ("Album", "album", "Älbum", "Album2")
    with store.transaction() as tx:
        connection_id = uploads.add_connection(tx, label, "w", "127.0.0.1", NOW)
        for name in names:
            folder = folders.touch_folder(tx, label, name, NOW)
            upload = uploads.add_upload(tx, label, folder.id, connection_id, f"{name}/a.wav", True, NOW)
            uploads.end_upload(tx, upload, received=1, size=1, holes=False, interrupted=False, now=NOW)
        folders.rename_folder(tx, label, "Album", "Neu", NOW)
    with store.reading() as tx:
        paths = sorted(tx.scalars(sa.select(Upload.path)))
    assert paths == sorted(["Neu/a.wav", "album/a.wav", "Älbum/a.wav", "Album2/a.wav"])
    store.close()
    server.dispose()


def test_a_delivery_that_was_overtaken_before_there_was_a_word_for_it_is_superseded(url: str) -> None:
    store = Store(url)
    store.migrate("0008")
    overtaken = "nothing was sent: the DSP has a newer message of this release, that of package 2"
    moment = NOW.replace(tzinfo=None)
    label = {
        "id": 1,
        "name": "a",
        "title": "A",
        "emails": "[]",
        "public_keys": "[]",
        "dsps": "[]",
        "enabled": True,
        "created_at": moment,
    }
    folder = {"id": 1, "label_id": 1, "name": "Album", "state": "sealed", "seen_at": moment, "touched_at": moment}
    package = {
        "label_id": 1,
        "folder_id": 1,
        "folder": "Album",
        "status": "Delivered to DSPs",
        "received_at": moment,
        "starts": 1,
        "runs": 1,
    }
    delivery = {
        "package_id": 1,
        "state": "delivered",
        "attempts": 1,
        "runs": 1,
        "owed_at": moment,
        "delivered_at": moment,
    }
    with store.transaction() as tx:
        for table, row in (
            ("labels", label),
            ("folders", folder),
            ("packages", package | {"id": 1, "path": ""}),
            ("packages", package | {"id": 2, "path": "b"}),
            ("deliveries", delivery | {"id": 1, "dsp": "alpha", "fault": overtaken}),
            ("deliveries", delivery | {"id": 2, "dsp": "beta", "fault": None}),
        ):
            tx.execute(sa.table(table, *map(sa.column, row)).insert().values(**row))
    store.migrate()
    with store.reading() as tx:
        ended = [(one.state, one.superseded_by, one.fault) for one in deliveries.deliveries_of(tx, 1)]
    assert ended == [("superseded", 2, None), ("delivered", None, None)]
    store.migrate("0008")
    with store.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT state, fault FROM deliveries ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("delivered", overtaken), ("delivered", None)]
    store.close()


def test_an_email_that_was_owed_before_its_recipients_were_told_apart_is_owed_to_all(url: str) -> None:
    store = Store(url)
    store.migrate("0011")
    row = {
        "id": 1,
        "key": "alarm:1",
        "kind": "alarm",
        "audience": "ops",
        "recipients": '["a@b.example", "c@d.example"]',
        "details": "{}",
        "created_at": NOW.replace(tzinfo=None),
        "message_id": "<1@b.example>",
        "attempts": 3,
        "runs": 1,
    }
    with store.transaction() as tx:
        tx.execute(sa.table("notices", *map(sa.column, row)).insert().values(**row))
    store.migrate()
    with store.reading() as tx:
        (owed,) = notices.unsent_notices(tx, NOW + timedelta(seconds=1))
        assert notices.left_of(owed) == ("a@b.example", "c@d.example")
        assert (owed.reached, owed.refused, owed.owed_at, owed.attempts) == ([], [], NOW, 3)
    store.migrate("0011")
    with store.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT key FROM notices")) == "alarm:1"
    store.close()
