"""What the SFTP server needs of the rest of the program: accounts, the journal, and the sealed folders of a label.

The server (`inbound.sftp`) knows nothing of the database; the daemon hands it an implementation of `SftpBackend`
(`inbound.journal.Journal`). All methods are synchronous, may block on the database or on a lock, and are called from
threads.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.core.folder_names import next_name


class Refused(Exception):
    """An operation that is refused; `str(refusal)` is the sentence the client shows to the label."""


class NoSpace(Refused):
    """Refused because the disk or the label's quota is full."""


class Gone(Refused):
    """Refused because the file was removed since it was opened."""


class Revoked(Refused):
    """The account was disabled, or its password or keys were changed: its sessions end, and this is why."""


@dataclass(frozen=True, slots=True)
class Account:
    """A label as the SFTP server sees it: `name` is the user name, `home` holds `incoming/`.

    `max_bytes`, `max_files` and `max_folders` limit what lies under /incoming; None where the configuration's default
    holds.
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


def submitted(name: str, package: int | None, taken: Container[str]) -> str:
    """The refusal of a change in a sealed folder, with the name under which to upload a correction (guide, FAQ)."""
    number = "" if package is None else f" (package {package})"
    another = next_name(name, taken)
    return f"This release is already submitted{number}. To correct it, upload a new folder, for example {another}."


class SftpBackend(Protocol):
    """Accounts and journal as the SFTP server uses them. Paths are relative to `/incoming/`, as `Folder/01_Track.wav`.

    A path without `/` is a file placed directly in `/incoming/`, or the release folder itself.
    """

    def account(self, user: str) -> Account | None:
        """The label with this user name, disabled ones included; None when unknown.

        Its `incoming/` exists afterwards.
        """

    def connected(self, account: Account, address: str) -> int:
        """Record a connection that has logged in from `address`; returns its id."""

    def disconnected(self, connection: int) -> None:
        """Record the end of a connection.

        Every upload that it left open must have been reported as interrupted before.
        """

    def check_standing(self, account: Account) -> None:
        """Raise Revoked when the label is disabled, or its password or keys changed since `account` was read."""

    def logged_in_lately(self, account: Account, address: str) -> bool:
        """Whether the label has logged in from the source of this address (`core.source`) within 30 days."""

    def kept(self, account: Account) -> int:
        """The bytes of the label's sealed folders that are still stored, folders that are being sealed included."""

    def changing(self, account: Account, *paths: str, exclusive: bool = False) -> AbstractContextManager[None]:
        """Lock the label's tree for the duration of the block, in which `paths` below /incoming are changed.

        No folder of the label is sealed meanwhile. With `exclusive`, for a rename, nothing else in the tree changes
        either. Blocks until the lock is free. Raises Refused when a release folder of `paths` is being sealed, Revoked
        as `check_standing` does.
        """

    def opening(self, account: Account) -> AbstractContextManager[None]:
        """As `changing`, for the opening of a file: `opened`, called in the block, says whether that may be."""

    def opened(self, account: Account, connection: int, path: str, fresh: bool) -> int:
        """Record that a file is about to be opened for writing; returns the upload's id.

        Call it within `opening` or `changing`. Raises as `changing` does. `fresh` when the file is created or
        truncated; else an earlier upload is resumed.
        """

    def closed(self, upload: int, *, received: int, size: int, holes: bool, interrupted: bool) -> None:
        """Record the end of an upload: the bytes `received` by it, the `size` of the file, and whether it left `holes`.

        `interrupted` when no CLOSE came. A CLOSE that came after the account was disabled or changed is recorded as
        interrupted, and Revoked is raised.
        """

    def renamed(self, account: Account, connection: int, old: str, new: str) -> None:
        """Record that a file or folder was renamed; call it within `changing` of both paths."""

    def touched(self, account: Account, connection: int, path: str) -> None:
        """Record any other change below /incoming: a folder was made, a file or a folder removed."""

    def alarm(self, what: str, detail: str) -> None:
        """Owe ops an email; the same `what` is sent once a day at most."""

    def sealed(self, account: Account) -> Sequence[SealedFolder]:
        """The label's sealed folders that are still stored, newest first. Several may have the same name."""

    def sealed_folder(self, account: Account, name: str) -> SealedFolder | None:
        """The first of `sealed` with this name; None where there is none. Takes no longer when there are many."""

    def submitted(self, account: Account, sealed: SealedFolder) -> str:
        """The refusal of a change in this sealed folder. Takes no longer when there are many."""
