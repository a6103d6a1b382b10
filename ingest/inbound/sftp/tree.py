"""One label's tree as its clients see it: `/` with `incoming` and the read-only folders.

/incoming has live and sealed release folders; a live one hides a sealed one of the same name. Nothing here changes the
disk. Every file is opened relative to a descriptor of the area that it belongs to, without following links.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

from ingest.host.openat import DIRECTORY, open_beneath
from ingest.host.private import make_folder
from ingest.inbound.backend import SealedFolder
from ingest.inbound.sftp.connection_backend import ConnectionBackend
from ingest.inbound.sftp.paths import INCOMING, MAX_DEPTH, Parts
from ingest.inbound.sftp.replies import Attributes

_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Area(Enum):
    """What a path belongs to: `/` itself, live release folders, sealed ones, or another read-only folder."""

    TOP = auto()
    LIVE = auto()
    SEALED = auto()
    READ_ONLY = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads; `inside` are its names below the area's root.

    `folder` is the root on disk of a sealed folder, which is `sealed`, or of another read-only folder. `refusal` is the
    sentence for whoever wants to change something there; empty where that is allowed, and where `Tree.refusal` must ask
    for it: in a sealed folder.
    """

    area: Area
    inside: Parts
    folder: Path | None = None
    sealed: SealedFolder | None = None
    refusal: str = ""


class Tree:
    """The tree of one session; call `close` in the end. Methods raise OSError with the kernel's errno, or Refused."""

    def __init__(self, backend: ConnectionBackend, read_only: Mapping[str, Path]) -> None:
        self._backend = backend
        self._read_only = {name.encode(): path for name, path in read_only.items()}
        incoming = backend.account.home / INCOMING.decode()
        make_folder(incoming)
        self.incoming = os.open(incoming, DIRECTORY)

    def close(self) -> None:
        """Close the descriptor of /incoming."""
        os.close(self.incoming)

    def place(self, parts: Parts) -> Place:
        """Where this path leads; whether anything exists there is not checked."""
        if not parts:
            return Place(Area.TOP, (), refusal="Upload into /incoming: nothing can be changed beside it.")
        if len(parts) > MAX_DEPTH + 1:
            raise FileNotFoundError(errno.ENOENT, "deeper than any folder here")
        if parts[0] == INCOMING:
            return self._below_incoming(parts[1:])
        if folder := self._read_only.get(parts[0]):
            name = parts[0].decode()
            refusal = f"/{name} can only be read. Upload into /incoming."
            return Place(Area.READ_ONLY, parts[1:], folder, refusal=refusal)
        return Place(Area.TOP, parts, refusal="Upload into /incoming: nothing can be made beside it.")

    def _below_incoming(self, inside: Parts) -> Place:
        if not inside:
            return Place(Area.LIVE, (), refusal="/incoming itself stays as it is.")
        if not self.stands(inside[:1]) and (sealed := self.sealed_under(inside[0])):
            return Place(Area.SEALED, inside[1:], sealed.path, sealed)
        return Place(Area.LIVE, inside)

    def stands(self, inside: Parts) -> bool:
        """True when /incoming itself has an entry under the first of these names."""
        try:
            os.stat(inside[0], dir_fd=self.incoming, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def sealed_under(self, name: bytes) -> SealedFolder | None:
        """The newest sealed folder of this name; None where there is none."""
        try:
            return self._backend.sealed_folder(name.decode())
        except UnicodeDecodeError:
            return None

    def refusal(self, parts: Parts) -> str:
        """The sentence for whoever wants to change something at this path; empty where that is allowed."""
        place = self.place(parts)
        return self._backend.submitted(place.sealed) if place.sealed else place.refusal

    @contextmanager
    def opened(self, place: Place, flags: int) -> Iterator[int]:
        """A descriptor of what is at this place, closed at the end of the block."""
        descriptor = self.open(place, flags)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def open(self, place: Place, flags: int) -> int:
        """A descriptor of what is at this place; the caller closes it."""
        if place.area is Area.LIVE:
            return open_beneath(self.incoming, place.inside, flags)
        if place.folder is None:
            raise FileNotFoundError(errno.ENOENT, "not in the label's tree")
        root = os.open(place.folder, DIRECTORY)
        try:
            return open_beneath(root, place.inside, flags)
        finally:
            os.close(root)

    def attributes(self, parts: Parts) -> Attributes:
        """The attributes for STAT and LSTAT (section 6.8). FileNotFoundError for anything but a file or folder."""
        place = self.place(parts)
        if place.area is Area.TOP and not place.inside:
            return self._root()
        with self.opened(place, os.O_PATH | os.O_NOFOLLOW) as descriptor:
            found = os.fstat(descriptor)
        if not _is_shown(found):
            raise FileNotFoundError(errno.ENOENT, "neither file nor folder")
        return attributes_of(found, place.area)

    def open_to_read(self, parts: Parts) -> int:
        """A descriptor of a regular file, for reading; the caller closes it."""
        descriptor = self.open(self.place(parts), _READING)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, "not a regular file")

    def listing(self, parts: Parts) -> OpenFolder:
        """An open folder with the names in it now; the caller closes it.

        Raises FileNotFoundError where there is none.
        """
        place = self.place(parts)
        if place.area is Area.TOP:
            return OpenFolder(None, self._top(place), place.area, self._root())
        descriptor = self.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            names = dict.fromkeys(os.listdir(descriptor))  # noqa: PTH208  pathlib lists no descriptor
            above = self.attributes(parts[:-1])
            return OpenFolder(descriptor, names | self._sealed_beside(parts, names), place.area, above)
        except BaseException:
            os.close(descriptor)
            raise

    def _root(self) -> Attributes:
        """The attributes of `/`, which is on no disk: read-only, with the times of /incoming."""
        return replace(attributes_of(os.fstat(self.incoming), Area.READ_ONLY), size=0)

    def _top(self, place: Place) -> dict[str, Attributes]:
        if place.inside:
            raise FileNotFoundError(errno.ENOENT, "not in the label's tree")
        entries = {INCOMING.decode(): attributes_of(os.fstat(self.incoming), Area.LIVE)}
        for name, folder in self._read_only.items():
            if folder.is_dir():
                entries[name.decode()] = attributes_of(folder.stat(), Area.READ_ONLY)
        return entries

    def _sealed_beside(self, parts: Parts, live: Container[str]) -> dict[str, Attributes]:
        """The sealed folders that /incoming shows beside the live ones."""
        if parts != (INCOMING,):
            return {}
        hidden = [sealed for sealed in self._backend.sealed() if sealed.name not in live]
        found = ((sealed.name, _folder_at(sealed.path)) for sealed in hidden)
        return {name: attributes_of(folder, Area.SEALED) for name, folder in found if folder is not None}


class OpenFolder:
    """The names in a folder as they were when it was opened; attributes are looked up as the listing goes on.

    `names` has the attributes of what is not in the folder itself (sealed folders), None for what is; `above` are those
    of the parent folder, for the root its own.
    """

    def __init__(
        self, descriptor: int | None, names: Mapping[str, Attributes | None], area: Area, above: Attributes
    ) -> None:
        self._descriptor = descriptor
        self._names = names
        self._area = area
        self._above = above

    def close(self) -> None:
        """Close the folder's descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)

    def entries(self) -> Iterator[tuple[bytes, Attributes]]:
        """`.` and `..`, then the files and folders by name; anything else in it is left out."""
        here = self._above if self._descriptor is None else attributes_of(os.fstat(self._descriptor), self._area)
        yield b".", here
        yield b"..", self._above
        for name in sorted(self._names):
            if found := self._names[name] or self._look_up(name):
                yield os.fsencode(name), found

    def _look_up(self, name: str) -> Attributes | None:
        try:
            found = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return attributes_of(found, self._area) if _is_shown(found) else None


def attributes_of(found: os.stat_result, area: Area) -> Attributes:
    """Attributes for the label: real type, size and times; the mode only says whether it may change the file."""
    kind = stat.S_IFMT(found.st_mode)
    allowed = (0o755 if area is Area.LIVE else 0o555) if stat.S_ISDIR(kind) else (0o644 if area is Area.LIVE else 0o444)
    return Attributes(found.st_size, kind | allowed, int(found.st_mtime), int(found.st_atime))


def _folder_at(path: Path) -> os.stat_result | None:
    """What stat(2) says of the folder; None where there is none any more."""
    try:
        found = os.stat(path)  # noqa: PTH116  a listing asks this of tens of thousands of folders
    except OSError:
        return None
    return found if stat.S_ISDIR(found.st_mode) else None


def _is_shown(found: os.stat_result) -> bool:
    """True for files and folders; links and special files, which came by other means, are hidden from labels."""
    return stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
