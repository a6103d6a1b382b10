"""Passwords that are stored until their email is sent: never in clear, and readable with the key alone."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ingest.core.decision import By, Face
from ingest.flow.accounts import NewLabel
from ingest.flow.password_key import NAME, PasswordKey, Unreadable
from ingest.store.models import Notice
from tests.modes import modes_below
from tests.stage import Stage

MARA = By("mara", Face.CLI)


def test_a_password_comes_back_for_its_own_use_alone(tmp_path: Path) -> None:
    key = PasswordKey(tmp_path / "state")
    stored = key.encrypt("Größe 17", "credentials:1:1")
    assert key.decrypt(stored, "credentials:1:1") == "Größe 17"
    assert PasswordKey(tmp_path / "state").decrypt(stored, "credentials:1:1") == "Größe 17"
    assert key.encrypt("Größe 17", "credentials:1:1") != stored
    for text, use in ((stored, "credentials:1:2"), (stored[:-8] + "AAAAAAA=", "credentials:1:1"), ("!", ""), ("", "")):
        with pytest.raises(Unreadable, match="another key"):
            key.decrypt(text, use)


def test_another_key_and_none_are_told_of_and_none_is_made_for_reading(tmp_path: Path) -> None:
    stored = PasswordKey(tmp_path / "one").encrypt("secret", "use")
    PasswordKey(tmp_path / "two").encrypt("secret", "use")
    with pytest.raises(Unreadable, match="another key"):
        PasswordKey(tmp_path / "two").decrypt(stored, "use")
    with pytest.raises(Unreadable, match="cannot be read"):
        PasswordKey(tmp_path / "three").decrypt(stored, "use")
    assert not (tmp_path / "three").exists()


def test_processes_that_make_the_key_at_one_time_share_one_which_is_the_owners_alone(tmp_path: Path) -> None:
    keys = [PasswordKey(tmp_path / "state") for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        stored = list(threads.map(lambda key: key.encrypt("secret", "use"), keys))
    assert {keys[0].decrypt(one, "use") for one in stored} == {"secret"}
    assert modes_below(tmp_path) == {"state": "700", f"state/{NAME}": "600"}


def holders(on: Stage, secret: str) -> list[str]:
    """The files of the state folder, of database, log and journal, that hold this text."""
    state = on.app.config.paths.state_dir
    return [path.name for path in sorted(state.rglob("*")) if path.is_file() and secret.encode() in path.read_bytes()]


def test_no_file_of_the_database_holds_a_password_before_or_after_its_email(on: Stage) -> None:
    state = on.app.config.paths.state_dir
    sentinel = NewLabel("bob", ["bob@sentinel.example"])
    with closing(sqlite3.connect(state / "ingest.db")) as reader:
        reader.execute("BEGIN").execute("SELECT count(*) FROM labels").fetchall()  # nothing leaves the log meanwhile
        made = on.app.accounts.add(sentinel, MARA)
        renewed = on.app.accounts.renew_password("bob", MARA)
        assert made is not None
        assert holders(on, "bob@sentinel.example") == ["ingest.db-wal"]
        assert (holders(on, made), holders(on, renewed)) == ([], [])
        for notice in (1, 2):
            assert on.tell(notice) == "sent"
        for secret, sent in zip((made, renewed), on.transport.sent, strict=True):
            assert secret in str(sent)
        assert (holders(on, made), holders(on, renewed)) == ([], [])
    with on.app.store.reading() as tx:
        stored = {name for row in tx.query(Notice) for name in row.details}
    assert stored == {"user", "title", "fingerprint", "renewed"}
