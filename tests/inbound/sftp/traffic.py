"""Random requests of one session, without a model: what was sent and acknowledged is kept for `blocks` to judge."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.inbound.sftp.protocol import Code, OpenFlag
from tests.inbound.sftp.blocks import SIZE, Sealed, Sent, body, read_folder
from tests.inbound.sftp.raw import Reply
from tests.inbound.sftp.sessions import MAKE, MAKE_ANEW, Server, code_of, size_of

SUBMITTED: Final = re.compile(r"already submitted.* for example R(\d+)_v2")
"""What is said of a sealed folder, with its number."""
FLAGS: Final = (
    *(MAKE, MAKE, MAKE_ANEW, MAKE_ANEW, MAKE_ANEW | OpenFlag.READ, OpenFlag.WRITE, OpenFlag.WRITE | OpenFlag.TRUNCATE),
    *(MAKE | OpenFlag.EXCLUSIVE, OpenFlag.READ),
)
NAMES: Final = 3
"""Release folders that all sessions of a label work in at one time."""
MOST_OPEN: Final = 4
BLOCKS: Final = (1, 8, 64, 512)


@dataclass(eq=False)
class Opened:
    """A handle; `sent` is None for one that only reads."""

    name: bytes
    sent: Sent | None


class Traffic:
    """One session that does anything. Numbers of uploads begin at `first`: no two sessions may share one."""

    def __init__(self, server: Server, label: str, seed: int, first: int) -> None:
        self.label = label
        self.sent: list[Sent] = []
        self._server = server
        self._session = server.session(label)
        self._chance = random.Random(seed)
        self._number = first
        self._open: list[Opened] = []
        self._retired: set[int] = set()
        self._steps = {
            self._begin: 6,
            self._write: 10,
            self._close: 5,
            self._remove: 3,
            self._rename_file: 2,
            self._rename_folder: 2,
            self._mkdir: 3,
            self._rmdir: 1,
            self._read: 1,
            self._look: 1,
        }

    def run(self, steps: int) -> None:
        for step in self._chance.choices(list(self._steps), list(self._steps.values()), k=steps):
            step()
        if self._chance.random() < 0.15:
            self.lose()
            self._session = self._server.session(self.label)

    def statvfs(self) -> tuple[int, int]:
        return self._session.statvfs()

    def lose(self) -> None:
        """The connection is lost with everything that is open."""
        for opened in self._open:
            _note_closing(opened)
        self._session.end()
        self._open.clear()

    def _folder(self) -> str:
        live = (number for number in range(len(self._retired) + NAMES) if number not in self._retired)
        return f"R{self._chance.choice(list(live)[:NAMES])}"

    def _path(self) -> str:
        return f"{self._folder()}/{self._chance.choice(('x', 'y', 'in/x'))}"

    def _told(self, reply: Reply) -> Code:
        """The reply's code; a folder that turns out to be sealed is not named again."""
        code = code_of(reply)
        if code is Code.PERMISSION_DENIED and (sealed := SUBMITTED.search(reply.status[1])):
            self._retired.add(int(sealed[1]))
        return code

    def _begin(self) -> None:
        if len(self._open) >= MOST_OPEN:
            self._close()
        path, flags = self._path(), self._chance.choice(FLAGS)
        reply = self._session.open(path, flags)
        if self._told(reply) is Code.NO_SUCH_FILE:
            self._session.mkdir(path.rsplit("/", 1)[0])
        if code_of(reply) is not Code.OK:
            return
        handle = reply.handle
        sent: Sent | None = None
        if flags & OpenFlag.WRITE:
            self._number += 1
            is_fresh = size_of(self._session.fstat(handle)) == 0
            sent = Sent(self._number, self.label, self._session.inode(handle), is_fresh, time.monotonic_ns())
            self.sent.append(sent)
        self._open.append(Opened(handle, sent))

    def _write(self) -> None:
        writing = [opened for opened in self._open if opened.sent]
        if not writing:
            return
        opened = self._chance.choice(writing)
        assert opened.sent is not None
        offset = self._chance.choice((0, 0, 16, 1024, 20_480))
        bodies: list[tuple[int, bytes]] = []
        for count in self._chance.choices(BLOCKS, k=self._chance.choice((1, 1, 3))):
            bodies.append((offset, body(opened.sent.number, offset, count)))
            offset += count * SIZE
        for (start, written), reply in zip(bodies, self._session.write(opened.name, *bodies), strict=True):
            if code_of(reply) is Code.OK:
                opened.sent.acknowledged.update(range(start, start + len(written), SIZE))

    def _read(self) -> None:
        if self._open:
            self._session.read(self._chance.choice(self._open).name, 0, 30_000)

    def _close(self) -> None:
        if self._open:
            opened = self._open.pop(self._chance.randrange(len(self._open)))
            _note_closing(opened)
            self._session.close(opened.name)

    def _remove(self) -> None:
        path = self._path()
        self._told(self._session.remove(path))

    def _rename_file(self) -> None:
        old, new = self._path(), self._path()
        self._told(self._session.rename(old, new, replaces=self._chance.random() < 0.7))

    def _rename_folder(self) -> None:
        old, new = self._folder(), self._folder()
        self._told(self._session.rename(old, new, replaces=self._chance.random() < 0.3))

    def _mkdir(self) -> None:
        path = self._folder()
        self._told(self._session.mkdir(path))

    def _rmdir(self) -> None:
        path = f"{self._folder()}/in"
        self._told(self._session.rmdir(path))

    def _look(self) -> None:
        self._session.listing(self._folder())
        self._session.listing("")


def _note_closing(opened: Opened) -> None:
    if opened.sent:
        opened.sent.closing_at = time.monotonic_ns()


class Sealing:
    """Seals release folders at random."""

    def __init__(self, server: Server, seed: int, whose: Sequence[str]) -> None:
        self.done: list[Sealed] = []
        """What was sealed, as it was right after its sealing."""
        self._server = server
        self._chance = random.Random(seed)
        self._whose = whose

    def try_one(self) -> None:
        label = self._chance.choice(self._whose)
        found = sorted(path.name for path in self._server.paths.incoming(label).iterdir())
        if not found:
            return
        place = self._server.seal(label, self._chance.choice(found))
        if place is not None:
            at = time.monotonic_ns()
            self.done.append(Sealed(label, place, at, read_folder(place)))


def uploads_of(traffic: Iterable[Traffic]) -> list[Sent]:
    return [sent for one in traffic for sent in one.sent]
