"""SFTP sessions over the real journal, store and sealer, without SSH around them; built here and nowhere else.

A `Server` is what one process of the server opens. Several may stand on one folder, in one process or in several.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import stat
import struct
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session as Tx

from ingest.config import Paths
from ingest.flow.storage import DirectoryStorage
from ingest.inbound import scan
from ingest.inbound.backend import Account
from ingest.inbound.journal import Journal
from ingest.inbound.seal import Sealer
from ingest.inbound.sftp.answers import Answers
from ingest.inbound.sftp.changes import Changes
from ingest.inbound.sftp.connection_backend import ConnectionBackend
from ingest.inbound.sftp.protocol import (
    Code,
    Init,
    Kind,
    OnHandle,
    OnPath,
    Open,
    OpenFlag,
    Read,
    Rename,
    Request,
    SetHandle,
    SetPath,
    Statvfs,
    Wanted,
    Write,
)
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.quota_limits import QuotaLimits
from ingest.inbound.sftp.tree import Tree
from ingest.inbound.sftp.usage import Usage, forget_counts
from ingest.inbound.storage import Kept
from ingest.store import folders, labels
from ingest.store.database import Store
from ingest.store.models import Label, ReleaseFolder
from tests.inbound.sftp.offline_session import replies_in
from tests.inbound.sftp.raw import Reply
from tests.inbound.sftp.stored import Counts
from tests.sftp_clients import RecordingLog
from tests.store.rows import new_label

LABELS: Final = ("anna", "bert")
BLOCK: Final = 4096
MAX_HANDLES: Final = 64
TROUBLE: Final = frozenset({"request crashed", "backend failed", "disk fault", "upload not ended in the journal"})
"""Events of the log that tell of a fault of ours."""

MAKE: Final = OpenFlag.WRITE | OpenFlag.CREATE
MAKE_ANEW: Final = MAKE | OpenFlag.TRUNCATE


def prepare(root: Path, quota: Counts) -> None:
    """Make a database with the labels anna and bert under `root`, each with this quota."""
    paths = Paths(data=root)
    paths.spool_dir.mkdir(parents=True)
    paths.state_dir.mkdir(parents=True)
    shutil.copy(_database(quota), _database_of(paths))


@functools.cache
def _database(quota: Counts) -> Path:
    """A database as `prepare` needs it, made once: migrating takes longer than most tests here."""
    folder = Path(tempfile.mkdtemp(prefix="sessions-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = Store(f"sqlite:///{folder}/template.sqlite")
    store.migrate()
    with store.transaction() as tx:
        for name in LABELS:
            room = {"max_bytes": quota.bytes, "max_files": quota.files, "max_folders": quota.folders}
            new_label(tx, name, emails=[f"{name}@label.example"], **room)
    store.close()
    return folder / "template.sqlite"


def _database_of(paths: Paths) -> Path:
    return paths.state_dir / "sessions.sqlite"


def _now() -> datetime:
    return datetime.now(UTC)


def _trust_the_power(connection: Any, _record: object) -> None:
    """No power is cut here, so SQLite need not wait for the disk: tests do in seconds what took minutes."""
    connection.execute("PRAGMA synchronous=OFF")


class Server:
    """One process of the server. `worker` names it in the journal; two at once need two names.

    `while_sealing` is called of a label whose folder was moved into the spool, before it counts as sealed.
    """

    def __init__(self, root: Path, worker: str = "w", ceiling: int = 1 << 62) -> None:
        self.paths = Paths(data=root)
        self.storage = DirectoryStorage(self.paths)
        self.store = Store(f"sqlite:///{_database_of(self.paths)}")
        sa.event.listen(self.store.engine, "connect", _trust_the_power)
        self.journal = Journal(
            self.store, self.paths, self.storage, worker, _now, lambda label, name: None, lambda what, why: None
        )
        self.sealer = Sealer(self.store, self.paths, self.storage, _now, self._take)
        self.while_sealing: Callable[[str], None] = lambda label: None
        self.log = RecordingLog()
        self._ceiling = ceiling
        self._quotas: dict[str, LabelQuota] = {}
        self._usages: dict[str, Usage] = {}
        for label in LABELS:
            self._open_quota(self.account(label))

    def _open_quota(self, account: Account) -> None:
        """As `context.ServerContext.quota_of` does, with no floor of free disk."""
        assert account.max_bytes and account.max_files and account.max_folders
        quota = QuotaLimits(account.max_bytes, account.max_files, account.max_folders, 0, self._ceiling)
        usage = self._usages[account.name] = Usage(account.home / ".tally")
        root = account.home / "incoming"
        self._quotas[account.name] = LabelQuota(
            root, account.name, quota, usage, lambda what, detail: None, kept=lambda: self.ask_kept(account)
        )

    def ask_kept(self, account: Account) -> int | None:
        return self.journal.kept(account)

    def _take(self, tx: Tx, row: ReleaseFolder) -> None:
        self.while_sealing(tx.get_one(Label, row.label_id).name)

    def answers(self, label: str, connection: int) -> Answers:
        """As `connection.Connection._answers` does."""
        account, quota = self.account(label), self._quotas[label]
        backend = ConnectionBackend(self.journal, account, connection, "127.0.0.1", self.log)
        tree = Tree(backend, {})
        return Answers(backend, tree, quota, Changes(backend, tree, quota, 2000), MAX_HANDLES)

    def account(self, label: str) -> Account:
        account = self.journal.account(label)
        assert account is not None
        return account

    def session(self, label: str) -> Session:
        return Session(self, label)

    def counts(self, label: str) -> Counts:
        """What counts against the label's quota, as every process of the server sees it."""
        usage = self._usages[label]
        with usage:
            return Counts(usage.bytes, usage.files, usage.folders)

    def kept(self, label: str) -> int:
        """The bytes of the label's sealed folders that count against its ceiling."""
        usage = self._usages[label]
        with usage:
            return usage.kept

    def count_anew(self, label: str) -> int:
        """Have the disk counted; all bytes that count of this label then."""
        forget_counts(self.paths.home(label))
        self._quotas[label].room()
        return self.counts(label).bytes + self.kept(label)

    def seal(self, label: str, name: str) -> Path | None:
        """Seal a release folder as intake does: where it lies then; None where it holds no file or the sealer refuses.

        Intake seals what rested for half a minute; so here nothing is sealed that was renamed meanwhile.
        """
        with self.store.reading() as tx:
            owner = labels.find_label(tx, label)
            assert owner is not None
            row = folders.open_folder(tx, owner.id, name)
        place = self.paths.incoming(label) / name
        files = scan.files_of(place) if place.is_dir() else ()
        if row is None or not files:
            return None
        number = row.id

        def is_unchanged() -> bool:
            return self._name_of(number) == name and scan.files_of(place) == files

        if not self.sealer.seal(owner, row, is_unchanged):
            return None
        return self.storage.view(Kept(label, number, name))

    def _name_of(self, folder: int) -> str:
        with self.store.reading() as tx:
            return tx.get_one(ReleaseFolder, folder).name

    def trouble(self) -> list[tuple[str, str, dict[str, object]]]:
        """Lines of the log that tell of a fault of ours."""
        return [line for line in list(self.log.lines) if line[1] in TROUBLE]

    def close(self) -> None:
        for quota in self._quotas.values():
            quota.close()
        self.store.close()


class Session:
    """One SFTP session after INIT, used by one thread at a time. Verbs send one request; paths are below /incoming."""

    def __init__(self, server: Server, label: str) -> None:
        self.label = label
        self._server = server
        self._connection = server.journal.connected(server.account(label), "127.0.0.1")
        self._answers = server.answers(label, self._connection)
        self._id = 0
        self._answers.answer(deque([Init(3)]))

    def ask(self, *requests: Request) -> list[Reply]:
        """Send requests in one batch; one reply each."""
        waiting, answered = deque(requests), b""
        while waiting:
            answered += self._answers.answer(waiting)
        replies = list(replies_in(answered))
        assert len(replies) == len(requests)
        return replies

    def open(self, path: str, flags: int) -> Reply:
        return self._one(Open(self._next(), _whole(path), flags))

    def write(self, handle: bytes, *bodies: tuple[int, bytes]) -> list[Reply]:
        """WRITEs of (offset, body) in one batch."""
        return self.ask(*(_write(self._next(), handle, offset, body) for offset, body in bodies))

    def read(self, handle: bytes, offset: int, length: int) -> Reply:
        return self._one(Read(self._next(), handle, offset, length))

    def close(self, handle: bytes) -> Reply:
        return self._one(OnHandle(self._next(), Kind.CLOSE, handle))

    def fstat(self, handle: bytes) -> Reply:
        return self._one(OnHandle(self._next(), Kind.FSTAT, handle))

    def resize(self, path: str, size: int) -> Reply:
        return self._one(SetPath(self._next(), _whole(path), Wanted(size)))

    def resize_open(self, handle: bytes, size: int) -> Reply:
        return self._one(SetHandle(self._next(), handle, Wanted(size)))

    def stat(self, path: str) -> Reply:
        return self._on_path(Kind.STAT, path)

    def mkdir(self, path: str) -> Reply:
        return self._on_path(Kind.MKDIR, path)

    def rmdir(self, path: str) -> Reply:
        return self._on_path(Kind.RMDIR, path)

    def remove(self, path: str) -> Reply:
        return self._on_path(Kind.REMOVE, path)

    def rename(self, old: str, new: str, *, replaces: bool) -> Reply:
        return self._one(Rename(self._next(), _whole(old), _whole(new), replaces))

    def listing(self, path: str) -> dict[str, int | None] | Code:
        """Names with the sizes of files, None for folders; or the code of the refusal."""
        opened = self._on_path(Kind.OPENDIR, path)
        if opened.kind is Kind.STATUS:
            return code_of(opened)
        found: dict[str, int | None] = {}
        while (page := self._one(OnHandle(self._next(), Kind.READDIR, opened.handle))).kind is Kind.NAME:
            found.update(_entries(page.body))
        self.close(opened.handle)
        return {name: size for name, size in found.items() if name not in (".", "..")}

    def statvfs(self) -> tuple[int, int]:
        """All blocks and free ones, of 4096 bytes each."""
        reply = self._one(Statvfs(self._next(), b"/incoming"))
        assert reply.kind is Kind.EXTENDED_REPLY, reply.status
        block, _, blocks, free, *_ = struct.unpack(">11Q", reply.body)
        assert block == BLOCK
        return blocks, free

    def tend(self) -> None:
        """What the server does every fifteen seconds with the files of a session."""
        self._answers.close_removed()

    def inode(self, handle: bytes) -> int:
        """The number of the inode that an open file lies in; the protocol does not tell it."""
        return self._answers._handles.file(handle).stat().st_ino

    def end(self) -> None:
        """The connection is lost: what is open is interrupted."""
        self._answers.end()
        self._server.journal.disconnected(self._connection)

    def _on_path(self, kind: Kind, path: str) -> Reply:
        return self._one(OnPath(self._next(), kind, _whole(path)))

    def _one(self, request: Request) -> Reply:
        (reply,) = self.ask(request)
        return reply

    def _next(self) -> int:
        self._id += 1
        return self._id


def code_of(reply: Reply) -> Code:
    """The status code; OK for a reply that carries something."""
    return reply.status[0] if reply.kind is Kind.STATUS else Code.OK


def size_of(reply: Reply) -> int | None:
    """The size that ATTRS tell of a file; None for a folder."""
    assert reply.kind is Kind.ATTRS, reply.status
    return _attributes(reply.body, 0)


def _whole(path: str) -> bytes:
    return f"/incoming/{path}".encode().rstrip(b"/")


def _write(id: int, handle: bytes, offset: int, body: bytes) -> Write:
    return Write(id, handle, offset, len(body), [memoryview(body)] if body else [])


def _entries(body: bytes) -> Iterator[tuple[str, int | None]]:
    at = 4
    for _ in range(int.from_bytes(body[:4], "big")):
        name, at = _string(body, at)
        _, at = _string(body, at)
        yield name.decode(), _attributes(body, at)
        at += 32


def _string(body: bytes, at: int) -> tuple[bytes, int]:
    end = at + 4 + int.from_bytes(body[at : at + 4], "big")
    return body[at + 4 : end], end


def _attributes(body: bytes, at: int) -> int | None:
    _, size, _, _, mode, _, _ = struct.unpack_from(">IQIIIII", body, at)
    return None if stat.S_ISDIR(mode) else int(size)
