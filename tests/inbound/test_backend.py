"""What the SFTP server relies on, of the journal as of the backend in memory that stands for it in its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ingest.inbound.backend import Account, Revoked, SftpBackend
from ingest.store import labels
from tests.inbound.journaling import folder_of, journal_of, sealer_of
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.stage import Stage


@dataclass
class House:
    """A backend with the label anna, how her account is closed, and how a folder of hers is sealed."""

    backend: SftpBackend
    close: Callable[[], None]
    seal: Callable[[str], object]

    @property
    def account(self) -> Account:
        found = self.backend.account("anna")
        assert found is not None
        return found


def in_memory(on: Stage, tmp_path: Path) -> House:
    backend = MemoryBackend()
    account = Account(1, "anna", tmp_path / "memory", None, (), enabled=True)
    (account.home / "incoming").mkdir(parents=True)
    (tmp_path / "sealed").mkdir()
    backend.accounts["anna"] = account

    def close() -> None:
        backend.accounts["anna"] = replace(account, enabled=False)

    return House(backend, close, lambda name: backend.seal(account, name, tmp_path / "sealed"))


def in_rows(on: Stage, tmp_path: Path) -> House:
    journal, _ = journal_of(on)

    def close() -> None:
        with on.app.store.transaction() as tx:
            anna = labels.find_label(tx, "anna")
            assert anna is not None
            anna.enabled = False

    def seal(name: str) -> None:
        row = folder_of(on, name)
        assert row is not None and sealer_of(on).seal(on.label(), row, lambda: True)

    return House(journal, close, seal)


@pytest.fixture(params=[in_memory, in_rows])
def house(request: pytest.FixtureRequest, on: Stage, tmp_path: Path) -> Iterator[House]:
    made: House = request.param(on, tmp_path)
    yield made


def put(house: House, connection: int, path: str) -> None:
    """An upload that came to its end."""
    file = house.account.home / "incoming" / path
    file.parent.mkdir(exist_ok=True)
    with house.backend.opening(house.account):
        upload = house.backend.opened(house.account, connection, path, True)
        file.write_bytes(b"x")
    house.backend.closed(upload, received=1, size=1, holes=False, interrupted=False)


def test_an_account_has_a_home_with_an_incoming_and_nobody_else_has_one(house: House) -> None:
    account = house.account
    assert (account.id, account.name, account.enabled) == (1, "anna", True)
    assert (account.home / "incoming").is_dir()
    assert house.backend.account("nobody") is None


def test_connections_and_uploads_have_numbers_of_their_own(house: House) -> None:
    account, backend = house.account, house.backend
    connections = [backend.connected(account, "127.0.0.1") for _ in range(3)]
    assert len(set(connections)) == 3
    uploads = [backend.opened(account, connections[0], f"Album/{name}", True) for name in ("a", "b")]
    assert len(set(uploads)) == 2
    for upload in uploads:
        backend.closed(upload, received=0, size=0, holes=False, interrupted=True)
    for connection in connections:
        backend.disconnected(connection)


def test_a_closed_account_may_change_nothing_and_its_late_close_is_told_why(house: House) -> None:
    account, backend = house.account, house.backend
    connection = backend.connected(account, "127.0.0.1")
    late, interrupted = (backend.opened(account, connection, f"Album/{name}", True) for name in ("a", "b"))
    backend.check_standing(account)
    house.close()
    with pytest.raises(Revoked):
        backend.check_standing(account)
    with pytest.raises(Revoked), backend.changing(account, "Album"):
        pass
    with pytest.raises(Revoked), backend.opening(account):
        backend.opened(account, connection, "Album/c", True)
    with pytest.raises(Revoked):
        backend.closed(late, received=1, size=1, holes=False, interrupted=False)
    backend.closed(interrupted, received=1, size=1, holes=False, interrupted=True)
    backend.disconnected(connection)


def test_sealed_folders_are_shown_newest_first_and_their_names_may_repeat(house: House) -> None:
    connection = house.backend.connected(house.account, "127.0.0.1")
    assert list(house.backend.sealed(house.account)) == []
    for name in ("Album", "Single"):
        put(house, connection, f"{name}/a.wav")
        house.seal(name)
    shown = house.backend.sealed(house.account)
    assert [folder.name for folder in shown] == ["Single", "Album"]
    assert [(folder.path / "a.wav").read_bytes() for folder in shown] == [b"x", b"x"]
    assert not (house.account.home / "incoming" / "Album").exists()


def test_a_change_may_follow_another_and_go_on_beside_one(house: House) -> None:
    account, backend = house.account, house.backend
    with backend.changing(account, "A/a.wav"), backend.changing(account, "B/b.wav"):
        pass
    with backend.changing(account, "A", "B", exclusive=True):
        pass
