"""Labels: added once, changed, found by their names."""

from __future__ import annotations

import pytest

from ingest.store import labels
from ingest.store.database import Store
from tests.store.rows import add_label


def test_a_name_is_given_to_one_label(url: str) -> None:
    store = Store(url)
    store.migrate()
    first = add_label(store)
    with pytest.raises(labels.LabelExists):
        add_label(store, title="Another")
    with store.reading() as tx:
        assert [(row.id, row.title, row.dsps) for row in labels.list_labels(tx)] == [(first, "Anna", [])]
    store.close()
