"""Tens of thousands of sealed folders of a label: none of them slows a request about one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.inbound.sftp.protocol import Code, OpenFlag
from ingest.store.models import SEALED, ReleaseFolder
from tests.inbound.sftp.sessions import MAKE, Server, Session, code_of, prepare
from tests.inbound.sftp.stored import Counts

NOW = datetime(2026, 3, 23, tzinfo=UTC)
FEW, MANY = 20, 2_000


class Work:
    """Counts the instructions of SQLite's virtual machine: each row that is read or compared costs some."""

    def __init__(self, server: Server) -> None:
        self.steps = 0
        sa.event.listen(server.store.engine, "checkout", self._watch)

    def _watch(self, connection: Any, _record: object, _proxy: object) -> None:
        connection.set_progress_handler(self._count, 1)

    def _count(self) -> None:
        self.steps += 1

    def of(self, ask: Callable[[], object]) -> int:
        before = self.steps
        ask()
        return self.steps - before


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    prepare(tmp_path, Counts(bytes=10**9, files=10, folders=10))
    opened = Server(tmp_path)
    yield opened
    opened.close()


def add_sealed(server: Server, numbers: range) -> None:
    """Rows of sealed folders of anna, R0, R1, ...; what is on the disk is one folder for all."""
    label = server.account("anna").id
    fresh = {"label_id": label, "state": SEALED, "seen_at": NOW, "touched_at": NOW, "sealed_at": NOW}
    with server.store.transaction() as tx:
        tx.execute(sa.insert(ReleaseFolder), [{**fresh, "name": f"R{number}"} for number in numbers])
        rows = tx.execute(sa.select(ReleaseFolder.id, ReleaseFolder.name)).all()
    for folder, name in rows:
        (server.paths.spool_dir / "anna" / str(folder) / name).mkdir(parents=True, exist_ok=True)


REQUESTS: dict[str, tuple[Code, Callable[[Session, int], Code]]] = {
    "stat of a live folder": (Code.OK, lambda session, _: code_of(session.stat("Live"))),
    "stat of a sealed folder": (Code.OK, lambda session, _: code_of(session.stat("R7"))),
    "stat of what is nowhere": (Code.NO_SUCH_FILE, lambda session, _: code_of(session.stat("R7_v2"))),
    "mkdir": (Code.OK, lambda session, turn: code_of(session.mkdir(f"New{turn}"))),
    "mkdir refused": (Code.PERMISSION_DENIED, lambda session, _: code_of(session.mkdir("R7"))),
    "open refused": (Code.PERMISSION_DENIED, lambda session, _: code_of(session.open("R7/a", MAKE))),
    "open to read": (Code.NO_SUCH_FILE, lambda session, _: code_of(session.open("R7/a", OpenFlag.READ))),
}


@pytest.mark.parametrize("name", list(REQUESTS))
def test_a_request_reads_no_more_rows_when_there_are_many_sealed_folders(server: Server, name: str) -> None:
    expected, ask = REQUESTS[name]
    session, work = server.session("anna"), Work(server)
    session.mkdir("Live")
    steps: list[int] = []
    for turn, numbers in enumerate((range(FEW), range(FEW, MANY))):
        add_sealed(server, numbers)
        assert ask(session, turn) is expected
        session.mkdir(f"Settle{turn}")
        steps.append(work.of(partial(ask, session, turn + 10)))
    assert steps[1] <= steps[0] * 1.2 + 50, steps
    session.end()


def test_the_newest_of_one_name_is_found_and_a_listing_has_all(server: Server) -> None:
    add_sealed(server, range(5))
    add_sealed(server, range(3, 6))
    session = server.session("anna")
    listed = session.listing("")
    assert isinstance(listed, dict)
    assert sorted(listed) == ["R0", "R1", "R2", "R3", "R4", "R5"]
    account = server.account("anna")
    newest = {folder.name: folder for folder in reversed(server.journal.sealed(account))}
    assert {name: server.journal.sealed_folder(account, name) for name in newest} == newest
    for name in ("r0", "R", "R00", "R0 "):
        assert server.journal.sealed_folder(account, name) is None
    session.end()


def test_the_name_for_a_correction_is_one_that_is_not_in_use(server: Server) -> None:
    session = server.session("anna")
    add_sealed(server, range(1))
    for name, expected in (("R0_v2", "R0_v3"), ("R0_v4", "R0_v3"), ("R0_v3", "R0_v5")):
        session.mkdir(name)
        assert session.mkdir("R0").status[1].endswith(f"for example {expected}.")
    session.end()
