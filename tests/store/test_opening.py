"""A database opened to be looked at: never made, and what went wrong in one line."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.store.database import Store
from ingest.store.labels import list_labels
from ingest.store.opening import NoDatabase, missing_file, opened, reason


def test_a_database_that_is_there_is_read(store: Store) -> None:
    with opened(store.engine.url.render_as_string(hide_password=False)) as there, there.reading() as tx:
        assert [label.name for label in list_labels(tx)] == ["anna", "ben"]


@pytest.mark.parametrize("folder", ["", "state/"])
def test_a_file_that_is_not_there_is_named_and_not_made(tmp_path: Path, folder: str) -> None:
    place = f"{tmp_path}/{folder}ingest.db"
    assert missing_file(f"sqlite:///{place}") == place
    with pytest.raises(NoDatabase, match=f"^{place}$"), opened(f"sqlite:///{place}"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_only_a_file_that_is_known_to_be_missing_is(tmp_path: Path) -> None:
    (tmp_path / "ingest.db").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    for url in (
        f"sqlite:///{tmp_path}/ingest.db",
        f"sqlite:///{tmp_path}/file/ingest.db",
        "sqlite://",
        "postgresql://127.0.0.1/ingest",
    ):
        assert missing_file(url) is None
    with pytest.raises(sa.exc.ArgumentError):
        missing_file("no url")


def test_a_server_that_answers_nothing_is_given_up_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/ingest"
        with pytest.raises(sa.exc.OperationalError), opened(f"{url}?connect_timeout=2") as store, store.reading() as tx:
            tx.execute(sa.text("SELECT 1"))
        assert 1 < time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError(), "ValueError"),
        (sa.exc.OperationalError("SELECT 1", {}, Exception("  no such table: labels\nmore ")), "no such table: labels"),
    ],
)
def test_of_an_error_the_first_line_of_the_driver_is_told(error: Exception, said: str) -> None:
    assert reason(error) == said
