"""The backend as one connection of one label uses it: the account and the connection are bound, every change is logged.

A crash of the backend is told apart from a fault of the disk: whatever it raises but `Refused` comes out as `Trouble`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, Protocol, TypeVar

from ingest.inbound.backend import Account, Refused, Revoked, SealedFolder, SftpBackend
from ingest.inbound.sftp.paths import Parts, shown

T = TypeVar("T")

STANDS_SECONDS: Final = 1.0
"""How long an answer of the journal about an account's standing holds for what opens, changes and lists nothing."""


class Log(Protocol):
    """A structlog-like logger."""

    def info(self, event: str, **values: object) -> object: ...

    def warning(self, event: str, **values: object) -> object: ...


class Trouble(Exception):
    """Something of ours failed; the label is told so, in our words, and the cause is logged."""


class ConnectionBackend:
    """Calls block for some milliseconds and belong in a thread. Paths are parts below /incoming."""

    def __init__(
        self,
        backend: SftpBackend,
        account: Account,
        connection: int,
        address: str,
        log: Log,
        revoked: Callable[[], object] = lambda: None,
    ) -> None:
        """`revoked` is called once, in whichever thread finds it out, when the account may not go on."""
        self.account = account
        self._revoked = revoked
        self._lock = threading.Lock()
        self._why = ""
        self._asked_at = float("-inf")
        self._backend = backend
        self._connection = connection
        self._address = address
        self._log = log

    def check_standing(self) -> None:
        """Raise Revoked once the account was found to be closed or changed; the journal is asked once a second.

        While it cannot be asked nothing ends: `Standing` tells of that.
        """
        if time.monotonic() - self._asked_at >= STANDS_SECONDS:
            with suppress(Trouble):
                self.ask_standing()
        if self._why:
            raise Revoked(self._why)

    def ask_standing(self) -> None:
        """Ask the journal whether the account still may do what it does; raises Revoked."""
        if self._why:
            raise Revoked(self._why)
        self._asked_at = time.monotonic()
        self._ask(self._backend.check_standing, self.account)

    @contextmanager
    def changing(self, *paths: Parts, exclusive: bool = False) -> Iterator[None]:
        """Hold the release folders of these paths against sealing; `alone` keeps out all other changes too."""
        self.check_standing()
        with ExitStack() as stack:
            holding = self._ask(lambda: self._backend.changing(self.account, *map(shown, paths), exclusive=exclusive))
            self._ask(stack.enter_context, holding)
            yield

    def opened(self, path: Parts, fresh: bool) -> int:
        upload = self._ask(self._backend.opened, self.account, self._connection, shown(path), fresh)
        self.note("upload begun", path, upload=upload, fresh=fresh)
        return upload

    def closed(self, path: Parts, upload: int, received: int, size: int, holes: bool, interrupted: bool) -> None:
        """The upload has ended; as interrupted when the account may not go on, as `check_standing` then says."""
        try:
            self._ask(
                lambda: self._backend.closed(upload, received=received, size=size, holes=holes, interrupted=interrupted)
            )
        except Revoked:
            interrupted = True
        event = "upload interrupted" if interrupted else "upload ended"
        self.note(event, path, upload=upload, received=received, size=size, holes=holes)

    def renamed(self, old: Parts, new: Parts) -> None:
        self._ask(self._backend.renamed, self.account, self._connection, shown(old), shown(new))
        self.note("renamed", old, to=shown(new))

    def touched(self, path: Parts, what: str) -> None:
        self._ask(self._backend.touched, self.account, self._connection, shown(path))
        self.note(what, path)

    def sealed(self) -> list[SealedFolder]:
        """The sealed folders, one for each name: the newest."""
        found: dict[str, SealedFolder] = {}
        for folder in self._ask(self._backend.sealed, self.account):
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
        except Revoked as revoked:
            self._end(str(revoked))
            raise
        except Refused:
            raise
        except Exception as crash:
            raise Trouble(f"{type(crash).__name__}: {crash}") from crash

    def _end(self, why: str) -> None:
        """From now on every request is answered with `why`."""
        with self._lock:
            is_first = not self._why
            self._why = self._why or why
        if is_first:
            self.warn("sessions of this label end", why=why)
            self._revoked()
