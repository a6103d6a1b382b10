"""Uploads and connections as rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.facts import UploadEnd, UploadFact
from ingest.core.fingerprint import Fingerprint
from ingest.store import folders, uploads
from ingest.store.database import Store, normal_url
from ingest.store.models import Connection, ReleaseFolder, Upload
from ingest.store.uploads import Ground, Place, UploadState
from tests.store.rows import NOW, add_label

LATER = NOW + timedelta(minutes=1)


def test_what_a_dead_worker_had_open_is_torn(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        connection = uploads.add_connection(tx, label, "w", "127.0.0.1", NOW)
        folder = folders.touch_folder(tx, label, "Album", NOW)
        uploads.add_upload(tx.connection(), label, folder.id, connection, "Album/a.wav", True, NOW)
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
            upload = uploads.add_upload(tx.connection(), label, folder.id, connection_id, f"{name}/a.wav", True, NOW)
            uploads.end_upload(tx.connection(), upload, received=1, size=1, holes=False, interrupted=False, now=NOW)
        folders.rename_folder(tx, label, "Album", "Neu", NOW)
    with store.reading() as tx:
        paths = sorted(tx.scalars(sa.select(Upload.path)))
    assert paths == sorted(["Neu/a.wav", "album/a.wav", "Älbum/a.wav", "Album2/a.wav"])
    store.close()
    server.dispose()


def connect(store: Store, worker: str = "w") -> int:
    with store.transaction() as tx:
        return uploads.add_connection(tx, 1, worker, "127.0.0.1", NOW)


def begin(store: Store, connection: int, path: str) -> int:
    """An upload below a release folder, or of a file in none."""
    with store.transaction() as tx:
        folder = folders.touch_folder(tx, 1, path.split("/")[0], NOW).id if "/" in path else None
        return uploads.add_upload(tx.connection(), 1, folder, connection, path, True, NOW)


def end(store: Store, upload: int, *, received: int = 5, holes: bool = False, interrupted: bool = False) -> bool:
    with store.transaction() as tx:
        return uploads.end_upload(tx.connection(), upload, received, received, holes, interrupted, LATER) is not None


def states(store: Store, name: str) -> list[UploadState]:
    with store.reading() as tx:
        folder = folders.open_folder(tx, 1, name)
        return [] if folder is None else uploads.uploads_of(tx, folder.id)


def test_of_each_path_the_last_upload_counts(store: Store) -> None:
    connection = connect(store)
    for name, interrupted in (("a", True), ("b", False), ("a", False)):
        assert end(store, begin(store, connection, f"Album/{name}.wav"), interrupted=interrupted, holes=name == "b")
    begin(store, connect(store), "Album/c.wav")
    with store.transaction() as tx:
        uploads.end_connection(tx, connection, LATER)
    assert not end(store, 99)
    assert states(store, "Album") == [
        UploadState("Album/a.wav", UploadEnd.CLOSED, 5, holes=False, connected=False),
        UploadState("Album/b.wav", UploadEnd.CLOSED, 5, holes=True, connected=False),
        UploadState("Album/c.wav", UploadEnd.OPEN, 0, holes=False, connected=True),
    ]


def test_an_upload_that_has_ended_is_not_torn_any_more(store: Store) -> None:
    upload = begin(store, connect(store), "Album/a.wav")
    with store.transaction() as tx:
        folder = folders.open_folder(tx, 1, "Album")
        assert folder is not None
        place = Place(1, folder.id, "Album/a.wav")
        assert uploads.interrupt_upload(tx.connection(), LATER, upload) == place
        assert uploads.interrupt_upload(tx.connection(), LATER, upload) is None
    assert states(store, "Album") == [UploadState("Album/a.wav", UploadEnd.INTERRUPTED, 0, holes=True, connected=True)]


def test_the_facts_of_a_release_of_a_batch_have_paths_below_it(store: Store) -> None:
    connection = connect(store)
    for path in ("Batch/one/a.wav", "Batch/one/CD 1/b.wav", "Batch/ones/c.wav", "Batch/d.xml"):
        end(store, begin(store, connection, path))
    with store.reading() as tx:
        folder = folders.open_folder(tx, 1, "Batch")
        assert folder is not None
        assert [fact.path for fact in uploads.upload_facts(tx, folder, "")] == [
            "one/a.wav",
            "one/CD 1/b.wav",
            "ones/c.wav",
            "d.xml",
        ]
        assert uploads.upload_facts(tx, folder, "one") == (
            UploadFact("a.wav", 5, UploadEnd.CLOSED, False),
            UploadFact("CD 1/b.wav", 5, UploadEnd.CLOSED, False),
        )


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=3)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=NAMES, names=st.lists(NAMES, max_size=4))
def test_a_rename_takes_along_what_lies_below_the_folder_and_nothing_else(
    on_sqlite: Store, old: str, names: list[str]
) -> None:
    paths = [f"{name}/{rest}" for name in dict.fromkeys([old, *names]) for rest in ("a", f"{old}/b", "0")]
    with on_sqlite.transaction() as tx:
        tx.execute(sa.delete(Upload))
        connection = uploads.add_connection(tx, 1, "w", "127.0.0.1", NOW)
        for path in paths:
            uploads.add_upload(tx.connection(), 1, None, connection, path, True, NOW)
        uploads.rename_uploads(tx, 1, old, "the new name", None)
        tx.flush()
        found = sorted(tx.scalars(sa.select(Upload.path)))
        tx.rollback()
    moved = [path.replace(f"{old}/", "the new name/", 1) if path.startswith(f"{old}/") else path for path in paths]
    assert found == sorted(moved)


def test_a_file_renamed_over_another_takes_the_place_of_its_upload(store: Store) -> None:
    connection = connect(store)
    for path in ("Album/a.wav", "Album/a.wav.filepart"):
        end(store, begin(store, connection, path), received=len(path))
    with store.transaction() as tx:
        folder = folders.touch_folder(tx, 1, "Album", NOW).id
        uploads.rename_uploads(tx, 1, "Album/a.wav.filepart", "Album/a.wav", folder)
    (state,) = states(store, "Album")
    assert (state.path, state.received) == ("Album/a.wav", len("Album/a.wav.filepart"))


def test_what_a_worker_and_its_sftp_workers_left_open_is_torn_and_nothing_of_others(store: Store) -> None:
    for worker in ("w", "w/1", "w/2", "w2", "x"):
        begin(store, connect(store, worker), f"Album/{worker.replace('/', '-')}.wav")
    with store.transaction() as tx:
        uploads.interrupt_lost_uploads(tx, "w", LATER)
    found = {state.path: (state.ending.value, state.connected) for state in states(store, "Album")}
    torn, left = ("torn", False), ("open", True)
    assert [found[f"Album/{name}.wav"] for name in ("w", "w-1", "w-2", "w2", "x")] == [torn, torn, torn, left, left]


def test_rows_that_have_not_ended_are_told_by_their_worker(store: Store) -> None:
    connection, ended, foreign = connect(store), connect(store), connect(store, "w/1")
    open_one, closed = begin(store, connection, "Album/a.wav"), begin(store, ended, "Album/b.wav")
    begin(store, foreign, "Album/c.wav")
    end(store, closed)
    with store.transaction() as tx:
        uploads.end_connection(tx, ended, LATER)
        assert uploads.open_rows(tx, "w") == ({open_one}, {connection})
        assert uploads.open_rows(tx, "nobody") == (set(), set())


def test_old_history_is_forgotten_and_what_lies_in_an_open_folder_stays(store: Store) -> None:
    old, new = connect(store), connect(store)
    for connection, path in ((old, "Gone/a.wav"), (old, "loose.wav"), (new, "Open/a.wav")):
        end(store, begin(store, connection, path))
    with store.transaction() as tx:
        for connection in (old, new):
            uploads.end_connection(tx, connection, LATER)
        gone = folders.open_folder(tx, 1, "Gone")
        assert gone is not None
        folders.forget_folder(tx, gone.id, LATER)

    def left(before: timedelta) -> tuple[list[str], list[int]]:
        with store.transaction() as tx:
            uploads.forget_history(tx, NOW + before)
            paths = list(tx.scalars(sa.select(Upload.path).order_by(Upload.id)))
            return paths, list(tx.scalars(sa.select(Connection.id).order_by(Connection.id)))

    assert left(timedelta(0)) == (["Gone/a.wav", "loose.wav", "Open/a.wav"], [old, new])
    assert left(timedelta(hours=1)) == (["Open/a.wav"], [new])
    with store.reading() as tx:
        assert tx.scalars(sa.select(ReleaseFolder.name).order_by(ReleaseFolder.id)).all() == ["Gone", "Open"]


def test_what_decides_whether_a_file_may_be_opened_is_the_labels_standing_and_the_live_folder(store: Store) -> None:
    standing = (True, None, ())
    with store.statements() as rows:
        assert uploads.ground_of(rows, 99, "Album") is None
        assert uploads.ground_of(rows, 1, "Album") == Ground(standing, None, None)
        folder = folders.note_change(rows, 1, "Album", NOW)
        assert uploads.ground_of(rows, 1, "Album") == Ground(standing, folder, "open")
        uploads.touch_folder(rows, folder, LATER)
    with store.transaction() as tx:
        assert tx.get_one(ReleaseFolder, folder).touched_at == LATER
        assert folders.begin_seal(tx, folder, "Album", 5)
        assert uploads.ground_of(tx.connection(), 1, "Album") == Ground(standing, folder, "sealing")
        folders.end_seal(tx, folder, NOW, Fingerprint("0" * 64, 5))
        assert uploads.ground_of(tx.connection(), 1, "Album") == Ground(standing, None, None)
