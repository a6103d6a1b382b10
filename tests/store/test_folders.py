"""Release folders, from the first sight of them to the removal of their files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.core.fingerprint import Fingerprint
from ingest.core.status import Status
from ingest.store import folders, packages, uploads
from ingest.store.database import Store
from ingest.store.models import Package, ReleaseFolder
from tests.store.rows import NOW, add_label, add_package

LATER = NOW + timedelta(minutes=1)


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
        upload = uploads.add_upload(tx.connection(), label, folder, connection, "Album/a.wav", True, NOW)
    with store.transaction() as tx:
        assert not folders.begin_seal(tx, folder, "Album", 5)
        uploads.end_upload(tx.connection(), upload, received=5, size=5, holes=False, interrupted=False, now=NOW)
    with store.transaction() as tx:
        assert not folders.begin_seal(tx, folder, "Renamed meanwhile", 5)
        assert folders.begin_seal(tx, folder, "Album", 5)
        assert not folders.begin_seal(tx, folder, "Album", 5)
    store.close()


def seen(store: Store, folder: int) -> tuple[object, ...]:
    with store.reading() as tx:
        row = tx.get_one(ReleaseFolder, folder)
    return (row.name, row.state, row.touched_at, row.sealed_at, row.removed_at, row.fingerprint, row.bytes)


def touched(store: Store, name: str, label: int = 1) -> int:
    with store.transaction() as tx:
        return folders.touch_folder(tx, label, name, NOW).id


def sealed(store: Store, name: str, size: int = 5, label: int = 1) -> int:
    number = touched(store, name, label)
    with store.transaction() as tx:
        assert folders.begin_seal(tx, number, name, size)
        folders.end_seal(tx, number, NOW, Fingerprint("f" * 64, size))
    return number


def test_a_folder_goes_from_open_over_sealing_to_sealed_and_its_files_are_removed_in_the_end(store: Store) -> None:
    number = touched(store, "Album")
    assert seen(store, number) == ("Album", "open", NOW, None, None, None, None)
    with store.transaction() as tx:
        assert folders.begin_seal(tx, number, "Album", 9)
    assert seen(store, number) == ("Album", "sealing", NOW, None, None, None, 9)
    with store.transaction() as tx:
        folders.abandon_seal(tx, number)
    assert seen(store, number) == ("Album", "open", NOW, None, None, None, None)
    with store.transaction() as tx:
        assert folders.begin_seal(tx, number, "Album", 9)
        folders.end_seal(tx, number, LATER, Fingerprint("a" * 64, 11))
    assert seen(store, number) == ("Album", "sealed", NOW, LATER, None, "a" * 64, 11)
    with store.transaction() as tx:
        folders.note_removed(tx, number, LATER)
    assert seen(store, number) == ("Album", "sealed", NOW, LATER, LATER, "a" * 64, 11)


def test_only_an_open_folder_is_forgotten_and_only_a_claimed_one_is_given_back(store: Store) -> None:
    number = sealed(store, "Album")
    before = seen(store, number)
    with store.transaction() as tx:
        folders.forget_folder(tx, number, LATER)
        folders.abandon_seal(tx, number)
    assert seen(store, number) == before
    gone = touched(store, "Other")
    with store.transaction() as tx:
        folders.forget_folder(tx, gone, LATER)
        assert folders.open_folder(tx, 1, "Other") is None
    assert seen(store, gone)[1:5] == ("gone", NOW, None, LATER)


def test_open_folders_are_told_by_label_and_kept_names_with_those_that_were_sealed(store: Store) -> None:
    first, second, foreign = touched(store, "B"), touched(store, "A"), touched(store, "A", label=2)
    done, removed = sealed(store, "C"), sealed(store, "D")
    with store.transaction() as tx:
        assert folders.begin_seal(tx, second, "A", 1)
        folders.note_removed(tx, removed, LATER)
    with store.reading() as tx:
        assert [row.id for row in folders.open_folders(tx, 1)] == [first, second]
        assert [row.id for row in folders.open_folders(tx)] == [first, second, foreign]
        assert sorted(folders.names_in_use(tx, 1)) == ["A", "B", "C"]
        assert folders.names_in_use(tx, 2) == ("A",)
        found = folders.open_folder(tx, 1, "A")
        assert found is not None and found.id == second
        assert (folders.open_folder(tx, 1, "C"), folders.open_folder(tx, 2, "B")) == (None, None)
    assert seen(store, done)[1] == "sealed"


def test_after_a_restart_every_open_folder_counts_as_touched(store: Store) -> None:
    numbers = [touched(store, "A"), touched(store, "B", label=2), sealed(store, "C")]
    with store.transaction() as tx:
        folders.touch_all_open(tx, LATER)
    assert [seen(store, number)[2] for number in numbers] == [LATER, LATER, NOW]


def test_a_renamed_folder_keeps_its_row_and_takes_over_the_package_of_an_empty_one(store: Store) -> None:
    told = add_package(store, "New")
    moved, replaced = touched(store, "Old"), touched(store, "New")
    with store.transaction() as tx:
        folders.rename_folder(tx, 1, "Old", "New", LATER)
    assert (seen(store, moved)[:3], seen(store, replaced)[:2]) == (("New", "open", LATER), ("New", "gone"))
    with store.reading() as tx:
        assert tx.get_one(Package, told).folder_id == moved


def test_a_folder_with_a_package_of_its_own_takes_over_no_other(store: Store) -> None:
    own, other = add_package(store, "Old"), add_package(store, "New")
    moved, replaced = touched(store, "Old"), touched(store, "New")
    with store.transaction() as tx:
        folders.rename_folder(tx, 1, "Old", "New", LATER)
    with store.reading() as tx:
        assert [tx.get_one(Package, one).folder_id for one in (own, other)] == [moved, replaced]


def test_what_is_kept_of_a_label_are_the_bytes_of_its_sealed_folders_and_those_being_sealed(store: Store) -> None:
    sealing = touched(store, "A")
    sealed(store, "B", 50)
    removed = sealed(store, "C", 7000)
    sealed(store, "D", 900_000, label=2)
    with store.transaction() as tx:
        assert folders.begin_seal(tx, sealing, "A", 3_000_000_000)
        folders.note_removed(tx, removed, LATER)
    with store.reading() as tx:
        assert [folders.kept_bytes(tx, label) for label in (1, 2, 3)] == [3_000_000_050, 900_000, 0]


def test_sealed_folders_are_shown_newest_first_with_the_first_package_of_each(store: Store) -> None:
    batch, plain, removed = sealed(store, "Batch"), sealed(store, "Plain"), sealed(store, "Removed")
    with store.transaction() as tx:
        row = tx.get_one(ReleaseFolder, batch)
        first, _ = packages.add_package(tx, row, "one", NOW), packages.add_package(tx, row, "two", NOW)
        folders.note_removed(tx, removed, LATER)
    touched(store, "Open")
    with store.reading() as tx:
        assert folders.sealed_folders(tx, 1) == [
            folders.SealedRow(plain, "Plain", None),
            folders.SealedRow(batch, "Batch", first),
        ]
        assert folders.sealed_folders(tx, 2) == []


def test_folders_that_an_older_version_sealed_have_no_fingerprint_yet(store: Store) -> None:
    sealed(store, "Known")
    older, removed = sealed(store, "Older"), sealed(store, "Removed")
    with store.transaction() as tx:
        for number in (older, removed):
            tx.get_one(ReleaseFolder, number).fingerprint = None
        folders.note_removed(tx, removed, NOW)
    with store.transaction() as tx:
        assert [(row.id, label) for row, label in folders.without_fingerprint(tx)] == [(older, "anna")]
        folders.note_fingerprint(tx, older, Fingerprint("b" * 64, 3))
        assert folders.without_fingerprint(tx) == []


@pytest.mark.parametrize("other", [None, Status.INVALID, Status.DELIVERED, Status.INCOMING])
def test_a_folder_rests_when_all_its_packages_have_come_to_rest_in_that_status(
    store: Store, other: Status | None
) -> None:
    number = sealed(store, "Batch")
    with store.transaction() as tx:
        row = tx.get_one(ReleaseFolder, number)
        for path, status in (("one", Status.INVALID), ("two", other)):
            if status is not None:
                package = packages.add_package(tx, row, path, NOW)
                assert package is not None
                packages.change_status(tx, package, Status.INCOMING, status, "ingest", "", NOW)
    with store.reading() as tx:
        rests = other in (None, Status.INVALID)
        found = [(folder.id, label) for folder, label in folders.resting_folders(tx, Status.INVALID.value, LATER)]
        assert found == ([(number, "anna")] if rests else [])
        assert folders.resting_folders(tx, Status.INVALID.value, NOW) == []
