"""What the SFTP server asks of the rest of the house: accounts, the journal, and the sealed folders of a label.

The backend (`inbound.sftp`) knows nothing of the database; the daemon hands it an implementation (`inbound.journal`).
All methods are synchronous, may block for a few milliseconds on the database and are called from a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Refused(Exception):
    """An operation that is refused; `str(refusal)` is the sentence the client shows to the label."""


class NoSpace(Refused):
    """Refused because the disk or the label's quota is full."""


class Gone(Refused):
    """Refused because the file was removed since it was opened."""


class Revoked(Refused):
    """The account is closed, or what it logs in with was changed: its sessions end, and this is why."""


@dataclass(frozen=True, slots=True)
class Account:
    """A label as the backend sees it: `name` is the user name, `home` holds `incoming/`.

    What it may have there at most is None where the configuration's default holds.
    """

    id: int
    name: str
    home: Path
    password_hash: str | None
    public_keys: tuple[str, ...]
    enabled: bool
    max_bytes: int | None = None
    max_files: int | None = None
    max_folders: int | None = None


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """A release folder that was sealed: still visible to its label under `name`, read-only, stored at `path`."""

    name: str
    path: Path
    package: int | None


class SftpBackend(Protocol):
    """The journal side of the SFTP server. Paths are relative to `/incoming/`, with `/`, as `Folder/01_Track.wav`.

    A path without `/` is a file placed directly in `/incoming/`, or the release folder itself.
    """

    def account(self, user: str) -> Account | None:
        """The label with this user name, disabled ones included; None when unknown."""

    def connected(self, account: Account, address: str) -> int:
        """Record a logged-in connection; returns its id."""

    def disconnected(self, connection: int) -> None:
        """The connection ended; every upload it left open must have been reported interrupted before."""

    def check_standing(self, account: Account) -> None:
        """Raise Revoked when the label is disabled, or has another password or other keys, since `account` was read."""

    def kept(self, account: Account) -> int:
        """The bytes of the label's sealed folders that are still kept, with those that are being sealed."""

    def changing(self, account: Account, *paths: str, exclusive: bool = False) -> AbstractContextManager[None]:
        """Hold while the tree under /incoming is changed at `paths` (mkdir, remove, open; rename with `alone`).

        Keeps the sealing of folders out for as long, and with `alone` every other change of the label's tree. Raises
        Refused when a release folder was sealed, Revoked as `check_standing` does.
        """

    def opened(self, account: Account, connection: int, path: str, fresh: bool) -> int:
        """A file is about to be opened for writing (call inside `changing`); returns the upload's id.

        `fresh` when it is created or truncated, else it is resumed. Raises Refused when the folder was sealed.
        """

    def closed(self, upload: int, *, received: int, size: int, holes: bool, interrupted: bool) -> None:
        """Record the end of an upload: bytes received, size of the file, and whether a gap was left.

        `interrupted` when no CLOSE came. Raises Revoked, as `check_standing` does, when one came too late: then the
        upload is recorded as interrupted.
        """

    def renamed(self, account: Account, connection: int, old: str, new: str) -> None:
        """A file or folder was renamed (call inside `changing` of both)."""

    def touched(self, account: Account, connection: int, path: str) -> None:
        """Something else changed below /incoming: a folder was made, a file or a folder removed."""

    def alarm(self, what: str, detail: str) -> None:
        """Ops must know; the same `what` is told once a day however often it comes."""

    def sealed(self, account: Account) -> Sequence[SealedFolder]:
        """The label's sealed folders that are still kept, newest first; names may repeat."""
