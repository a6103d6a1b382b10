"""Release folders, from the first sight of them to the removal of their files."""

from __future__ import annotations

from datetime import timedelta

from ingest.store import folders, uploads
from ingest.store.database import Store
from tests.store.rows import NOW, add_label


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
