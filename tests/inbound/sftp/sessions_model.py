"""What several sessions of one label must see: the tree, what is held open, what is sealed, and what counts.

Pure. For each request the model knows the grounds to refuse it, as status codes: without a ground the request must
succeed, with some it must be refused with the code of one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from ingest.inbound.sftp.protocol import Code, OpenFlag
from tests.inbound.sftp.model_tree import DEPTH, File, Folder, Node
from tests.inbound.sftp.stored import Counts

Parts = tuple[bytes, ...]
"""Names below /incoming."""

Grounds = set[Code]


@dataclass(eq=False)
class OpenFile:
    """One handle. `has_failed` once a WRITE on it was refused."""

    file: File
    flags: int
    has_failed: bool = False

    @property
    def writes(self) -> bool:
        return bool(self.flags & OpenFlag.WRITE)

    @property
    def reads(self) -> bool:
        return bool(self.flags & OpenFlag.READ) or not self.writes


@dataclass
class LabelModel:
    """One label. A file is one inode: it lives as long as it has a name or is held by one of `handles`."""

    quota: Counts
    root: Folder = field(default_factory=Folder)
    sealed: dict[bytes, Folder] = field(default_factory=dict)
    frozen: dict[bytes, Folder] = field(default_factory=dict)
    handles: list[OpenFile] = field(default_factory=list)

    def find(self, path: Parts) -> Node | None:
        """What a session sees at a path; None where nothing stands or the way leads through a file."""
        node: Node = self.root
        if path and path[0] in self.sealed:
            node, path = self.sealed[path[0]], path[1:]
        for name in path:
            if not isinstance(node, Folder) or name not in node.entries:
                return None
            node = node.entries[name]
        return node

    def held(self) -> list[File]:
        """Files without a name that some handle holds open, each once."""
        named = {id(file) for folder in (self.root, *self.sealed.values()) for file in files_in(folder)}
        return list({id(one.file): one.file for one in self.handles if id(one.file) not in named}.values())

    def usage(self) -> Counts:
        files = [*files_in(self.root), *self.held()]
        return Counts(sum(len(file.data) for file in files), len(files), folders_in(self.root))

    def writers_below(self, folder: Folder) -> list[OpenFile]:
        below = {id(file) for file in files_in(folder)}
        return [one for one in self.handles if one.writes and id(one.file) in below]

    def against_change(self, path: Parts) -> Grounds:
        """Why nothing may be changed at this path, whatever the change is."""
        if path[0] in self.sealed:
            return {Code.PERMISSION_DENIED}
        return set() if isinstance(self.find(path[:-1]), Folder) else {Code.NO_SUCH_FILE}

    def against_mkdir(self, path: Parts) -> Grounds:
        grounds = self.against_change(path)
        if self.find(path) is not None or self.usage().folders >= self.quota.folders:
            grounds.add(Code.FAILURE)
        return grounds

    def mkdir(self, path: Parts) -> None:
        self._folder(path[:-1]).entries[path[-1]] = Folder()

    def against_rmdir(self, path: Parts) -> Grounds:
        grounds, found = self.against_change(path), self.find(path)
        if not isinstance(found, Folder):
            grounds.add(Code.NO_SUCH_FILE)
        elif found.entries:
            grounds.add(Code.FAILURE)
        return grounds

    def against_remove(self, path: Parts) -> Grounds:
        grounds, found = self.against_change(path), self.find(path)
        if found is None:
            grounds.add(Code.NO_SUCH_FILE)
        elif isinstance(found, Folder):
            grounds.add(Code.FAILURE)
        return grounds

    def take_away(self, path: Parts) -> Node:
        """RMDIR, REMOVE, and the first half of a rename."""
        return self._folder(path[:-1]).entries.pop(path[-1])

    def against_rename(self, old: Parts, new: Parts, *, replaces: bool) -> Grounds:
        grounds = self.against_change(old) | self.against_change(new)
        moved, there = self.find(old), self.find(new)
        if moved is None:
            return grounds | {Code.NO_SUCH_FILE}
        if isinstance(moved, Folder) and new[: len(old)] == old and new != old:
            grounds.add(Code.FAILURE)
        if isinstance(moved, Folder) and len(new) > len(old) and len(new) + moved.height > DEPTH:
            grounds.add(Code.PERMISSION_DENIED)
        if there is not None and old != new:
            grounds |= _against_replacing(moved, there, replaces)
        return grounds

    def rename(self, old: Parts, new: Parts) -> None:
        moved = self.take_away(old)
        self._folder(new[:-1]).entries[new[-1]] = moved

    def against_open(self, path: Parts, flags: int) -> Grounds:
        found = self.find(path)
        if not flags & OpenFlag.WRITE:
            return _against_reading(found)
        grounds = self.against_change(path)
        if found is None:
            if not flags & OpenFlag.CREATE:
                grounds.add(Code.NO_SUCH_FILE)
        elif isinstance(found, Folder) or (flags & OpenFlag.CREATE and flags & OpenFlag.EXCLUSIVE):
            grounds.add(Code.FAILURE)
        if self._makes(found, flags) and self.usage().files >= self.quota.files:
            grounds.add(Code.FAILURE)
        return grounds

    def open(self, path: Parts, flags: int) -> OpenFile:
        """OPEN with TRUNCATE of a file that any handle holds makes a new file; else it is emptied in place."""
        file = self.find(path)
        if flags & OpenFlag.WRITE and self._makes(file, flags):
            file = self._folder(path[:-1]).entries[path[-1]] = File()
        assert isinstance(file, File)
        if flags & OpenFlag.WRITE and flags & OpenFlag.TRUNCATE:
            file.data.clear()
        opened = OpenFile(file, flags)
        self.handles.append(opened)
        return opened

    def _makes(self, found: Node | None, flags: int) -> bool:
        is_held = any(one.file is found for one in self.handles)
        return found is None or (is_held and bool(flags & OpenFlag.TRUNCATE))

    def against_write(self, opened: OpenFile, offset: int, length: int) -> Grounds:
        growth = max(0, offset + length - len(opened.file.data)) if length else 0
        if not opened.writes or self.usage().bytes + growth > self.quota.bytes:
            return {Code.FAILURE}
        return set()

    def against_resize(self, path: Parts, size: int) -> Grounds:
        """SETSTAT of a size, which asks nothing of a file that has it."""
        found = self.find(path)
        if found is None:
            return {Code.NO_SUCH_FILE}
        if isinstance(found, File) and len(found.data) == size:
            return set()
        grounds = self.against_change(path)
        if isinstance(found, Folder) or self._is_over(found, size):
            grounds.add(Code.FAILURE)
        return grounds

    def against_resize_open(self, opened: OpenFile, size: int) -> Grounds:
        """FSETSTAT of a size."""
        if opened.writes:
            return {Code.FAILURE} if self._is_over(opened.file, size) else set()
        return set() if len(opened.file.data) == size else {Code.PERMISSION_DENIED}

    def _is_over(self, found: Node, size: int) -> bool:
        growth = size - len(found.data) if isinstance(found, File) else 0
        return growth > 0 and self.usage().bytes + growth > self.quota.bytes

    def close(self, opened: OpenFile) -> None:
        self.handles.remove(opened)

    def against_seal(self, name: bytes) -> bool:
        """True when the folder must not be sealed. One without a file never is, as intake holds it."""
        folder = self.root.entries.get(name)
        if not isinstance(folder, Folder) or not any(files_in(folder)):
            return True
        return bool(self.writers_below(folder))

    def may_refuse_to_seal(self) -> bool:
        """True while a removed or replaced file is still being written: it may have come from any folder."""
        held = {id(file) for file in self.held()}
        return any(one.writes and id(one.file) in held for one in self.handles)

    def seal(self, name: bytes) -> None:
        folder = self.take_away((name,))
        assert isinstance(folder, Folder)
        self.sealed[name] = folder
        self.frozen[name] = deepcopy(folder)

    def _folder(self, path: Parts) -> Folder:
        found = self.find(path)
        assert isinstance(found, Folder)
        return found


def _against_reading(found: Node | None) -> Grounds:
    if found is None:
        return {Code.NO_SUCH_FILE}
    return {Code.FAILURE} if isinstance(found, Folder) else set()


def _against_replacing(moved: Node, there: Node, replaces: bool) -> Grounds:
    """RENAME replaces nothing; posix-rename a file by a file, and an empty folder by a folder."""
    if isinstance(moved, Folder) and not isinstance(there, Folder):
        return {Code.FAILURE, Code.NO_SUCH_FILE}
    if not replaces or isinstance(moved, Folder) != isinstance(there, Folder):
        return {Code.FAILURE}
    return {Code.FAILURE} if isinstance(there, Folder) and there.entries else set()


def files_in(folder: Folder) -> Iterator[File]:
    """Every file below a folder."""
    for node in folder.entries.values():
        if isinstance(node, Folder):
            yield from files_in(node)
        elif isinstance(node, File):
            yield node


def bytes_in(folder: Folder) -> int:
    return sum(len(file.data) for file in files_in(folder))


def folders_in(folder: Folder) -> int:
    """How many folders lie below a folder."""
    inner = [node for node in folder.entries.values() if isinstance(node, Folder)]
    return len(inner) + sum(folders_in(one) for one in inner)
