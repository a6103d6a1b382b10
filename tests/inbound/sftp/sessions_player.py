"""Several sessions and their model side by side: every verb is asked of both, `check` compares what there is to see."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.inbound.sftp.protocol import Code, Kind
from tests.inbound.sftp.model_tree import File, Folder, Link, on_disk
from tests.inbound.sftp.raw import Reply
from tests.inbound.sftp.sessions import (
    BLOCK,
    LABELS,
    Server,
    Session,
    code_of,
    prepare,
    size_of,
)
from tests.inbound.sftp.sessions_model import Grounds, LabelModel, OpenFile, Parts, bytes_in, files_in
from tests.inbound.sftp.stored import REMOVED, Counts, bytes_under, stored

WHOSE: Final = ("anna", "anna", "anna", "bert")
"""The label of each session, by its number."""


@dataclass(eq=False)
class Held:
    """A handle that a session has open."""

    session: int
    name: bytes
    file: OpenFile


class Player:
    """Sessions are called by their numbers in `WHOSE`, paths are below /incoming, as `R1/x`."""

    def __init__(self, root: Path, quota: Counts) -> None:
        prepare(root, quota)
        self.quota = quota
        self.server = Server(root)
        self.server.while_sealing = self._check_all_counts
        self.models = {label: LabelModel(quota) for label in LABELS}
        self.sessions = [self.server.session(label) for label in WHOSE]
        self.handles: list[Held] = []
        self.spool: dict[tuple[str, bytes], Path] = {}
        self._letters = itertools.cycle(range(1, 256))

    def close(self) -> None:
        for session in self.sessions:
            session.end()
        self.server.close()

    def mkdir(self, who: int, path: str) -> Code:
        model, parts = self._model(who), parts_of(path)
        code = judged(self.sessions[who].mkdir(path), model.against_mkdir(parts))
        if code is Code.OK:
            model.mkdir(parts)
        return code

    def rmdir(self, who: int, path: str) -> Code:
        model, parts = self._model(who), parts_of(path)
        code = judged(self.sessions[who].rmdir(path), model.against_rmdir(parts))
        if code is Code.OK:
            model.take_away(parts)
        return code

    def remove(self, who: int, path: str) -> Code:
        model, parts = self._model(who), parts_of(path)
        code = judged(self.sessions[who].remove(path), model.against_remove(parts))
        if code is Code.OK:
            model.take_away(parts)
        return code

    def rename(self, who: int, old: str, new: str, *, replaces: bool = False) -> Code:
        model, source, target = self._model(who), parts_of(old), parts_of(new)
        grounds = model.against_rename(source, target, replaces=replaces)
        code = judged(self.sessions[who].rename(old, new, replaces=replaces), grounds)
        if code is Code.OK:
            model.rename(source, target)
        return code

    def open(self, who: int, path: str, flags: int) -> Held | None:
        model, parts = self._model(who), parts_of(path)
        grounds = model.against_open(parts, flags)
        reply = self.sessions[who].open(path, flags)
        if judged(reply, grounds) is not Code.OK:
            return None
        held = Held(who, reply.handle, model.open(parts, flags))
        self.handles.append(held)
        return held

    def write(self, held: Held, offset: int, *lengths: int) -> list[Code]:
        """WRITEs in one batch, each beginning where the one before ends. They may be carried out as one."""
        bodies: list[tuple[int, bytes]] = []
        at = offset
        for length in lengths:
            bodies.append((at, bytes([next(self._letters)]) * length))
            at += length
        model, file = self._model(held.session), held.file
        whole = model.against_write(file, offset, at - offset)
        codes: list[Code] = []
        for (start, body), reply in zip(bodies, self._session(held).write(held.name, *bodies), strict=True):
            exclusive = model.against_write(file, start, len(body))
            code = judged(reply, whole if exclusive or code_of(reply) is not Code.OK else set())
            if code is Code.OK:
                file.file.write(start, body)
            else:
                file.has_failed |= file.writes
            codes.append(code)
        return codes

    def resize(self, who: int, path: str, size: int) -> Code:
        """SETSTAT of a size."""
        model, parts = self._model(who), parts_of(path)
        code = judged(self.sessions[who].resize(path, size), model.against_resize(parts, size))
        if code is Code.OK:
            found = model.find(parts)
            assert isinstance(found, File)
            found.resize(size)
        return code

    def resize_open(self, held: Held, size: int) -> Code:
        """FSETSTAT of a size."""
        grounds = self._model(held.session).against_resize_open(held.file, size)
        code = judged(self._session(held).resize_open(held.name, size), grounds)
        if code is Code.OK:
            held.file.file.resize(size)
        else:
            held.file.has_failed |= held.file.writes
        return code

    def read(self, held: Held, offset: int, length: int) -> None:
        reply = self._session(held).read(held.name, offset, length)
        expected = bytes(held.file.file.data[offset : offset + length])
        if not held.file.reads:
            same(code_of(reply), Code.FAILURE, "READ on a handle that only writes")
        elif expected:
            same(digest(reply.body[4:]), digest(expected), "READ")
        else:
            same(code_of(reply), Code.EOF, "READ at the end")

    def fstat(self, held: Held) -> None:
        same(size_of(self._session(held).fstat(held.name)), len(held.file.file.data), "FSTAT")

    def shut(self, held: Held) -> Code:
        """CLOSE. What a WRITE was refused of may be told once more."""
        code = code_of(self._session(held).close(held.name))
        assert code is Code.OK or (held.file.has_failed and code is Code.FAILURE), code
        self.handles.remove(held)
        self._model(held.session).close(held.file)
        return code

    def stat(self, who: int, path: str) -> None:
        found, reply = self._model(who).find(parts_of(path)), self.sessions[who].stat(path)
        if found is None:
            assert code_of(reply) is Code.NO_SUCH_FILE
        else:
            same(size_of(reply), len(found.data) if isinstance(found, File) else None, "STAT")

    def list(self, who: int, path: str) -> None:
        found = self._model(who).find(parts_of(path))
        listed = self.sessions[who].listing(path)
        same(listed, listing_of(found) if isinstance(found, Folder) else Code.NO_SUCH_FILE, "the listing")

    def list_incoming(self, who: int) -> None:
        model = self._model(who)
        sealed: dict[str, int | None] = {name.decode(): None for name in model.sealed}
        same(self.sessions[who].listing(""), listing_of(model.root) | sealed, "the listing of /incoming")

    def seal(self, label: str, name: str) -> bool:
        model = self.models[label]
        must_refuse, may_refuse = model.against_seal(name.encode()), model.may_refuse_to_seal()
        place = self.server.seal(label, name)
        if place is None:
            assert must_refuse or may_refuse, f"{name} could not be sealed"
            return False
        assert not must_refuse, f"{name} was sealed under a handle that writes"
        model.seal(name.encode())
        self.spool[label, name.encode()] = place
        return True

    def lose(self, who: int) -> None:
        """The connection is lost with everything that is open; another one takes its number."""
        self.sessions[who].end()
        for held in [one for one in self.handles if one.session == who]:
            self.handles.remove(held)
            self._model(who).close(held.file)
        self.sessions[who] = self.server.session(WHOSE[who])

    def check(self) -> None:
        """Compare the disk, the counts and STATVFS with the model, for both labels."""
        for session in self.sessions:
            session.tend()
        assert self.server.trouble() == [], self.server.trouble()
        for label, model in self.models.items():
            home = self.server.paths.home(label)
            same(outline(on_disk(home / "incoming")), outline(model.root), "the tree")
            for name, folder in model.frozen.items():
                now = on_disk(self.spool[label, name])
                same(outline(now), outline(folder), f"{name.decode()} as it was sealed")
            removed = [digest(bytes(file.data)) for file in model.held()]
            same(sorted(_removed(home)), sorted(removed), "what is held open without a name")
            self._check_counts(label, model)

    def _check_counts(self, label: str, model: LabelModel) -> None:
        usage = model.usage()
        told = self.sessions[WHOSE.index(label)].statvfs()
        same(self.server.counts(label), usage, "what counts against the quota")
        same(self.server.kept(label), sum(map(bytes_in, model.frozen.values())), "what counts as kept")
        same(told, (self.quota.bytes // BLOCK, (self.quota.bytes - usage.bytes) // BLOCK), "STATVFS")

    def _check_all_counts(self, label: str) -> None:
        """Whatever moment the disk is counted at, nothing that lies there is left out."""
        there = stored(self.server.paths, label).bytes + bytes_under(self.server.paths.spool_dir / label)
        counted = self.server.count_anew(label)
        assert counted >= there, f"{counted} bytes count of {there}"

    def _model(self, who: int) -> LabelModel:
        return self.models[WHOSE[who]]

    def _session(self, held: Held) -> Session:
        return self.sessions[held.session]


@contextmanager
def playing(root: Path, quota: Counts) -> Iterator[Player]:
    player = Player(root, quota)
    try:
        yield player
    finally:
        player.close()


def judged(reply: Reply, grounds: Grounds) -> Code:
    """The reply's code: OK when nothing stands against the request, else one of the grounds."""
    code, said = code_of(reply), reply.status if reply.kind is Kind.STATUS else reply.kind
    assert code in (grounds or {Code.OK}), f"{said}, expected {grounds or 'OK'}"
    return code


def parts_of(path: str) -> Parts:
    return tuple(path.encode().split(b"/"))


def listing_of(folder: Folder) -> dict[str, int | None]:
    return {name.decode(): len(node.data) if isinstance(node, File) else None for name, node in folder.entries.items()}


def outline(folder: Folder) -> dict[str, object]:
    """A tree in few words: files by their size and digest."""
    return {
        name.decode(): outline(node) if isinstance(node, Folder) else digest(bytes(node.data))
        for name, node in folder.entries.items()
        if not isinstance(node, Link)
    }


def digest(data: bytes) -> str:
    return f"{len(data)} bytes, {zlib.crc32(data):08x}"


def same(found: object, expected: object, what: str) -> None:
    assert found == expected, f"{what}: {found}, expected {expected}"


def _removed(home: Path) -> list[str]:
    """What has no name any more but is held open, by size and digest."""
    place = home / REMOVED
    return [digest(bytes(file.data)) for file in files_in(on_disk(place))] if place.is_dir() else []
