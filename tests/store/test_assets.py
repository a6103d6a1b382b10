"""Rows of integrators' files."""

from __future__ import annotations

from datetime import timedelta

from ingest.store import assets, catalogue
from ingest.store.database import Store
from ingest.store.models import Asset
from tests.store.rows import NOW


def add(store: Store, asset: str, sha256: str = "", size: int = 10, label: int = 1, url: str | None = None) -> None:
    with store.transaction() as tx:
        row = assets.add_asset(tx, asset, label, None, NOW, kind="audio", name="x.wav", source_url=url)
        if sha256:
            assets.note_content(row, sha256, size, "WAV")


def test_the_same_content_counts_once_for_its_label(on_sqlite: Store) -> None:
    add(on_sqlite, "file_1", "a" * 64)
    add(on_sqlite, "file_2", "a" * 64)
    add(on_sqlite, "file_3", "b" * 64, size=5)
    add(on_sqlite, "file_4", "a" * 64, label=2)
    with on_sqlite.reading() as tx:
        assert [assets.stored_bytes(tx, label) for label in (1, 2, 3)] == [15, 10, 0]


def test_an_asset_is_unfinished_until_it_is_processed_or_failed(on_sqlite: Store) -> None:
    add(on_sqlite, "file_1", "a" * 64)
    add(on_sqlite, "file_2", url="https://example.com/x")
    with on_sqlite.transaction() as tx:
        assert [one.id for one in assets.unfinished(tx, NOW + timedelta(seconds=1))] == ["file_1", "file_2"]
        assets.note_facts(tx.get_one(Asset, "file_1"), {"size": 1}, 1000)
        assets.end(tx.get_one(Asset, "file_1"), NOW)
        assets.end(tx.get_one(Asset, "file_2"), NOW, "gone")
    with on_sqlite.reading() as tx:
        assert assets.unfinished(tx, NOW + timedelta(seconds=1)) == []
        one, two = (assets.find_asset(tx, 1, name) for name in ("file_1", "file_2"))
        assert one is not None
        assert two is not None
        assert (one.state, one.duration_ms, two.state, two.fault) == ("processed", 1000, "failed", "gone")
        assert assets.find_asset(tx, 2, "file_1") is None
        assert assets.any_asset(tx, "file_1") is not None
        assert assets.fetched_from(tx, 1, "https://example.com/x") is None, "one that failed is fetched anew"


def test_the_releases_that_use_a_file_are_found(on_sqlite: Store) -> None:
    add(on_sqlite, "file_1", "a" * 64)
    with on_sqlite.transaction() as tx:
        release = catalogue.add_release(tx, 1, "one", "slug", {"releaseTitle": "A"}, NOW, None)
        release.photo_asset = "file_1"
    with on_sqlite.reading() as tx:
        assert [one.release_id for one in assets.releases_with(tx, "file_1")] == [release.release_id]
        assert list(assets.assets_of(tx, release.release_id)) == ["file_1"]
        assert assets.releases_with(tx, "file_2") == []
