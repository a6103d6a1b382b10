"""Rows of integrators' releases, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ingest.core.catalogue_status import ReleaseDecision
from ingest.core.decision import By, Face
from ingest.store import catalogue
from ingest.store.catalogue import BarcodeTaken, Place
from ingest.store.database import Store
from ingest.store.models import ReleaseRow
from tests.store.conftest import BOTH
from tests.store.rows import NOW

FIELDS = {"releaseTitle": "No Balance", "primaryArtistName": "Ama", "userId": "one"}


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    name = "on_sqlite" if request.param == "sqlite" else "on_postgres"
    yield request.getfixturevalue(name)


def add(store: Store, minutes: int = 0, label: int = 1, barcode: str | None = None, **fields: Any) -> UUID:
    now = NOW + timedelta(minutes=minutes)
    with store.transaction() as tx:
        sent = {**FIELDS, **fields}
        return catalogue.add_release(tx, label, sent["userId"], "slug", sent, now, barcode).release_id


def test_releases_are_listed_newest_first_in_pages(store: Store) -> None:
    ids = [add(store, minutes) for minutes in (0, 1, 1, 2)]
    add(store, label=2)
    with store.reading() as tx:
        everything = catalogue.list_releases(tx, 1)
        assert everything[0].id == ids[3]
        assert sorted(one.id for one in everything) == sorted(ids)
        pages, after = [], None
        while page := catalogue.list_releases(tx, 1, after=after, limit=1):
            pages += page
            after = Place(page[-1].created_at, page[-1].id)
        assert pages == everything


def test_a_user_has_its_own_list(store: Store) -> None:
    mine = add(store, userId="two")
    add(store)
    with store.reading() as tx:
        assert [one.id for one in catalogue.list_releases(tx, 1, "two")] == [mine]
        assert catalogue.list_releases(tx, 2, "two") == []


def test_a_barcode_is_taken_in_any_spelling_within_a_label(store: Store) -> None:
    first = add(store, barcode="503456789005")
    add(store, label=2, barcode="503456789005")
    with pytest.raises(BarcodeTaken) as told:
        add(store, barcode="0503456789005")
    assert told.value.release == first
    with store.transaction() as tx:
        catalogue.decide(tx, tx.get_one(ReleaseRow, first), ReleaseDecision.REJECTED, NOW, By("key_1", Face.API), "No")
    second = add(store, barcode="503456789005")
    with store.reading() as tx:
        assert tx.get_one(ReleaseRow, first).key is None
        assert tx.get_one(ReleaseRow, second).key == "00503456789005"
        assert catalogue.decided_by(tx.get_one(ReleaseRow, first)) == By("key_1", Face.API)


def test_a_deleted_release_is_found_by_nobody(store: Store) -> None:
    release = add(store, barcode="503456789005")
    with store.transaction() as tx:
        kept = catalogue.lock_fields(tx, release)
        assert kept is not None
        kept.compose_at = NOW
        catalogue.delete_release(tx, kept, NOW)
    with store.reading() as tx:
        assert catalogue.find_release(tx, 1, release) is None
        assert catalogue.list_releases(tx, 1) == []
        assert catalogue.due_release(tx, release) is None
        assert catalogue.due_releases(tx, NOW + timedelta(days=1)) == []
    assert add(store, barcode="503456789005") != release


def test_what_is_due_is_found_in_order(store: Store) -> None:
    first, second = add(store), add(store)
    with store.transaction() as tx:
        for release, minutes in ((first, 2), (second, 1)):
            kept = catalogue.lock_fields(tx, release)
            assert kept is not None
            kept.compose_at = NOW + timedelta(minutes=minutes)
    with store.reading() as tx:
        due = catalogue.due_releases(tx, NOW + timedelta(minutes=3))
        assert [one.release_id for one in due] == [second, first]
        assert len(catalogue.due_releases(tx, NOW + timedelta(minutes=2))) == 1
