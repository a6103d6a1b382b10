"""Partner keys: kept as they were added, found by their hash alone, revoked once, used once a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from ingest.store import api_keys
from ingest.store.database import Store
from ingest.store.models import ApiKey
from tests.store.rows import NOW

KEPT = {"name": "Zoë's shop", "start": "isp_live_Ab3d", "scopes": ["read", "write"], "is_test": False}


def add(store: Store, number: int, label: int = 1) -> str:
    with store.transaction() as tx:
        id, digest = f"key_{number:026}", f"{number:064}"
        return api_keys.add_key(tx, id=id, label=label, digest=digest, now=NOW, **KEPT).id  # type: ignore[arg-type]


def row(store: Store, id: str) -> ApiKey:
    with store.reading() as tx:
        return tx.get_one(ApiKey, id)


def test_a_key_is_kept_as_it_was_added_and_found_by_its_hash_with_its_label(store: Store) -> None:
    first, other = add(store, 1), add(store, 2, label=2)
    with store.reading() as tx:
        found = api_keys.find_key(tx, f"{1:064}")
        assert found is not None and (found[0].id, found[1].name) == (first, "anna")
        assert {name: getattr(found[0], name) for name in KEPT} == KEPT
        assert (found[0].created_at, found[0].used_at, found[0].revoked_at) == (NOW, None, None)
        assert api_keys.find_key(tx, f"{3:064}") is None
        assert [one.id for one in api_keys.list_keys(tx, 1)] == [first]
        assert [one.id for one in api_keys.list_keys(tx, 2)] == [other]


def test_no_hash_is_stored_twice(store: Store) -> None:
    add(store, 1)
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as tx:
        api_keys.add_key(tx, id="key_2", label=2, digest=f"{1:064}", now=NOW, **KEPT)  # type: ignore[arg-type]


@pytest.mark.parametrize("id", ["key_2", "", "key_\0", "key_\udcff", "%", "k" * 1000])
def test_a_key_of_another_label_or_of_no_such_id_is_not_found(store: Store, id: str) -> None:
    first = add(store, 1)
    with store.reading() as tx:
        assert api_keys.get_key(tx, 2, first) is None
        assert api_keys.get_key(tx, 1, id) is None
        found = api_keys.get_key(tx, 1, first)
        assert found is not None and found.id == first


def test_a_key_is_revoked_once_and_stays_in_the_list(store: Store) -> None:
    first = add(store, 1)
    for at, told in ((NOW, True), (NOW + timedelta(days=1), False)):
        with store.transaction() as tx:
            assert api_keys.revoke_key(tx, first, at) == told
    with store.reading() as tx:
        assert [(one.id, one.revoked_at) for one in api_keys.list_keys(tx, 1)] == [(first, NOW)]


def test_a_use_is_recorded_unless_there_is_a_later_one(store: Store) -> None:
    first, other = add(store, 1), add(store, 2)

    def use(at: datetime) -> datetime | None:
        with store.transaction() as tx:
            api_keys.note_use(tx.connection(), first, at, at - timedelta(minutes=1))
        return row(store, first).used_at

    assert use(NOW) == NOW
    assert use(NOW + timedelta(seconds=60)) == NOW
    assert use(NOW + timedelta(seconds=61)) == NOW + timedelta(seconds=61)
    assert row(store, other).used_at is None
