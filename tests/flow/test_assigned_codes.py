"""ISRCs and barcodes that we assign."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.config import Api
from ingest.flow.assigned_codes import AssignedCodes, RangeUsedUp
from ingest.store.catalogue import add_release
from ingest.store.database import Store
from tests.store.rows import NOW, new_label


def migrated(url: str) -> Store:
    store = Store(url)
    store.migrate()
    with store.transaction() as tx:
        for name in ("anna", "ben"):
            new_label(tx, name)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(migrated(f"sqlite:///{tmp_path}/ingest.db")) as made:
        yield made


CODES = AssignedCodes(Api(isrc_prefix="QZABC", barcodes="50345678900-50345678903"))


def test_nothing_is_assigned_where_nothing_is_configured(store: Store) -> None:
    with store.transaction() as tx:
        assert (AssignedCodes(Api()).isrc(tx, NOW), AssignedCodes(Api()).barcode(tx)) == (None, None)


def test_isrcs_count_within_a_year(store: Store) -> None:
    with store.transaction() as tx:
        assert [CODES.isrc(tx, NOW) for _ in range(2)] == ["QZABC2600001", "QZABC2600002"]
        assert CODES.isrc(tx, datetime(2027, 1, 1, tzinfo=UTC)) == "QZABC2700001"


def test_a_barcode_that_a_release_has_is_left_out_and_the_range_ends(store: Store) -> None:
    with store.transaction() as tx:
        add_release(tx, 2, "user", "slug", {"releaseTitle": "Taken"}, NOW, "0503456789012")
        assert [CODES.barcode(tx) for _ in range(3)] == ["503456789005", "503456789029", "503456789036"]
        with pytest.raises(RangeUsedUp):
            CODES.barcode(tx)


@pytest.mark.postgres
def test_no_code_is_assigned_twice_however_many_ask(fresh_postgres: str) -> None:
    on_postgres = migrated(fresh_postgres)

    def assign(_: int) -> tuple[str | None, str | None]:
        with on_postgres.transaction() as tx:
            return CODES.isrc(tx, NOW), AssignedCodes(Api(barcodes="10000000000-19999999999")).barcode(tx)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(assign, range(60)))
    on_postgres.close()
    assert len({isrc for isrc, _ in given}) == len({barcode for _, barcode in given}) == 60


def test_no_code_is_assigned_twice_on_sqlite_either(store: Store) -> None:
    def assign(_: int) -> str | None:
        with store.transaction() as tx:
            return CODES.isrc(tx, NOW)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(assign, range(40)))) == 40
