"""A DSP's folder that is a directory of this machine: mounted, or watched by a program beside ours.

Paths are opened below it and never through a link, whoever may have put one there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ingest.core.relative import relative_parts
from ingest.host.openat import create_beneath, directory, open_beneath, read_beneath
from ingest.outbound.dsp.transport import MOST_FILES, Progress, TransportError

PIECE: Final = 1 << 20
FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
PART: Final = ".part"
LISTABLE: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
CURES: Final = {
    errno.ENOSPC: "Make room on that disk",
    errno.EDQUOT: "Make room in that quota",
    errno.EACCES: "Let the service user write there",
    errno.EPERM: "Let the service user write there",
    errno.EROFS: "Mount it so that it can be written",
    errno.ENOENT: "Make the directory, or mount what belongs there",
    errno.ENAMETOOLONG: "Choose a shorter path",
    errno.EFBIG: "Use a file system that takes files of that size",
    errno.ELOOP: "Remove the link that stands there",
}


class DirectoryTransport:
    """Files are written under another name and renamed, so that the directory never shows part of one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of every finished file below a folder, by its path from our root."""
        with self._opened() as root:
            found = self._walk(root, relative_parts(folder))
            return {path: size for _, (path, size) in zip(range(MOST_FILES), found, strict=False)}

    def put(self, files: Mapping[str, Path], progress: Progress) -> None:
        """Put files one after the other; one that is there with its whole size is left as it is."""
        for path, local in files.items():
            with self._opened() as root, local.open("rb") as source:
                if _size(root, relative_parts(path)) != os.fstat(source.fileno()).st_size:
                    _put(root, path, _pieces(iter(lambda: source.read(PIECE), b""), progress))

    def put_bytes(self, path: str, data: bytes) -> None:
        """Put a small file, in place of one that is there."""
        with self._opened() as root:
            _put(root, path, iter((data,)))

    def names(self, folder: str) -> Sequence[str]:
        """The files directly in a folder, in order."""
        with self._opened() as root:
            return sorted(name for name, is_folder, _ in _listed(root, relative_parts(folder)) if not is_folder)

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a file."""
        with self._opened() as root, read_beneath(root, relative_parts(path)) as file:
            return file.read(limit)

    def remove(self, path: str) -> None:
        """Remove a file; nothing where there is none."""
        *folder, name = relative_parts(path)
        with self._opened() as root, suppress(FileNotFoundError), _folder(root, folder) as place:
            os.unlink(name, dir_fd=place)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder; nothing where there is none."""
        *folder, name = relative_parts(path)
        with self._opened() as root, suppress(FileNotFoundError), _folder(root, folder) as place:
            os.rmdir(name, dir_fd=place)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The root, which must be there, so that nothing fills the disk below a lost mount; errors told by cause."""
        try:
            with directory(self._root.resolve()) as root:
                yield root
        except OSError as error:
            place = error.filename if isinstance(error.filename, str) else None
            where = self._root if place is None or place == str(self._root) else self._root / place
            raise TransportError(
                f"{where}: {error.strerror or error}",
                CURES.get(error.errno or 0, "See that the directory can be written"),
            ) from error

    def _walk(self, root: int, folder: Sequence[str]) -> Iterator[tuple[str, int]]:
        """The finished files below a folder with their sizes."""
        for name, is_folder, size in list(_listed(root, folder)):
            if is_folder:
                yield from self._walk(root, (*folder, name))
            elif not name.endswith(PART):
                yield "/".join((*folder, name)), size


def _listed(root: int, folder: Sequence[str]) -> Iterator[tuple[str, bool, int]]:
    """Name, whether it is a folder, and size of what lies in a folder; links and the like are left out."""
    with suppress(FileNotFoundError), _folder(root, folder) as place, os.scandir(place) as entries:
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder or entry.is_file(follow_symlinks=False):
                yield entry.name, is_folder, entry.stat(follow_symlinks=False).st_size


@contextmanager
def _folder(root: int, folder: Sequence[str]) -> Iterator[int]:
    """A folder below the root, opened so that it can be listed and flushed."""
    opened = open_beneath(root, tuple(map(os.fsencode, folder)), LISTABLE)
    try:
        yield opened
    finally:
        os.close(opened)


def _size(root: int, parts: Sequence[str]) -> int | None:
    try:
        with read_beneath(root, parts) as file:
            return os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return None


def _pieces(pieces: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        progress(len(piece))


def _put(root: int, path: str, pieces: Iterator[bytes]) -> None:
    """Write a file under another name, flush it and rename it. Others may read it whatever our umask is."""
    *folder, name = relative_parts(path)
    part = name + PART
    with suppress(FileNotFoundError), _folder(root, folder) as place:
        os.unlink(part, dir_fd=place)
    with create_beneath(root, (*folder, part), FILE_MODE) as target:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[target.write(rest) :]
        os.fchmod(target.fileno(), FILE_MODE)
        os.fsync(target.fileno())
    with _folder(root, folder) as place:
        os.replace(part, name, src_dir_fd=place, dst_dir_fd=place)
        os.fsync(place)
    _open_to_others(root, folder)


def _open_to_others(root: int, folder: Sequence[str]) -> None:
    """The folders on the way to a file, which were made for us alone; the mode of the root governs access."""
    for depth in range(1, len(folder) + 1):
        with _folder(root, folder[:depth]) as place:
            os.fchmod(place, FOLDER_MODE)
    for depth in range(len(folder)):
        with _folder(root, folder[:depth]) as place:
            os.fsync(place)
