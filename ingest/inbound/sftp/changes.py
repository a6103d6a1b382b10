"""Everything that changes a label's tree.

Each change holds the journal's lock against sealing, and is recorded there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.host.openat import DIRECTORY, open_beneath
from ingest.host.private import FILE, FOLDER
from ingest.inbound.backend import Refused
from ingest.inbound.sftp.connection_backend import ConnectionBackend
from ingest.inbound.sftp.paths import INCOMING, MAX_DEPTH, Parts, check_new
from ingest.inbound.sftp.protocol import OpenFlag, Wanted
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.tree import Tree
from ingest.inbound.sftp.uploads import Upload

_WRITING = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Changes:
    """The changes of one session. Modes and owners that clients ask for are never applied.

    Every method raises Refused, OSError with the kernel's errno, or Trouble. Sections are those of
    draft-ietf-secsh-filexfer-02.
    """

    def __init__(self, backend: ConnectionBackend, tree: Tree, quota: LabelQuota, max_entries: int) -> None:
        self._backend = backend
        self._tree = tree
        self._quota = quota
        self._max_entries = max_entries

    def make_folder(self, parts: Parts) -> None:
        """MKDIR (section 6.6). Raises FileExistsError when something exists under this name."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._backend.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            self._check_count(parent)
            self._quota.make_folder(lambda: os.mkdir(inside[-1], FOLDER, dir_fd=parent))
            self._backend.touched(inside, "folder made")

    def remove_file(self, parts: Parts) -> None:
        """REMOVE (section 6.5) of a file, or of a link that got there by other means."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._backend.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            self._check_removable(parent, inside[-1])
            self._quota.remove_file(parent, inside[-1])
            self._backend.touched(inside, "file removed")

    def remove_folder(self, parts: Parts) -> None:
        """RMDIR (section 6.6) of an empty folder."""
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._backend.changing(inside), self._parent(inside) as parent:
            self._check_free(parts)
            self._quota.remove_folder(lambda: os.rmdir(inside[-1], dir_fd=parent))
            self._backend.touched(inside, "folder removed")

    def rename(self, old: Parts, new: Parts, *, replaces: bool) -> None:
        """RENAME, which never replaces (section 6.5), or posix-rename@openssh.com, which may replace a file.

        The label's lock is held exclusively: a file that is opened meanwhile has its row in the journal under the old
        name or under the new one, and lies where the row says.
        """
        source, target = self._below_incoming(old), self._below_incoming(new)
        check_new(source)
        check_new(target)
        with (
            self._backend.changing(source, target, exclusive=True),
            self._parent(source) as above,
            self._parent(target) as parent,
        ):
            self._check_free(old)
            self._check_free(new)
            self._check_movable(source, above, target)
            if source == target:
                return
            replaced = _standing(parent, target[-1])
            if replaced is not None and not replaces:
                raise FileExistsError(errno.EEXIST, "something stands under the new name")
            self._check_count(parent)
            if source[:-1] != target[:-1]:
                self._quota.check_floor()  # a folder that is moved into grows, and never shrinks again
            self._replace(
                replaced,
                parent,
                target[-1],
                lambda: os.rename(source[-1], target[-1], src_dir_fd=above, dst_dir_fd=parent),
            )
            self._backend.renamed(source, target)

    def _replace(self, replaced: os.stat_result | None, parent: int, name: bytes, rename: Callable[[], None]) -> None:
        """Rename onto `name`, where `replaced` is now: nothing, a file, or a folder, which must be empty."""
        if replaced is None:
            with self._quota.held():
                rename()
        elif stat.S_ISDIR(replaced.st_mode):
            self._quota.remove_folder(rename)
        else:
            self._quota.replace_file(parent, name, rename)

    def open_to_write(self, parts: Parts, flags: int) -> Upload:
        """OPEN for writing (section 6.3).

        The journal has the upload's row before the file is touched; its end is the upload's.
        """
        inside = self._below_incoming(parts)
        check_new(inside)
        with self._backend.opening(), self._parent(inside) as parent:
            self._check_free(parts)
            is_new = not self._is_there(inside, parent, flags)
            self._quota.check_file(is_new=is_new)
            if is_new:
                self._check_count(parent)
            return self._begin(inside, parent, flags, is_fresh=is_new or bool(flags & OpenFlag.TRUNCATE))

    def set_attributes(self, parts: Parts, wanted: Wanted) -> None:
        """SETSTAT (section 6.9): give a file the size, a file or folder the times that are wanted.

        What it has already is answered as done wherever it lies, so that programs that synchronise come to rest; else
        this is a change as any other.
        """
        found = self._tree.attributes(parts)
        if not wanted.is_so(found.size, found.modified):
            inside = self._below_incoming(parts)
            check_new(inside)
            with self._backend.changing(inside), self._parent(inside) as parent:
                self._check_free(parts)
                if wanted.size not in (None, found.size):
                    if wanted.size is not None and wanted.size > found.size:
                        self._quota.check_floor()  # before a row about it is written
                    self._resize(inside, parent, wanted)
                elif wanted.times is not None:
                    os.utime(inside[-1], wanted.times, dir_fd=parent, follow_symlinks=False)
                    self._backend.touched(inside, "times set")

    def _resize(self, inside: Parts, parent: int, wanted: Wanted) -> None:
        """In the journal this is an upload of no bytes, so that a gap at the end of the file is known there."""
        self._is_there(inside, parent, 0)
        upload = self._begin(inside, parent, OpenFlag.WRITE, is_fresh=False)
        try:
            upload.set_attributes(wanted)
            upload.end(interrupted=False)
        except BaseException:
            upload.interrupt()
            raise

    def _begin(self, inside: Parts, parent: int, flags: int, *, is_fresh: bool) -> Upload:
        upload = self._backend.opened(inside, is_fresh)
        descriptor = self._open(inside, parent, flags, upload)
        return Upload(self._backend, self._quota, inside, upload, descriptor)

    def _open(self, inside: Parts, parent: int, flags: int, upload: int) -> int:
        """Open the file of the upload; FileNotFoundError unless it lies where its row in the journal says."""
        mode = os.O_RDWR if flags & OpenFlag.READ else os.O_WRONLY

        def opening(more: int) -> int:
            return open_beneath(parent, inside[-1:], mode | more | _WRITING, FILE if more & os.O_CREAT else 0)

        try:
            descriptor = self._quota.open_to_write(
                parent,
                inside[-1],
                opening,
                creates=bool(flags & OpenFlag.CREATE),
                truncates=bool(flags & OpenFlag.TRUNCATE),
            )
        except (OSError, Refused):
            self._backend.closed(inside, upload, 0, 0, holes=False, interrupted=True)
            raise
        if self._leads_to(inside, descriptor):
            return descriptor
        self._quota.close_held(descriptor)
        self._backend.closed(inside, upload, 0, 0, holes=False, interrupted=True)
        raise FileNotFoundError(errno.ENOENT, "the folder was moved away by other means")

    def _leads_to(self, inside: Parts, descriptor: int) -> bool:
        """True when the path, resolved again from /incoming, leads to the file that was opened."""
        try:
            found = open_beneath(self._tree.incoming, inside, os.O_PATH | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            return os.path.samestat(os.fstat(found), os.fstat(descriptor))
        finally:
            os.close(found)

    def _is_there(self, inside: Parts, parent: int, flags: int) -> bool:
        """Whether the file exists. Raises OSError when the flags forbid that, or it is not a regular file."""
        found = _standing(parent, inside[-1])
        if found is None:
            if flags & OpenFlag.CREATE:
                return False
            raise FileNotFoundError(errno.ENOENT, "no such file")
        if flags & OpenFlag.CREATE and flags & OpenFlag.EXCLUSIVE:
            raise FileExistsError(errno.EEXIST, "the file was to be new")
        if not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "not a regular file")
        return True

    def _check_removable(self, parent: int, name: bytes) -> None:
        if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder, not a file")

    def _below_incoming(self, parts: Parts) -> Parts:
        if len(parts) < 2 or parts[0] != INCOMING:
            raise Refused(self._tree.refusal(parts))
        return parts[1:]

    def _check_free(self, parts: Parts) -> None:
        """Raise Refused, with the reason, when nothing can be changed at this path; call it within `changing`."""
        if refusal := self._tree.refusal(parts):
            raise Refused(refusal)

    def _check_count(self, parent: int) -> None:
        """Raise Refused when the folder is full. It is read only where the label has so many files and folders in all:

        else a folder of many files would be read once for each of them.
        """
        if self._quota.entries() < self._max_entries:
            return
        folder = open_beneath(parent, (), os.O_RDONLY | os.O_DIRECTORY)
        try:
            with os.scandir(folder) as entries:
                count = sum(1 for _ in entries)
        finally:
            os.close(folder)
        if count >= self._max_entries:
            raise Refused(f"This folder is full: {self._max_entries} files and folders are the most we take in one.")

    def _check_movable(self, source: Parts, above: int, target: Parts) -> None:
        """Raise Refused for what is neither file nor folder, and for a folder that would lie too deep afterwards."""
        found = os.stat(source[-1], dir_fd=above, follow_symlinks=False)
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise Refused("Only files and folders can be renamed.")
        if stat.S_ISDIR(found.st_mode) and len(target) > len(source):
            height = max(len(os.fsencode(folder).split(b"/")) for folder, *_ in os.fwalk(source[-1], dir_fd=above))
            if len(target) + height > MAX_DEPTH:
                raise Refused(f"Folders may lie at most {MAX_DEPTH} deep under /incoming.")

    @contextmanager
    def _parent(self, inside: Parts) -> Iterator[int]:
        """A descriptor of the folder in /incoming that contains this path; Refused when that folder is sealed."""
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
