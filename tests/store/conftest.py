"""Databases on SQLite and on PostgreSQL; those with tables are migrated once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.store.database import Store
from tests.postgres import empty_database
from tests.stage import Stage, staged
from tests.store.rows import new_label

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ingest.db"
    return str(request.getfixturevalue("fresh_postgres"))


def migrate(url: str) -> None:
    with closing(Store(url)) as store:
        store.migrate()
        with store.transaction() as tx:
            for name in ("anna", "ben"):
                new_label(tx, name, title=name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "ingest.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    with empty_database(postgres) as url:
        migrate(url)
        yield url


@pytest.fixture
def on_sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    copied = shutil.copy(migrated_file, tmp_path / "store.db")
    with closing(Store(f"sqlite:///{copied}")) as store:
        yield store


@pytest.fixture
def on_postgres(postgres: str, migrated_postgres: str) -> Iterator[Store]:
    with empty_database(postgres, like=migrated_postgres) as url, closing(Store(url)) as store:
        yield store


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest) -> Store:
    """The tables with the labels 1 and 2, anna and ben."""
    opened = request.getfixturevalue("on_sqlite" if request.param == "sqlite" else "on_postgres")
    assert isinstance(opened, Store)
    return opened


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as there:
        yield there
