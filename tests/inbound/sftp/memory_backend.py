"""A backend in memory: the accounts it is given, every call recorded, and switches to seal a folder or to crash."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.inbound.backend import Account, Refused, Revoked, SealedFolder, submitted

WHY = "This account was changed."


@dataclass(frozen=True, slots=True)
class Ended:
    """How an upload ended, as the backend was told."""

    path: str
    received: int
    size: int
    holes: bool
    interrupted: bool


@dataclass
class MemoryBackend:
    """Implements `ingest.inbound.backend.SftpBackend`. `calls` are (verb, account name, *arguments) in order."""

    accounts: dict[str, Account] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    sealed_folders: dict[int, list[SealedFolder]] = field(default_factory=dict)
    refused_folders: dict[str, str] = field(default_factory=dict)
    crashing: set[str] = field(default_factory=set)
    alarms: list[str] = field(default_factory=list)
    known_addresses: set[tuple[str, str]] = field(default_factory=set)
    kept_bytes: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._open: dict[int, tuple[int, str, Account]] = {}
        self.ended: list[Ended] = []
        self.connections: dict[int, str] = {}
        self.late: list[int] = []

    def _crash(self, verb: str) -> None:
        if verb in self.crashing:
            raise RuntimeError(f"{verb} crashed with a secret")

    def account(self, user: str) -> Account | None:
        self._crash("account")
        return self.accounts.get(user)

    def connected(self, account: Account, address: str) -> int:
        self._crash("connected")
        with self._lock:
            number = next(self._numbers)
            self.connections[number] = account.name
            return number

    def disconnected(self, connection: int) -> None:
        with self._lock:
            self.late += [upload for upload, (by, *_) in self._open.items() if by == connection]
            del self.connections[connection]

    def logged_in_lately(self, account: Account, address: str) -> bool:
        self._crash("logged_in_lately")
        return (account.name, address) in self.known_addresses

    def check_standing(self, account: Account) -> None:
        self._crash("check_standing")
        if not self._stands(account):
            raise Revoked(WHY)

    def _stands(self, account: Account) -> bool:
        return self.accounts.get(account.name, account) == account

    def kept(self, account: Account) -> int:
        self._crash("kept")
        return self.kept_bytes

    @contextmanager
    def changing(self, account: Account, *paths: str, exclusive: bool = False) -> Iterator[None]:
        self._crash("changing")
        with self._lock:
            self._check_change(account, *paths)
            yield

    def opening(self, account: Account) -> AbstractContextManager[None]:
        return self.changing(account)

    def _check_change(self, account: Account, *paths: str) -> None:
        self.check_standing(account)
        for folder in (path.split("/")[0] for path in paths):
            if folder in self.refused_folders:
                raise Refused(self.refused_folders[folder])

    def opened(self, account: Account, connection: int, path: str, fresh: bool) -> int:
        self._crash("opened")
        self._check_change(account, path)
        number = next(self._numbers)
        self._open[number] = (connection, path, account)
        self.calls.append(("opened", account.name, path, fresh))
        return number

    def closed(self, upload: int, *, received: int, size: int, holes: bool, interrupted: bool) -> None:
        self._crash("closed")
        with self._lock:
            _, path, account = self._open.pop(upload)
            revoked = not interrupted and not self._stands(account)
            self.ended.append(Ended(path, received, size, holes, interrupted or revoked))
        if revoked:
            raise Revoked(WHY)

    def renamed(self, account: Account, connection: int, old: str, new: str) -> None:
        self._crash("renamed")
        self.calls.append(("renamed", account.name, old, new))

    def touched(self, account: Account, connection: int, path: str) -> None:
        self._crash("touched")
        self.calls.append(("touched", account.name, path))

    def sealed(self, account: Account) -> Sequence[SealedFolder]:
        self._crash("sealed")
        return list(self.sealed_folders.get(account.id, ()))

    def sealed_folder(self, account: Account, name: str) -> SealedFolder | None:
        self._crash("sealed")
        return next((folder for folder in self.sealed_folders.get(account.id, ()) if folder.name == name), None)

    def submitted(self, account: Account, sealed: SealedFolder) -> str:
        taken = {folder.name for folder in self.sealed_folders.get(account.id, ())}
        return submitted(sealed.name, sealed.package, taken)

    def alarm(self, what: str, detail: str) -> None:
        self._crash("alarm")
        self.alarms.append(what)

    def seal(self, account: Account, name: str, spool: Path, package: int | None = 123) -> Path:
        """Move a live folder into the spool, as the intake does."""
        target = spool / f"{name}-{package}"
        with self._lock:
            (account.home / "incoming" / name).rename(target)
            self.sealed_folders.setdefault(account.id, []).insert(0, SealedFolder(name, target, package))
        return target

    @property
    def open_uploads(self) -> list[str]:
        with self._lock:
            return [path for _, path, _ in self._open.values()]
