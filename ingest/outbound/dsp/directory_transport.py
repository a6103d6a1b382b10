"""A DSP's folder that is a directory of this machine: mounted, or watched by a program beside ours."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ingest.core.relative import relative_parts
from ingest.host.fsync import flush
from ingest.outbound.dsp.transport import MOST_FILES, Progress, TransportError

PIECE: Final = 1 << 20
FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
PART: Final = ".part"
CURES: Final = {
    errno.ENOSPC: "Make room on that disk",
    errno.EDQUOT: "Make room in that quota",
    errno.EACCES: "Let the service user write there",
    errno.EPERM: "Let the service user write there",
    errno.EROFS: "Mount it so that it can be written",
    errno.ENOENT: "Make the directory, or mount what belongs there",
    errno.ENAMETOOLONG: "Choose a shorter path",
    errno.EFBIG: "Use a file system that takes files of that size",
}


class DirectoryTransport:
    """Files are written under another name and renamed, so that the directory never shows part of one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of every finished file below a folder, by its path from our root."""
        with _told():
            found = [path for path in self._walk(self._at(folder)) if not path.name.endswith(PART)]
            return {str(path.relative_to(self._root)): path.lstat().st_size for path in found}

    def put(self, files: Mapping[str, Path], progress: Progress) -> None:
        """Put files one after the other; one that is there with its whole size is left as it is."""
        for path, local in files.items():
            with _told():
                self._put(self._at(path), local, progress)

    def put_bytes(self, path: str, data: bytes) -> None:
        """Put a small file, in place of one that is there."""
        with _told():
            place = self._at(path)
            self._make_folder(place.parent)
            part = place.with_name(place.name + PART)
            part.write_bytes(data)
            self._finish(part, place)

    def names(self, folder: str) -> Sequence[str]:
        """The files directly in a folder, in order."""
        with _told():
            place = self._at(folder)
            return (
                sorted(one.name for one in place.iterdir() if one.is_file() and not one.is_symlink())
                if (place.is_dir())
                else ()
            )

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a file."""
        with _told(), self._at(path).open("rb") as file:
            return file.read(limit)

    def remove(self, path: str) -> None:
        """Remove a file; nothing where there is none."""
        with _told():
            self._at(path).unlink(missing_ok=True)

    def _at(self, path: str) -> Path:
        """Where a path leads; the root itself must be there, so that nothing fills the disk below a lost mount."""
        if not self._root.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._root))
        return self._root.joinpath(*relative_parts(path))

    def _walk(self, folder: Path) -> Iterator[Path]:
        listed = (Path(place) / name for place, _, names in os.walk(folder) for name in sorted(names))
        files = (path for path in listed if not path.is_symlink())
        yield from (path for _, path in zip(range(MOST_FILES), files, strict=False))

    def _put(self, place: Path, local: Path, progress: Progress) -> None:
        size = local.stat().st_size
        with suppress(FileNotFoundError):
            if place.lstat().st_size == size:
                return
        self._make_folder(place.parent)
        part = place.with_name(place.name + PART)
        with local.open("rb") as source, part.open("wb") as target:
            while piece := source.read(PIECE):
                target.write(piece)
                progress(len(piece))
        self._finish(part, place)

    def _finish(self, part: Path, place: Path) -> None:
        with part.open("rb") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            os.fsync(file.fileno())
        part.replace(place)
        flush(place.parent)

    def _make_folder(self, folder: Path) -> None:
        """Others may read what we put whatever our umask is; access is governed by the mode of the root."""
        missing = [one for one in (folder, *folder.parents) if one.is_relative_to(self._root) and not one.exists()]
        for one in reversed(missing):
            one.mkdir(FOLDER_MODE, exist_ok=True)
            one.chmod(FOLDER_MODE)
            flush(one.parent)


@contextmanager
def _told() -> Iterator[None]:
    """What the operating system refuses as a TransportError, with what to do about it."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        number = error.errno or 0
        place = getattr(error, "filename", None) or "the directory"
        reason = f"{place}: {error.strerror or error}"
        raise TransportError(reason, CURES.get(number, "See that the directory can be written")) from error
