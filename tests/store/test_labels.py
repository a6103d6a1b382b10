"""Labels: added once, changed, found by their names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from ingest.store import labels
from ingest.store.database import Store
from tests.store.rows import NOW, add_label, new_label


def test_a_name_is_given_to_one_label(url: str) -> None:
    store = Store(url)
    store.migrate()
    first = add_label(store)
    with pytest.raises(labels.LabelExists):
        add_label(store, title="Another")
    with store.reading() as tx:
        assert [(row.id, row.title, row.dsps) for row in labels.list_labels(tx)] == [(first, "Anna", [])]
    store.close()


def test_a_label_is_kept_as_it_was_added_and_found_by_its_name_alone(store: Store) -> None:
    given = {
        "title": "Zoë & Söhne",
        "emails": ["z@b.example", "y@b.example"],
        "password_hash": "$argon2id$x",
        "public_keys": ["ssh-ed25519 AAAA"],
        "dsps": ["beta", "alpha"],
        "max_bytes": 2**40,
        "max_files": 7,
        "max_folders": None,
    }
    with store.transaction() as tx:
        number = labels.add_label(tx, name="zoe", now=NOW, **given).id  # type: ignore[arg-type]
    with store.reading() as tx:
        found = labels.find_label(tx, "zoe")
        assert found is not None and (found.id, found.created_at, found.enabled) == (number, NOW, True)
        assert {name: getattr(found, name) for name in given} == given
        assert [row.name for row in labels.list_labels(tx)] == ["anna", "ben", "zoe"]


@pytest.mark.parametrize("name", ["Anna", "ann", "anna ", "", "a\0b", "anna\n", "\udcff", "%", "_nna"])
def test_no_other_name_finds_a_label(store: Store, name: str) -> None:
    with store.reading() as tx:
        assert labels.find_label(tx, name) is None


def test_a_change_tells_only_what_had_another_value(store: Store) -> None:
    with store.transaction() as tx:
        anna = labels.find_label(tx, "anna")
        assert anna is not None
        assert labels.change_label(anna, title="anna", dsps=[], enabled=True) == {}
        told = labels.change_label(anna, title="Anna", dsps=["beta"], enabled=True)
    assert told == {"title": {"old": "anna", "new": "Anna"}, "dsps": {"old": [], "new": ["beta"]}}
    with store.reading() as tx:
        anna, ben = labels.list_labels(tx)
        assert ((anna.title, anna.dsps), (ben.title, ben.dsps)) == (("Anna", ["beta"]), ("ben", []))


@pytest.mark.postgres
def test_of_two_that_add_a_name_at_one_time_one_is_told(on_postgres: Store) -> None:
    with ThreadPoolExecutor(1) as thread:
        with on_postgres.transaction() as tx:
            first = new_label(tx, "zoe").id
            late = thread.submit(add_label, on_postgres, name="zoe", title="Another")
            assert not wait([late], 0.5).done
        with pytest.raises(labels.LabelExists, match=r"^zoe$"):
            late.result(10)
    with on_postgres.reading() as tx:
        assert [(row.id, row.title) for row in labels.list_labels(tx) if row.name == "zoe"] == [(first, "Zoe")]
