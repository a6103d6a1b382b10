"""How files reach a DSP: what every transport can do, and how its failures are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Progress = Callable[[int], None]
"""Called with the number of bytes that have just been put, or that were found there already."""


class TransportError(Exception):
    """What kept files from reaching a DSP: `reason` says what, `cure` what a person at our side can do about it.

    `permanent`: no later attempt can succeed until something is changed.
    """

    def __init__(self, reason: str, cure: str, *, permanent: bool = False) -> None:
        super().__init__(f"{reason}. {cure}")
        self.reason, self.cure, self.permanent = reason, cure, permanent


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried at a DSP, and what came of it in words; `failed` where it did not work."""

    what: str
    result: str
    failed: bool = False


class Transport(Protocol):
    """A DSP's folder that is ours, open for one attempt. Paths are relative to it, their parts joined by `/`.

    Everything raises TransportError and nothing else. What lies there was not necessarily put by us: names that lead
    elsewhere, links, and what is more than MOST_FILES are left out.
    """

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of every file below a folder, by its path from our root; empty where there is no such folder."""

    def put(self, files: Mapping[str, Path], progress: Progress) -> None:
        """Put files, several at once where it pays; one that is there in part is continued."""

    def put_bytes(self, path: str, data: bytes) -> None:
        """Put a small file, in place of one that is there."""

    def names(self, folder: str) -> Sequence[str]:
        """The files directly in a folder, in order; empty where there is no such folder."""

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a file."""

    def remove(self, path: str) -> None:
        """Remove a file; nothing where there is none."""

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder; nothing where there is none."""


MOST_FILES = 20_000
"""Files of a DSP that are listed."""


def is_plain_name(name: str) -> bool:
    """Whether a name of a listing can be that of a file in the listed folder."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name
