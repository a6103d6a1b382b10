"""Whatever a label asks for, nothing outside its tree is changed, made or read, and inside happens what must happen.

Random sequences of requests run on a real folder and on a model of it; beside the folder lies a canary, and an outside
hand puts links to it into the tree.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.model_tree import NAMES, Denied, File, Folder, Link, Model, Node, Path_, on_disk
from tests.inbound.sftp.offline_session import USAGE, OfflineSession, offline_session
from tests.inbound.sftp.raw import Reply, long, number, string, wanted

SECRET = b"CANARY-7f3a9c"
READ_ONLY = b"read me"
LONG_WAYS = (b"..", b".", b"", b"../..", b"../../../../..", b"../incoming")
FORBIDDEN = (
    b"line\nbreak",
    b"\x1b[31m",
    b"nul\0byte",
    b"\xff\xfe",
    b"\xc0\xae\xc0\xae",
    b"\xed\xa0\x80",
    "\u202egpj.exe".encode(),
    "\u2028".encode(),
    b"\x7f",
    b"x" * 256,
)
TARGETS = ("canary", "canary", "canary/secret", "canary/secret", "..", "../..", ".", "/proc/self/root", "a", "no/where")


def normal(path: bytes) -> Path_:
    """Where a path leads by its text alone, found by another hand than ours."""
    whole = posixpath.normpath(b"/" + path)
    return tuple(name for name in whole.split(b"/") if name)


@dataclass
class Scene:
    """A label's home with a model of its tree, a canary outside, a read-only folder, and two sessions."""

    root: Path
    sessions: list[OfflineSession]
    model: Model = field(default_factory=Model)
    handles: list[tuple[OfflineSession, bytes, File, int]] = field(default_factory=list)

    @property
    def incoming(self) -> Path:
        return self.root / "labels" / "anna" / "incoming"

    def outside(self) -> dict[str, tuple[int, int, bytes]]:
        """Everything under the root but the label's tree and what it removed: mode, change time and bytes."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            if Path(folder) == self.incoming.parent:
                folders[:] = [name for name in folders if name not in ("incoming", ".removed")]
            for name in {*folders, *files} - {USAGE}:
                path = Path(folder, name)
                status = path.lstat()
                data = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (status.st_mode, status.st_mtime_ns if path.is_file() else 0, data)
        return found


@contextmanager
def scene() -> Iterator[Scene]:
    root = Path(tempfile.mkdtemp(prefix="escape-"))
    (root / "canary").mkdir()
    (root / "canary" / "secret").write_bytes(SECRET * 10)
    (root / "shelf").mkdir()
    (root / "shelf" / "status.txt").write_bytes(READ_ONLY)
    home = root / "labels" / "anna"
    try:
        with (
            offline_session(home, {"reports": root / "shelf"}) as one,
            offline_session(home, {"reports": root / "shelf"}) as two,
        ):
            yield Scene(root, [one, two])
    finally:
        shutil.rmtree(root)


FEW = (b"a", b"b", b"c", b"secret")
NAME = st.sampled_from([*FEW * 10, *sorted(NAMES), *LONG_WAYS, *FORBIDDEN])
PREFIX = st.sampled_from(
    [b"/incoming/"] * 20 + [b"incoming/", b"/", b"/incoming/../incoming/", b"//incoming//", b"/reports/"]
)


@st.composite
def paths(draw: st.DrawFn) -> bytes:
    if not draw(st.integers(0, 9)):
        return b"/incoming/" + draw(st.sampled_from(FORBIDDEN))
    count = draw(st.sampled_from([0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 10]))
    return bytes(draw(PREFIX)) + b"/".join(draw(st.lists(NAME, min_size=count, max_size=count)))


FLAGS = st.sampled_from([0x1A, 0x02, 0x0A, 0x0E, 0x2A, 0x3A, 0x01, 0x03, 0x1B, 0x12, 0x10, 0x00])
ONE_PATH = st.sampled_from(
    [
        "mkdir",
        "mkdir",
        "rmdir",
        "remove",
        "stat",
        "lstat",
        "browse",
        "realpath",
        "setstat",
        "resize",
        "date",
        "readlink",
    ]
)
TWO_PATHS = st.sampled_from(["rename", "rename", "posix-rename", "symlink", "link"])
STEPS = st.one_of(
    st.tuples(ONE_PATH, paths()),
    st.tuples(TWO_PATHS, paths(), paths()),
    st.tuples(TWO_PATHS, st.sampled_from([b"/incoming/a", b"/incoming/a/b", b"/incoming/a/c"]), paths()),
    st.tuples(st.just("open"), paths(), FLAGS),
    st.tuples(st.just("write"), st.integers(0, 20), st.sampled_from([0, 1, 7, 4096]), st.binary(max_size=9)),
    st.tuples(st.just("read"), st.integers(0, 20)),
    st.tuples(st.just("close"), st.integers(0, 20)),
    st.tuples(st.just("plant"), st.lists(st.sampled_from(FEW), min_size=1, max_size=2), st.sampled_from(TARGETS)),
)
BEFORE: tuple[tuple[object, ...], ...] = (
    ("mkdir", b"/incoming/a"),
    ("mkdir", b"/incoming/a/b"),
    ("open", b"/incoming/a/c", 0x1A),
    ("write", 0, 0, b"mine"),
    ("plant", [b"secret"], "canary"),
    ("plant", [b"c"], "a"),
    ("plant", [b"a", b"secret"], "canary/secret"),
)
"""Where every sequence begins: folders, an open file, and links to the canary and to its file."""


class Actor:
    """Carries out a step on the server by one session, and on the model; their outcomes must agree."""

    def __init__(self, here: Scene, session: OfflineSession) -> None:
        self.here, self.session, self.model = here, session, here.model

    def act(self, verb: str, *words: object) -> None:
        getattr(self, verb.replace("-", "_"))(*words)

    def agree(self, reply: Reply, model: object, *words: object, **options: object) -> None:
        """The server says OK exactly when the model does not deny."""
        assert callable(model)
        try:
            model(*words, **options)
        except Denied:
            assert reply.status[0] not in (Code.OK, Code.OP_UNSUPPORTED), reply
            assert not reply.status[1].startswith("Our system"), reply
        else:
            assert reply.status == (Code.OK, "")

    def mkdir(self, path: bytes) -> None:
        self.agree(self.session.ask(Kind.MKDIR, string(path), number(4), number(0o7777)), self.model.mkdir, tidy(path))

    def rmdir(self, path: bytes) -> None:
        self.agree(self.session.ask(Kind.RMDIR, string(path)), self.model.rmdir, tidy(path))

    def remove(self, path: bytes) -> None:
        self.agree(self.session.ask(Kind.REMOVE, string(path)), self.model.remove, tidy(path))

    def rename(self, old: bytes, new: bytes) -> None:
        reply = self.session.ask(Kind.RENAME, string(old), string(new))
        self.agree(reply, self.model.rename, tidy(old), tidy(new), replaces=False)

    def posix_rename(self, old: bytes, new: bytes) -> None:
        reply = self.session.ask(Kind.EXTENDED, string(b"posix-rename@openssh.com"), string(old), string(new))
        self.agree(reply, self.model.rename, tidy(old), tidy(new), replaces=True)

    def symlink(self, old: bytes, new: bytes) -> None:
        assert self.session.ask(Kind.SYMLINK, string(old), string(new)).status[0] is Code.OP_UNSUPPORTED

    def link(self, old: bytes, new: bytes) -> None:
        reply = self.session.ask(Kind.EXTENDED, string(b"hardlink@openssh.com"), string(old), string(new))
        assert reply.status[0] is Code.OP_UNSUPPORTED

    def readlink(self, path: bytes) -> None:
        assert self.session.ask(Kind.READLINK, string(path)).status[0] is Code.OP_UNSUPPORTED

    def setstat(self, path: bytes) -> None:
        """Mode and owner are answered as done wherever something stands, and never applied."""
        reply = self.session.ask(Kind.SETSTAT, string(path), wanted())
        assert (reply.status[0] is Code.OK) == (self.seen(path) is not None)

    def resize(self, path: bytes) -> None:
        reply, node = self.session.ask(Kind.SETSTAT, string(path), wanted(size=2)), self.seen(path)
        if not (isinstance(node, File) and len(node.data) == 2):
            self.agree(reply, self.model.resize, tidy(path), 2)

    def date(self, path: bytes) -> None:
        """Times are set only below /incoming."""
        reply = self.session.ask(Kind.SETSTAT, string(path), wanted(modified=1))
        is_below = normal(path)[:1] == (b"incoming",) and len(normal(path)) > 1
        assert (reply.status[0] is Code.OK) == (is_below and self.seen(path) is not None)

    def seen(self, path: bytes) -> Node | None:
        """What a label sees at a path: never a link, and beside /incoming only the read-only folder."""
        if b"\0" in path:
            return None
        parts = normal(path)
        if parts in ((), (b"reports",)):
            return Folder()
        if parts == (b"reports", b"status.txt"):
            return File(bytearray(READ_ONLY))
        with suppress(Denied):
            found = self.model.find(parts)
            return None if isinstance(found, Link) else found
        return None

    def stat(self, path: bytes) -> None:
        self._stat(Kind.STAT, path)

    def lstat(self, path: bytes) -> None:
        self._stat(Kind.LSTAT, path)

    def _stat(self, kind: Kind, path: bytes) -> None:
        reply, node = self.session.ask(kind, string(path)), self.seen(path)
        assert (reply.kind is Kind.ATTRS) == (node is not None), (path, reply)
        if isinstance(node, File):
            assert int.from_bytes(reply.body[4:12], "big") == len(node.data)

    def browse(self, path: bytes) -> None:
        reply, node = self.session.ask(Kind.OPENDIR, string(path)), self.seen(path)
        assert (reply.kind is Kind.HANDLE) == isinstance(node, Folder), (path, reply)
        if reply.kind is not Kind.HANDLE:
            return
        listed = b""
        while (page := self.session.ask(Kind.READDIR, string(reply.handle))).kind is Kind.NAME:
            listed += page.body
        assert self.session.ask(Kind.CLOSE, string(reply.handle)).status[0] is Code.OK
        if isinstance(node, Folder) and normal(path)[:1] == (b"incoming",):
            for name, entry in node.entries.items():
                assert (string(name) in listed) == (not isinstance(entry, Link))

    def realpath(self, path: bytes) -> None:
        reply = self.session.ask(Kind.REALPATH, string(path))
        if b"\0" in path:
            assert reply.status[0] is Code.PERMISSION_DENIED
        else:
            assert reply.body[4:].startswith(string(b"/" + b"/".join(normal(path))))

    def open(self, path: bytes, flags: int) -> None:
        reply = self.session.ask(Kind.OPEN, string(path), number(flags), number(0))
        if len([one for one in self.here.handles if one[0] is self.session]) >= 64:
            return
        file: File | None = None
        with suppress(Denied):
            folder = self.seen(path) if normal(path.replace(b"\0", b""))[:1] == (b"reports",) else None
            if isinstance(folder, File) and not flags & OpenFlag.WRITE:
                file = folder
            else:
                file = self.model.open(tidy(path), flags, [one for _, _, one, _ in self.here.handles])
        assert (reply.kind is Kind.HANDLE) == (file is not None), (path, flags, reply)
        if file is not None:
            self.here.handles.append((self.session, reply.handle, file, flags))

    def _pick(self, index: int) -> tuple[OfflineSession, bytes, File, int] | None:
        return self.here.handles[index % len(self.here.handles)] if self.here.handles else None

    def write(self, index: int, offset: int, body: bytes) -> None:
        if picked := self._pick(index):
            session, handle, file, flags = picked
            reply = session.ask(Kind.WRITE, string(handle), long(offset), string(body))
            assert (reply.status[0] is Code.OK) == bool(flags & OpenFlag.WRITE)
            if flags & OpenFlag.WRITE:
                file.write(offset, body)

    def read(self, index: int) -> None:
        if picked := self._pick(index):
            session, handle, file, flags = picked
            reply = session.ask(Kind.READ, string(handle), long(0), number(1 << 20))
            if flags & OpenFlag.READ or not flags & OpenFlag.WRITE:
                assert (reply.body[4:] if reply.kind is Kind.DATA else b"") == file.data
            else:
                assert reply.status[0] is Code.FAILURE

    def close(self, index: int) -> None:
        if picked := self._pick(index):
            self.here.handles.remove(picked)
            assert picked[0].ask(Kind.CLOSE, string(picked[1])).status[0] is Code.OK

    def plant(self, inside: list[bytes], target: str) -> None:
        """The outside hand: a symbolic link where nothing stands yet."""
        with suppress(Denied):
            parent = self.model.parent((b"incoming", *inside))
            if inside[-1] not in parent.entries:
                whole = str(self.here.root / target) if target.startswith("canary") else target
                Path(self.here.incoming, *map(os.fsdecode, inside)).symlink_to(whole)
                parent.entries[inside[-1]] = Link(whole)


def tidy(path: bytes) -> Path_:
    """The path as the model takes it; one with a NUL in it must be denied."""
    return (b"nul",) if b"\0" in path else normal(path)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=15, max_size=50))
def test_any_requests_of_two_sessions_do_what_they_must_inside_and_nothing_outside(
    steps: list[tuple[int, tuple[object, ...]]],
) -> None:
    with scene() as here:
        before = here.outside()
        for who, step in [*((0, step) for step in BEFORE), *steps]:
            Actor(here, here.sessions[who]).act(*step)  # type: ignore[arg-type]
        assert on_disk(here.incoming) == here.model.root
        assert here.outside() == before
        for session in here.sessions:
            assert SECRET not in session.replied
            assert "request crashed" not in session.log.events()
            assert "disk fault" not in session.log.events()


RACING = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["mkdir", "rmdir", "remove", "browse", "stat"]), paths()),
        st.tuples(st.sampled_from(["rename", "posix-rename"]), paths(), paths()),
        st.tuples(st.just("open"), paths(), FLAGS),
    ),
    min_size=10,
    max_size=60,
)


def race(session: OfflineSession, steps: list[tuple[object, ...]]) -> None:
    """Ask without a model, write into whatever opens, and read it."""
    for verb, path, *more in steps:
        assert isinstance(path, bytes)
        match verb:
            case "open":
                (flags,) = more
                assert isinstance(flags, int)
                reply = session.ask(Kind.OPEN, string(path), number(flags), number(0))
                if reply.kind is Kind.HANDLE:
                    session.ask(Kind.WRITE, string(reply.handle), long(0), string(b"mine"))
                    session.ask(Kind.READ, string(reply.handle), long(0), number(9999))
                    session.ask(Kind.CLOSE, string(reply.handle))
            case "rename" | "posix-rename":
                (other,) = more
                assert isinstance(other, bytes)
                if verb == "rename":
                    session.ask(Kind.RENAME, string(path), string(other))
                else:
                    session.ask(Kind.EXTENDED, string(b"posix-rename@openssh.com"), string(path), string(other))
            case "browse":
                reply = session.ask(Kind.OPENDIR, string(path))
                if reply.kind is Kind.HANDLE:
                    session.ask(Kind.READDIR, string(reply.handle))
                    session.ask(Kind.CLOSE, string(reply.handle))
            case _:
                kinds = {"mkdir": Kind.MKDIR, "rmdir": Kind.RMDIR, "remove": Kind.REMOVE, "stat": Kind.STAT}
                session.ask(kinds[str(verb)], string(path))


def flip(here: Scene, over: threading.Event) -> None:
    """The outside hand at its worst: folders turn into links to the canary and back, as quickly as it can."""
    while not over.is_set():
        for name in ("a", "b", "a/b", "a/a"):
            path = here.incoming / name
            with suppress(OSError):
                if path.is_symlink():
                    path.unlink()
                    path.mkdir()
                else:
                    path.rename(here.incoming / "aside")
                    path.symlink_to(here.root / "canary")
                    shutil.rmtree(here.incoming / "aside")


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RACING, RACING)
def test_races_of_two_sessions_and_an_outside_hand_that_flips_folders_into_links_never_leave_the_tree(
    one: list[tuple[object, ...]], two: list[tuple[object, ...]]
) -> None:
    with scene() as here:
        before = here.outside()
        over = threading.Event()
        players = [threading.Thread(target=race, args=pair) for pair in zip(here.sessions, (one, two), strict=True)]
        hand = threading.Thread(target=flip, args=(here, over))
        for thread in [hand, *players]:
            thread.start()
        for player in players:
            player.join()
        over.set()
        hand.join()
        assert here.outside() == before
        for session in here.sessions:
            assert SECRET not in session.replied
            assert "request crashed" not in session.log.events()
