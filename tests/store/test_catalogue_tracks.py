"""Rows of integrators' tracks."""

from __future__ import annotations

from uuid import uuid4

from ingest.store import catalogue, catalogue_tracks
from ingest.store.catalogue_tracks import TrackPlace
from ingest.store.database import Store
from ingest.store.models import CatalogueTrack
from tests.store.rows import NOW


def test_tracks_are_numbered_listed_in_pages_and_close_gaps(on_sqlite: Store) -> None:
    with on_sqlite.transaction() as tx:
        release = catalogue.add_release(tx, 1, "one", "slug", {"releaseTitle": "A"}, NOW, None)
        made = [
            catalogue_tracks.add_track(tx, release, user, f"slug-{title}", {"trackTitle": title}, NOW)
            for user, title in (("one", "A"), ("two", "B"), ("one", "C"))
        ]
        catalogue_tracks.delete_track(tx, made[0])
    with on_sqlite.reading() as tx:
        every = catalogue_tracks.list_tracks(tx, 1)
        assert [(one.number, one.title, one.slug) for one in every] == [(1, "B", "slug-B"), (2, "C", "slug-C")]
        assert [one.title for one in catalogue_tracks.list_tracks(tx, 1, user="one")] == ["C"]
        behind = TrackPlace(release.release_id, 1)
        assert [one.title for one in catalogue_tracks.list_tracks(tx, 1, after=behind, limit=5)] == ["C"]
        assert catalogue_tracks.list_tracks(tx, 2) == []
        found = catalogue_tracks.find_track(tx, 1, made[1].id)
        assert isinstance(found, CatalogueTrack)
        assert catalogue_tracks.find_track(tx, 2, made[1].id) is None
        assert catalogue_tracks.find_track(tx, 1, uuid4()) is None
