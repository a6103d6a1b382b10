"""Sealing step by step: what counts of a label at every moment, and what becomes of a sealing that broke off."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session as Tx

from ingest.config import Paths
from ingest.flow import storage
from ingest.flow.storage import DirectoryStorage
from ingest.inbound import seal
from ingest.inbound.backend import Refused
from ingest.inbound.fingerprint import fingerprint
from ingest.inbound.journal import label_lock
from ingest.inbound.sftp.protocol import Code
from ingest.inbound.sftp.removed import sweep_removed
from ingest.inbound.storage import Kept
from ingest.store import folders
from ingest.store.models import OPEN, SEALED, SEALING, Package, ReleaseFolder
from tests.inbound.journaling import folder_of, journal_of, sealer_of, upload
from tests.inbound.sftp.sessions import MAKE, Server, Session, code_of, prepare
from tests.inbound.sftp.stored import Counts, bytes_under
from tests.stage import Stage

SIZE = 50_000
CEILING = 120_000
QUOTA = Counts(bytes=10**6, files=50, folders=50)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    prepare(tmp_path, QUOTA)
    server = Server(tmp_path, ceiling=CEILING)
    yield server
    server.close()


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """A session of anna, with a release folder R of SIZE bytes to seal, and a folder S."""
    session = server.session("anna")
    assert code_of(session.mkdir("R")) is code_of(session.mkdir("S")) is Code.OK
    assert put(session, "R/a.wav", SIZE) is Code.OK
    yield session
    session.end()


def put(session: Session, path: str, size: int) -> Code:
    """Upload a file; the code of its WRITE."""
    handle = session.open(path, MAKE).handle
    (written,) = session.write(handle, (0, bytes(size)))
    session.close(handle)
    return code_of(written)


def on_disk(paths: Paths) -> int:
    return bytes_under(paths.incoming("anna")) + bytes_under(paths.spool_dir)


def row_of(server: Server) -> ReleaseFolder:
    with server.store.reading() as tx:
        return tx.scalars(sa.select(ReleaseFolder).where(ReleaseFolder.name == "R")).one()


MOMENTS: Sequence[tuple[Any, str]] = (
    (seal, "_flush_files"),
    (seal, "is_open_for_writing"),
    (folders, "begin_seal"),
    (DirectoryStorage, "keep"),
    (storage, "make_read_only"),
    (seal.Sealer, "_note"),
    (folders, "end_seal"),
    (seal, "forget_counts"),
)
"""All that a sealing does, in this order."""


def before_and_after(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, call: Callable[[], None]) -> None:
    done = getattr(where, name)

    def around(*arguments: Any) -> Any:
        call()
        try:
            return done(*arguments)
        finally:
            call()

    monkeypatch.setattr(where, name, around)


def test_at_every_moment_of_a_sealing_all_that_lies_on_the_disk_counts(
    server: Server, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[tuple[int, int]] = []
    for where, name in MOMENTS:
        before_and_after(
            monkeypatch, where, name, lambda: moments.append((server.count_anew("anna"), on_disk(server.paths)))
        )
    assert server.seal("anna", "R") is not None
    assert len(moments) == 2 * len(MOMENTS)
    assert all(counted >= there == SIZE for counted, there in moments), moments
    session.statvfs()
    assert (server.counts("anna").bytes, server.kept("anna")) == (0, SIZE)


def test_nothing_leads_past_the_ceiling_between_the_rename_and_its_commit(server: Server, session: Session) -> None:
    codes: list[Code] = []

    def flood(label: str) -> None:
        server.count_anew(label)
        codes.append(code_of(session.write(late, (0, bytes(CEILING - SIZE + 1)))[0]))

    late = session.open("S/late.wav", MAKE).handle
    server.while_sealing = flood
    assert server.seal("anna", "R") is not None
    assert codes == [Code.FAILURE]
    assert code_of(session.write(late, (0, bytes(CEILING - SIZE)))[0]) is Code.OK
    session.close(late)
    assert on_disk(server.paths) == CEILING


@pytest.mark.parametrize("moved", [False, True])
def test_a_sealing_that_broke_off_counts_until_it_is_finished_or_taken_back(
    server: Server, session: Session, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    def crash(*arguments: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        where, name = (seal.Sealer, "_note") if moved else (DirectoryStorage, "keep")
        patch.setattr(where, name, crash)
        server.seal("anna", "R")
    assert row_of(server).state == SEALING
    assert server.count_anew("anna") >= SIZE == on_disk(server.paths)
    server.sealer.recover()
    session.statvfs()
    assert (server.counts("anna").bytes, server.kept("anna")) == ((0, SIZE) if moved else (SIZE, 0))
    assert row_of(server).state == (SEALED if moved else OPEN)


def test_while_it_is_not_known_what_is_kept_a_sealed_folder_counts_as_it_did(
    server: Server, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.count_anew("anna") == SIZE
    monkeypatch.setattr(server, "ask_kept", lambda account: None)
    assert server.seal("anna", "R") is not None
    assert server.count_anew("anna") == SIZE
    assert put(session, "S/a.wav", CEILING - SIZE + 1) is Code.FAILURE
    monkeypatch.undo()
    server.count_anew("anna")
    assert (server.counts("anna").bytes, server.kept("anna")) == (0, SIZE)


def test_what_looks_broken_off_while_it_is_under_way_is_taken_once(
    server: Server, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    has_read = threading.Event()
    open_folders = folders.open_folders

    def read(tx: Tx, label: int | None = None) -> Sequence[ReleaseFolder]:
        rows = open_folders(tx, label)
        has_read.set()
        return rows

    recovering = threading.Thread(target=server.sealer.recover)

    def recover(label: str) -> None:
        taken.append(label)
        monkeypatch.setattr(folders, "open_folders", read)
        recovering.start()
        assert has_read.wait(20)
        time.sleep(0.05)

    server.while_sealing = recover
    assert server.seal("anna", "R") is not None
    recovering.join(20)
    assert taken == ["anna"]
    with label_lock(server.paths.state_dir, "anna", exclusive=True):
        assert row_of(server).state == SEALED


@pytest.mark.parametrize("moved", [False, True])
def test_a_sealing_that_broke_off_is_finished_or_taken_back(on: Stage, moved: bool) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    with on.app.store.transaction() as tx:
        assert folders.begin_seal(tx, row.id, row.name, 1)
    if moved:
        place = on.app.storage.view(Kept("anna", row.id, "Album"))
        place.parent.mkdir(parents=True)
        (account.home / "incoming" / "Album").rename(place)
    with pytest.raises(Refused, match="already submitted"), journal.changing(account, "Album/b.wav"):
        pass
    sealer_of(on).recover()
    row = folder_of(on, "Album")
    assert row is not None and row.state == ("sealed" if moved else "open")
    with on.app.store.reading() as tx:
        assert tx.scalar(sa.select(sa.func.count(Package.id))) == (1 if moved else 0)


def test_a_second_name_that_a_process_left_when_it_died_is_gone_before_the_folder_is_sealed(on: Stage) -> None:
    journal, account = journal_of(on)
    journal.closed(upload(on, journal, account, "Album/a.wav"), received=1, size=1, holes=False, interrupted=False)
    row, place = folder_of(on, "Album"), account.home / "incoming" / "Album" / "a.wav"
    assert row is not None
    (account.home / ".removed").mkdir()
    (account.home / ".removed" / str(place.stat().st_ino)).hardlink_to(place)
    assert sealer_of(on).seal(on.label(), row, lambda: True)
    kept = Kept("anna", row.id, "Album")
    before = on.app.storage.fingerprint(kept)
    sweep_removed(account.home)
    assert list((account.home / ".removed").iterdir()) == []
    assert on.app.storage.fingerprint(kept) == before


def test_a_folder_that_changed_since_it_was_looked_at_is_not_sealed(on: Stage) -> None:
    journal, account = journal_of(on)
    journal.closed(upload(on, journal, account, "Album/a.wav"), received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    assert not sealer_of(on).seal(on.label(), row, lambda: False)
    assert (account.home / "incoming" / "Album" / "a.wav").exists()


@pytest.mark.parametrize("mode", [os.O_WRONLY, os.O_RDWR])
def test_a_folder_is_not_sealed_while_any_process_has_a_file_of_it_open_for_writing(on: Stage, mode: int) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/CD 1/a.wav")
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    place = account.home / "incoming" / "Album" / "CD 1" / "a.wav"
    writing, reading = os.open(place, mode), os.open(place, os.O_RDONLY)
    assert not sealer_of(on).seal(on.label(), row, lambda: True)
    os.close(writing)
    assert sealer_of(on).seal(on.label(), row, lambda: True)
    os.close(reading)


def test_a_folder_that_is_gone_is_not_sealed(on: Stage) -> None:
    journal, account = journal_of(on)
    journal.closed(upload(on, journal, account, "Album/a.wav"), received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    (account.home / "incoming" / "Album").rename(account.home / "incoming" / "Moved")
    assert not sealer_of(on).seal(on.label(), row, lambda: True)
    row = folder_of(on, "Album")
    assert row is not None and row.state == "open"


def test_sealed_files_are_read_only_and_it_is_noted_how_they_stand(on: Stage) -> None:
    journal, account = journal_of(on)
    for name in ("a.wav", "CD 2/b.wav"):
        journal.closed(
            upload(on, journal, account, f"Album/{name}"), received=1, size=1, holes=False, interrupted=False
        )
    row = folder_of(on, "Album")
    assert row is not None and journal.kept(account) == 0
    assert sealer_of(on).seal(on.label(), row, lambda: True)
    place = on.app.storage.view(Kept("anna", row.id, "Album"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*.wav")} == {0o440}
    row = folder_of(on, "Album")
    assert row is not None
    assert (row.fingerprint, row.bytes) == (fingerprint(place).digest, 2)
    assert journal.kept(account) == 2


def test_folders_sealed_by_an_earlier_version_get_their_fingerprint_at_the_start(on: Stage) -> None:
    journal, account = journal_of(on)
    journal.closed(upload(on, journal, account, "Album/a.wav"), received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    assert sealer_of(on).seal(on.label(), row, lambda: True)
    with on.app.store.transaction() as tx:
        tx.execute(sa.update(ReleaseFolder).values(fingerprint=None, bytes=None))
    sealer_of(on).note_older()
    row = folder_of(on, "Album")
    assert row is not None
    place = on.app.storage.view(Kept("anna", row.id, "Album"))
    assert (row.fingerprint, row.bytes) == (fingerprint(place).digest, 1)
