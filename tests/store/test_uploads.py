"""Uploads and connections as rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest.store import folders, uploads
from ingest.store.database import Store, normal_url
from ingest.store.models import Upload
from tests.store.rows import NOW, add_label


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
