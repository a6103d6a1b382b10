"""Everything that changes a label's tree. Each change runs while the journal keeps sealing out, and is told to it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.inbound.door import Refused
from ingest.inbound.sftp.beneath import DIRECTORY, open_beneath
from ingest.inbound.sftp.label_door import LabelDoor, Trouble
from ingest.inbound.sftp.paths import INCOMING, MAX_DEPTH, Parts, check_new
from ingest.inbound.sftp.protocol import OpenFlag
from ingest.inbound.sftp.space import Space
from ingest.inbound.sftp.tree import Tree
from ingest.inbound.sftp.uploads import Upload

FOLDER_MODE = 0o750
FILE_MODE = 0o640
_WRITING = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Changes:
    """The modes, owners and times that clients ask for are never applied. Raises Refused, OSError or Trouble."""

    def __init__(self, door: LabelDoor, tree: Tree, space: Space, max_entries: int) -> None:
        self._door = door
        self._tree = tree
        self._space = space
        self._max_entries = max_entries

    def make_folder(self, parts: Parts) -> None:
        """MKDIR. FileExistsError when something stands there."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._door.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            self._check_count(parent)
            self._space.add_folder()
            try:
                os.mkdir(inside[-1], FOLDER_MODE, dir_fd=parent)
            except OSError:
                self._space.shrink(0, folders=1)
                raise
            self._door.touched(inside, "folder made")

    def remove_file(self, parts: Parts) -> None:
        """REMOVE of a file, or of a link that got there by other means."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._door.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            found = os.stat(inside[-1], dir_fd=parent, follow_symlinks=False)
            os.unlink(inside[-1], dir_fd=parent)
            self._space.shrink(found.st_size, files=1)
            self._door.touched(inside, "file removed")

    def remove_folder(self, parts: Parts) -> None:
        """RMDIR of an empty folder."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._door.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            os.rmdir(inside[-1], dir_fd=parent)
            self._space.shrink(0, folders=1)
            self._door.touched(inside, "folder removed")

    def rename(self, old: Parts, new: Parts, *, replaces: bool) -> None:
        """RENAME, which never replaces (draft 02, section 6.5), or posix-rename, which may replace a file."""
        source, target = self._below_incoming(old), self._below_incoming(new)
        check_new(source)
        check_new(target)
        with (
            self._door.changing(source, target),
            self._parent(source) as above,
            self._parent(target) as parent,
        ):
            self._check_free(old)
            self._check_free(new)
            self._check_movable(source, above, target)
            replaced = _standing(parent, target[-1])
            if replaced is not None and not replaces and source != target:
                raise FileExistsError(errno.EEXIST, "something stands under the new name")
            self._check_count(parent)
            os.rename(source[-1], target[-1], src_dir_fd=above, dst_dir_fd=parent)
            if replaced is not None and source != target:
                self._give_back(replaced)
            self._door.renamed(source, target)

    def _give_back(self, replaced: os.stat_result) -> None:
        """What a rename put something else in the place of: a file, or a folder that was empty."""
        if stat.S_ISDIR(replaced.st_mode):
            self._space.shrink(0, folders=1)
        else:
            self._space.shrink(replaced.st_size, files=1)

    def open_to_write(self, parts: Parts, flags: int) -> Upload:
        """OPEN for writing: the journal hears of it before the file is touched, and of its end from the upload."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._door.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            old_size = self._check_opening(inside, parent, flags)
            truncates = bool(flags & OpenFlag.TRUNCATE)
            fresh = truncates or old_size is None
            self._space.grow(0)
            if old_size is None:
                self._check_count(parent)
                self._space.add_file()
            try:
                upload = self._door.opened(inside, fresh)
                descriptor = self._open(inside, parent, flags, upload)
            except (OSError, Refused, Trouble):
                self._space.shrink(0, files=old_size is None)
                raise
            if truncates and old_size:
                self._space.shrink(old_size)
            return Upload(self._door, self._space, inside, upload, descriptor)

    def _open(self, inside: Parts, parent: int, flags: int, upload: int) -> int:
        mode = os.O_RDWR if flags & OpenFlag.READ else os.O_WRONLY
        mode |= os.O_CREAT if flags & OpenFlag.CREATE else 0
        mode |= os.O_TRUNC if flags & OpenFlag.TRUNCATE else 0
        try:
            return open_beneath(parent, inside[-1:], mode | _WRITING, FILE_MODE if mode & os.O_CREAT else 0)
        except OSError:
            self._door.closed(inside, upload, 0, 0, holes=False, torn=True)
            raise

    def _check_opening(self, inside: Parts, parent: int, flags: int) -> int | None:
        """The size of the regular file that stands there, None when it is to be made."""
        try:
            found = os.stat(inside[-1], dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            if flags & OpenFlag.CREATE:
                return None
            raise
        if flags & OpenFlag.CREATE and flags & OpenFlag.EXCLUSIVE:
            raise FileExistsError(errno.EEXIST, "the file was to be new")
        if not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "not a regular file")
        return found.st_size

    def _below_incoming(self, parts: Parts) -> Parts:
        if len(parts) < 2 or parts[0] != INCOMING:
            raise Refused(self._tree.place(parts).refusal)
        return parts[1:]

    def _check_free(self, parts: Parts) -> None:
        """Raise Refused with the reason when this place is sealed; ask while `changing` is held."""
        if refusal := self._tree.place(parts).refusal:
            raise Refused(refusal)

    def _check_count(self, parent: int) -> None:
        folder = open_beneath(parent, (), os.O_RDONLY | os.O_DIRECTORY)
        try:
            with os.scandir(folder) as entries:
                count = sum(1 for _ in entries)
        finally:
            os.close(folder)
        if count >= self._max_entries:
            raise Refused(f"This folder is full: {self._max_entries} files and folders are the most we take in one.")

    def _check_movable(self, source: Parts, above: int, target: Parts) -> None:
        """Raise Refused for what is neither file nor folder, and for a folder that would come to lie too deep."""
        found = os.stat(source[-1], dir_fd=above, follow_symlinks=False)
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise Refused("Only files and folders can be renamed.")
        if stat.S_ISDIR(found.st_mode) and len(target) > len(source):
            height = max(len(os.fsencode(folder).split(b"/")) for folder, *_ in os.fwalk(source[-1], dir_fd=above))
            if len(target) + height > MAX_DEPTH:
                raise Refused(f"Folders may lie at most {MAX_DEPTH} deep under /incoming.")

    @contextmanager
    def _parent(self, inside: Parts) -> Iterator[int]:
        """A descriptor of the live folder that these parts lie in; Refused when that folder is sealed."""
        try:
            parent = open_beneath(self._tree.incoming, inside[:-1], DIRECTORY)
        except FileNotFoundError:
            self._check_free((INCOMING, *inside))
            raise
        try:
            yield parent
        finally:
            os.close(parent)


def _standing(parent: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None
