"""Rows of artists."""

from __future__ import annotations

from ingest.store import artists
from ingest.store.database import Store
from tests.store.rows import NOW


def test_an_artist_is_found_by_its_label_and_keeps_the_fields_given(on_sqlite: Store) -> None:
    sent = {"name": "Ama", "country": "NG", "externalIds": {"spotify": "x"}}
    with on_sqlite.transaction() as tx:
        artists.add_artist(tx, "artist_1", 1, None, sent, NOW)
    with on_sqlite.reading() as tx:
        row = artists.find_artist(tx, 1, "artist_1")
        assert row is not None
        assert artists.fields_of(row) == {"primaryGenre": None, "profileImage": None, **sent}
        assert artists.find_artist(tx, 2, "artist_1") is None
        assert [one.id for one in artists.list_artists(tx, 1)] == ["artist_1"]
