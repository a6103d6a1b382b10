"""What a label's tree must be after any requests: the same file system once more, as plain values."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.inbound.sftp.protocol import OpenFlag

DEPTH = 8
NAMES = {
    b"a",
    b"b",
    b"c",
    b"secret",
    b"incoming",
    "é".encode(),
    "e\u0301".encode(),
    b"~",
    b"*.wav",
    b"back\\slash",
    b"x" * 255,
    b"...",
    b" ",
}
"""Names that may be given; every other that the test tries may not."""

Path_ = tuple[bytes, ...]


@dataclass
class File:
    data: bytearray = field(default_factory=bytearray)

    def write(self, offset: int, body: bytes) -> None:
        if body:
            self.data.extend(bytes(max(0, offset + len(body) - len(self.data))))
            self.data[offset : offset + len(body)] = body

    def resize(self, size: int) -> None:
        del self.data[size:]
        self.data.extend(bytes(size - len(self.data)))


@dataclass
class Link:
    """A symbolic link that someone else put there."""

    target: str


@dataclass
class Folder:
    entries: dict[bytes, Node] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Folders on the longest way down, this one among them."""
        return 1 + max((node.height for node in self.entries.values() if isinstance(node, Folder)), default=0)


Node = File | Link | Folder


class Denied(Exception):
    """The request must not succeed."""


@dataclass
class Model:
    """The tree under /incoming. Verbs raise Denied; paths are absolute, normalised, and begin with `incoming`."""

    root: Folder = field(default_factory=Folder)

    def find(self, path: Path_) -> Node:
        """What stands at a path; the way to it may lead through folders only."""
        if path[:1] != (b"incoming",):
            raise Denied
        node: Node = self.root
        for name in path[1:]:
            if not isinstance(node, Folder) or name not in node.entries:
                raise Denied
            node = node.entries[name]
        return node

    def parent(self, path: Path_) -> Folder:
        """The folder that a change of this path happens in."""
        if len(path) < 2:
            raise Denied
        above = self.find(path[:-1])
        if not isinstance(above, Folder) or len(path) - 1 > DEPTH or path[-1] not in NAMES:
            raise Denied
        return above

    def mkdir(self, path: Path_) -> None:
        parent = self.parent(path)
        if path[-1] in parent.entries:
            raise Denied
        parent.entries[path[-1]] = Folder()

    def rmdir(self, path: Path_) -> None:
        parent = self.parent(path)
        if parent.entries.get(path[-1]) != Folder():
            raise Denied
        del parent.entries[path[-1]]

    def remove(self, path: Path_) -> None:
        parent = self.parent(path)
        if not isinstance(parent.entries.get(path[-1]), File | Link):
            raise Denied
        del parent.entries[path[-1]]

    def rename(self, old: Path_, new: Path_, *, replaces: bool) -> None:
        source, target = self.parent(old), self.parent(new)
        moved, there = source.entries.get(old[-1]), target.entries.get(new[-1])
        if moved is None or isinstance(moved, Link):
            raise Denied
        if isinstance(moved, Folder) and self._cannot_hold(moved, old, new, there):
            raise Denied
        if there is not None and old != new and (not replaces or self._cannot_replace(moved, there)):
            raise Denied
        del source.entries[old[-1]]
        target.entries[new[-1]] = moved

    def _cannot_hold(self, moved: Folder, old: Path_, new: Path_, there: Node | None) -> bool:
        too_deep = len(new) > len(old) and len(new) - 1 + moved.height > DEPTH
        return too_deep or (old == new[: len(old)] and old != new)

    def _cannot_replace(self, moved: Node, there: Node) -> bool:
        if isinstance(moved, Folder):
            return there != Folder()
        return isinstance(there, Folder)

    def resize(self, path: Path_, size: int) -> None:
        """SETSTAT of a size: nothing to do where the file has it already, and no folder has one."""
        found = self.parent(path).entries.get(path[-1])
        if not isinstance(found, File):
            raise Denied
        found.resize(size)

    def open(self, path: Path_, flags: int, held: Sequence[File] = ()) -> File:
        """OPEN; with TRUNCATE one of the files that handles hold keeps its bytes, and a new one takes its name."""
        if not flags & OpenFlag.WRITE:
            found = self.find(path)
            if not isinstance(found, File):
                raise Denied
            return found
        parent = self.parent(path)
        file = parent.entries.get(path[-1])
        if file is None and flags & OpenFlag.CREATE:
            file = parent.entries[path[-1]] = File()
        elif not isinstance(file, File) or (flags & OpenFlag.CREATE and flags & OpenFlag.EXCLUSIVE):
            raise Denied
        if flags & OpenFlag.TRUNCATE and any(one is file for one in held):
            file = parent.entries[path[-1]] = File()
        elif flags & OpenFlag.TRUNCATE:
            file.data.clear()
        return file


def on_disk(folder: Path) -> Folder:
    """The same values read from a real folder, without following anything."""
    found = Folder()
    with os.scandir(os.fsencode(folder)) as entries:
        for entry in entries:
            path = Path(os.fsdecode(entry.path))
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISLNK(mode):
                found.entries[entry.name] = Link(str(path.readlink()))
            elif stat.S_ISDIR(mode):
                found.entries[entry.name] = on_disk(path)
            else:
                found.entries[entry.name] = File(bytearray(path.read_bytes()))
    return found
