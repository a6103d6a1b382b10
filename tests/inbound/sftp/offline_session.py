"""One SFTP session without SSH around it: bytes in, replies out, in the thread that asks."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.inbound.backend import Account
from ingest.inbound.sftp.answers import Answers
from ingest.inbound.sftp.changes import Changes
from ingest.inbound.sftp.connection_backend import ConnectionBackend
from ingest.inbound.sftp.framing import Framing
from ingest.inbound.sftp.protocol import Kind, Request
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.quota_limits import QuotaLimits
from ingest.inbound.sftp.tree import Tree
from ingest.inbound.sftp.usage import Usage
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.inbound.sftp.raw import Reply, packet
from tests.sftp_clients import RecordingLog

MANY = 10**9
HANDLES = 64
USAGE = ".tally"


@dataclass
class OfflineSession:
    """The session of one label. `replied` is everything it ever answered."""

    answers: Answers
    log: RecordingLog
    requests: deque[Request] = field(default_factory=deque)
    replied: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._framing = Framing(self.requests.append)

    def send(self, data: bytes) -> list[Reply]:
        """Feed bytes in and answer every request that they complete. Raises ProtocolError."""
        self._framing.feed(data)
        answered = b""
        while self.requests:
            answered += self.answers.answer(self.requests)
        self.replied += answered
        return list(replies_in(answered))

    def ask(self, kind: int, *fields: bytes) -> Reply:
        (reply,) = self.send(packet(kind, 7, *fields))
        return reply


def replies_in(stream: bytes) -> Iterator[Reply]:
    """Cut a stream of replies apart; every one must be whole."""
    at = 0
    while at < len(stream):
        length, kind, id = struct.unpack_from(">IBI", stream, at)
        assert at + 4 + length <= len(stream)
        yield Reply(Kind(kind), id, stream[at + 9 : at + 4 + length])
        at += 4 + length


@contextmanager
def offline_session(
    home: Path, read_only: Mapping[str, Path] | None = None, *, greeted: bool = True, ends: bool = True
) -> Iterator[OfflineSession]:
    """A session of the label whose home this is, after INIT.

    It is ended as interrupted at the end of the block, but for `ends` False: then whoever uses its answers ends them.
    """
    account = Account(id=1, name="anna", home=home, password_hash=None, public_keys=(), enabled=True)
    log = RecordingLog()
    backend = ConnectionBackend(MemoryBackend(), account, 1, "127.0.0.1", log)
    tree = Tree(backend, read_only or {})
    room = QuotaLimits(bytes=MANY, files=MANY, folders=MANY, min_free=0)
    usage = Usage(home / USAGE)
    quota = LabelQuota(home / "incoming", "anna", room, usage, lambda what, detail: None)
    opened = OfflineSession(Answers(backend, tree, quota, Changes(backend, tree, quota, 2000), HANDLES), log)
    try:
        if greeted:
            opened.send(struct.pack(">IBI", 5, Kind.INIT, 3))
        yield opened
    finally:
        if ends:
            opened.answers.end()
        quota.close()
