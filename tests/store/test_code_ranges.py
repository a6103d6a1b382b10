"""Numbers of ranges."""

from __future__ import annotations

from ingest.store import catalogue, code_ranges
from ingest.store.catalogue_tracks import add_track
from ingest.store.database import Store
from tests.store.rows import NOW


def test_numbers_follow_one_another_in_each_range_and_a_rollback_gives_them_back(on_sqlite: Store) -> None:
    with on_sqlite.transaction() as tx:
        assert [code_ranges.next_number(tx, "isrc:A", 1) for _ in range(3)] == [1, 2, 3]
        assert code_ranges.next_number(tx, "barcode:B", 500) == 500
    with on_sqlite.reading() as tx:
        assert code_ranges.next_number(tx, "isrc:A", 1) == 4
    with on_sqlite.transaction() as tx:
        assert code_ranges.next_number(tx, "isrc:A", 1) == 4


def test_codes_of_releases_and_tracks_are_known(on_sqlite: Store) -> None:
    with on_sqlite.transaction() as tx:
        release = catalogue.add_release(tx, 1, "one", "slug", {"releaseTitle": "A"}, NOW, "503456789005")
        sent = {"trackTitle": "A", "isrcCode": "QZABC2600001"}
        add_track(tx, release, "one", "slug", sent, NOW)
        assert code_ranges.is_key_used(tx, "00503456789005")
        assert code_ranges.is_isrc_used(tx, "QZABC2600001")
        assert not code_ranges.is_isrc_used(tx, "QZABC2600002")
        assert not code_ranges.is_key_used(tx, "00503456789012")
