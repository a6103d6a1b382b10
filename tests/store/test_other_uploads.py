"""The other uploads of a release: by its barcode, or by the folder's name where there is no barcode yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from ingest.core.release import Release
from ingest.store.database import Store
from ingest.store.models import Package
from ingest.store.other_uploads import earlier_uploads, later_uploads, waiting_beside
from ingest.store.releases import assign_release
from tests.store.rows import NOW, add_package


def known(store: Store, package: int, barcode: str, *, made: int | None = 0, kind: str = "new release") -> None:
    """The package is of this release; its message was made `made` hours after NOW."""
    with store.transaction() as tx:
        row = tx.get_one(Package, package)
        row.kind, row.made_at = kind, None if made is None else NOW + timedelta(hours=made)
        assign_release(tx, row, Release(barcode=barcode), NOW)


def others(store: Store, package: int) -> tuple[Sequence[int], Sequence[int]]:
    """The numbers of the later and of the earlier uploads."""
    with store.reading() as tx:
        row = tx.get_one(Package, package)
        return [one.id for one in later_uploads(tx, row)], [one.id for one in earlier_uploads(tx, row)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ((0, 0), ([2], [])),
        ((0, 1), ([2], [])),
        ((1, 0), ([], [2])),
        ((None, 0), ([2], [])),
        ((0, None), ([2], [])),
    ],
)
def test_the_message_made_later_is_later(
    store: Store, made: tuple[int | None, int | None], expected: tuple[list[int], list[int]]
) -> None:
    for hours, name in zip(made, ("A", "B"), strict=True):
        known(store, add_package(store, name), "5034567890120", made=hours)
    assert others(store, 1) == expected
    assert others(store, 2) == (([], [1]) if expected[0] else ([1], []))


def test_a_package_without_a_release_counts_by_its_folder(store: Store) -> None:
    known(store, add_package(store, "Album"), "5034567890120")
    add_package(store, "Album_v2")
    add_package(store, "Album Deluxe")
    add_package(store, "Album_v2", label=2)
    add_package(store, "Batch/Album_v3")
    assert others(store, 1) == ([5, 2], [])
    assert others(store, 2) == ([5], [1])
    assert others(store, 5) == ([], [2, 1])


def test_another_release_in_a_folder_of_this_name_does_not_count(store: Store) -> None:
    known(store, add_package(store, "Album"), "5034567890120")
    known(store, add_package(store, "Album_v2"), "5034567890137")
    assert others(store, 1) == others(store, 2) == ([], [])


def test_uploads_of_the_release_that_have_a_status_are_found_from_whichever_side(store: Store) -> None:
    for name, barcode in (("Album", "1"), ("Album_v2", "1"), ("Album_v3", None), ("Album_v4", "2"), ("Single", "1")):
        number = add_package(store, name)
        if barcode is not None:
            known(store, number, barcode)
    with store.transaction() as tx:
        tx.get_one(Package, 2).status = "Needs QC"

    def beside(package: int, status: str) -> list[int]:
        return sorted(waiting_beside(tx, tx.get_one(Package, package), status))

    with store.reading() as tx:
        assert [beside(number, "Needs QC") for number in range(1, 6)] == [[2], [], [2], [], [2]]
        assert [beside(number, "Incoming") for number in range(1, 6)] == [[3, 5], [1, 3, 5], [1, 4], [3], [1]]


def test_signs_that_mean_any_character_in_a_query_mean_themselves(store: Store) -> None:
    known(store, add_package(store, "100%_A"), "5034567890120")
    add_package(store, "100x_A_v2")
    add_package(store, "100%_A_v2")
    assert others(store, 1) == ([3], [])


def test_a_test_is_no_upload_of_the_release(store: Store) -> None:
    known(store, add_package(store, "Album"), "5034567890120")
    known(store, add_package(store, "Album_v2"), "5034567890120", kind="test")
    assert others(store, 1) == ([], [])
