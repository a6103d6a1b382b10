"""The backend as one connection of one label uses it: account and connection are filled in, every change is logged.

Whatever the backend raises except `Refused` comes out as `Trouble`, which tells its failures from those of the disk.
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
"""How long the journal's answer that an account may go on is good for requests that open, change and list nothing."""


class Log(Protocol):
    """A structlog-like logger."""

    def info(self, event: str, **values: object) -> object:
        """Log an event that is expected, with its values."""

    def warning(self, event: str, **values: object) -> object:
        """Log an event that ops should see, with its values."""


class Trouble(Exception):
    """The backend failed. The label reads that our system had a problem; the cause goes to the log."""


class ConnectionBackend:
    """`SftpBackend` for one connection. Paths are names below /incoming.

    Methods block as those of `SftpBackend` do, and belong in a thread. All that ask the journal raise Refused, Revoked
    or Trouble.
    """

    def __init__(
        self,
        backend: SftpBackend,
        account: Account,
        connection: int,
        address: str,
        log: Log,
        revoked: Callable[[], object] = lambda: None,
    ) -> None:
        """`revoked` is called once, from the thread that finds out, when the account was disabled or changed."""
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
        """Raise Revoked if the account was disabled or changed; the journal is asked once a second at most.

        When the journal cannot be asked nothing is raised here; `Standing` logs that.
        """
        if time.monotonic() - self._asked_at >= STANDS_SECONDS:
            with suppress(Trouble):
                self.ask_standing()
        if self._why:
            raise Revoked(self._why)

    def ask_standing(self) -> None:
        """Ask the journal now whether the account may go on; raises Revoked, or Trouble when it cannot be asked."""
        if self._why:
            raise Revoked(self._why)
        self._asked_at = time.monotonic()
        self._ask(self._backend.check_standing, self.account)

    @contextmanager
    def changing(self, *paths: Parts, exclusive: bool = False) -> Iterator[None]:
        """Keep the label's folders from being sealed during the block; `exclusive`: and from all other changes."""
        self.check_standing()
        with ExitStack() as stack:
            holding = self._ask(lambda: self._backend.changing(self.account, *map(shown, paths), exclusive=exclusive))
            self._ask(stack.enter_context, holding)
            yield

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Keep the label's folders from being sealed during the block, in which `opened` says whether that may be."""
        with ExitStack() as stack:
            self._ask(stack.enter_context, self._ask(self._backend.opening, self.account))
            yield

    def opened(self, path: Parts, fresh: bool) -> int:
        """Record that a file is about to be opened for writing; returns the upload's id. See `SftpBackend.opened`."""
        upload = self._ask(self._backend.opened, self.account, self._connection, shown(path), fresh)
        self.note("upload begun", path, upload=upload, fresh=fresh)
        return upload

    def closed(self, path: Parts, upload: int, received: int, size: int, holes: bool, interrupted: bool) -> None:
        """Record the end of an upload. After the account was disabled or changed it is recorded as interrupted.

        Revoked is not raised here, but by `check_standing` from then on. Raises Trouble when it could not be recorded.
        """
        try:
            self._ask(
                lambda: self._backend.closed(upload, received=received, size=size, holes=holes, interrupted=interrupted)
            )
        except Revoked:
            interrupted = True
        event = "upload interrupted" if interrupted else "upload ended"
        self.note(event, path, upload=upload, received=received, size=size, holes=holes)

    def renamed(self, old: Parts, new: Parts) -> None:
        """Record that a file or folder was renamed; call it within `changing` of both paths."""
        self._ask(self._backend.renamed, self.account, self._connection, shown(old), shown(new))
        self.note("renamed", old, to=shown(new))

    def touched(self, path: Parts, what: str) -> None:
        """Record another change at this path; `what` is the event in the log."""
        self._ask(self._backend.touched, self.account, self._connection, shown(path))
        self.note(what, path)

    def sealed(self) -> list[SealedFolder]:
        """The label's sealed folders; of those with the same name only the newest."""
        found: dict[str, SealedFolder] = {}
        for folder in self._ask(self._backend.sealed, self.account):
            found.setdefault(folder.name, folder)
        return list(found.values())

    def sealed_folder(self, name: str) -> SealedFolder | None:
        """The label's newest sealed folder of this name; None where there is none."""
        return self._ask(self._backend.sealed_folder, self.account, name)

    def submitted(self, sealed: SealedFolder) -> str:
        """The refusal of a change in this sealed folder."""
        return self._ask(self._backend.submitted, self.account, sealed)

    def note(self, event: str, path: Parts | None = None, **values: object) -> None:
        """Log what this label did, with its address and the number of the connection."""
        if path is not None:
            values["path"] = shown(path)
        self._log.info(event, label=self.account.name, address=self._address, connection=self._connection, **values)

    def warn(self, event: str, **values: object) -> None:
        """As `note`, for what ops should see."""
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
