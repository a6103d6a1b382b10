"""The door as one connection of one label uses it: the account and the connection are bound, every change is logged.

A crash of the door is told apart from a fault of the disk: whatever it raises but `Refused` comes out as `Trouble`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol, TypeVar

from ingest.inbound.door import Account, Door, Refused, SealedFolder
from ingest.inbound.sftp.paths import Parts, shown

T = TypeVar("T")


class Log(Protocol):
    """A structlog-like logger."""

    def info(self, event: str, **values: object) -> object: ...

    def warning(self, event: str, **values: object) -> object: ...


class Trouble(Exception):
    """Something of ours failed; the label is told so, in our words, and the cause is logged."""


class LabelDoor:
    """Calls block for some milliseconds and belong in a thread. Paths are parts below /incoming."""

    def __init__(self, door: Door, account: Account, connection: int, address: str, log: Log) -> None:
        self.account = account
        self._door = door
        self._connection = connection
        self._address = address
        self._log = log

    @contextmanager
    def changing(self, *paths: Parts) -> Iterator[None]:
        """Hold the release folders of these paths against sealing; one call per folder, in the order of their names."""
        folders = {path[0]: path for path in sorted(paths, reverse=True)}
        with ExitStack() as stack:
            for folder in sorted(folders):
                holding = self._ask(self._door.changing, self.account, shown(folders[folder]))
                self._ask(stack.enter_context, holding)
            yield

    def opened(self, path: Parts, fresh: bool) -> int:
        upload = self._ask(self._door.opened, self.account, self._connection, shown(path), fresh)
        self.note("upload begun", path, upload=upload, fresh=fresh)
        return upload

    def closed(self, path: Parts, upload: int, received: int, size: int, holes: bool, torn: bool) -> None:
        self._ask(lambda: self._door.closed(upload, received=received, size=size, holes=holes, torn=torn))
        event = "upload torn" if torn else "upload ended"
        self.note(event, path, upload=upload, received=received, size=size, holes=holes)

    def renamed(self, old: Parts, new: Parts) -> None:
        self._ask(self._door.renamed, self.account, self._connection, shown(old), shown(new))
        self.note("renamed", old, to=shown(new))

    def touched(self, path: Parts, what: str) -> None:
        self._ask(self._door.touched, self.account, self._connection, shown(path))
        self.note(what, path)

    def sealed(self) -> list[SealedFolder]:
        """The sealed folders, one for each name: the newest."""
        found: dict[str, SealedFolder] = {}
        for folder in self._ask(self._door.sealed, self.account):
            found.setdefault(folder.name, folder)
        return list(found.values())

    def note(self, event: str, path: Parts | None = None, **values: object) -> None:
        """Log what this label did, and from where."""
        if path is not None:
            values["path"] = shown(path)
        self._log.info(event, label=self.account.name, address=self._address, connection=self._connection, **values)

    def warn(self, event: str, **values: object) -> None:
        self._log.warning(event, label=self.account.name, address=self._address, connection=self._connection, **values)

    def _ask(self, call: Callable[..., T], *arguments: object) -> T:
        try:
            return call(*arguments)
        except Refused:
            raise
        except Exception as crash:
            raise Trouble(f"{type(crash).__name__}: {crash}") from crash
