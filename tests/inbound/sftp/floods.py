"""A label that asks for much, and locks that take their time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.inbound.backend import Account
from ingest.inbound.sftp.protocol import Kind
from tests.inbound.sftp.raw import packet, string


@dataclass
class SlowLocks:
    """A lock for each label that every change holds for a while, until `released`."""

    seconds: float
    released: threading.Event = field(default_factory=threading.Event)
    locks: dict[int, threading.Lock] = field(default_factory=dict)

    @contextmanager
    def changing(self, account: Account, *paths: str, exclusive: bool = False) -> Iterator[None]:
        with self.locks.setdefault(account.id, threading.Lock()):
            self.released.wait(self.seconds)
            yield


def renames(count: int) -> bytes:
    old, new = string(b"/incoming/F/a"), string(b"/incoming/F/b")
    return b"".join(packet(Kind.RENAME, id, old, new) for id in range(count))
