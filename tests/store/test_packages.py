"""Packages: their columns, changes of status, findings, and what waits for its reading."""

from __future__ import annotations

import random
import string
from dataclasses import replace

from ingest.core.status import Status
from ingest.store import folders, known, packages
from ingest.store.database import Store
from tests.rules.dossiers import RECORDING, RELEASE, message_of, text, with_message
from tests.store.rows import NOW, add_label, add_package


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
