"""Requests in, replies out: one session's handles over the label's tree. Runs in a thread, one call at a time.

Neighbouring WRITEs to one file are gathered into one system call; their replies stay in the order of the requests.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.inbound.door import Refused
from ingest.inbound.sftp import protocol
from ingest.inbound.sftp.changes import Changes
from ingest.inbound.sftp.label_door import LabelDoor, Trouble
from ingest.inbound.sftp.paths import parts_of, path_of
from ingest.inbound.sftp.protocol import (
    MAX_TRANSFER,
    Bad,
    Code,
    Fsync,
    Init,
    Kind,
    Limits,
    OnHandle,
    OnPath,
    Open,
    OpenFlag,
    ProtocolError,
    Read,
    Rename,
    Request,
    Statvfs,
    Unsupported,
    Write,
)
from ingest.inbound.sftp.refusals import OURS, code_and_text
from ingest.inbound.sftp.space import Space
from ingest.inbound.sftp.tree import Area, Tree, attributes_of
from ingest.inbound.sftp.uploads import Upload

MAX_REPLIES: Final = 1 << 20
MAX_GATHERED: Final = 4 << 20
MAX_LISTINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """A file open for reading only."""

    descriptor: int


@dataclass(slots=True)
class Listing:
    """An open folder: the pages that READDIR has still to hand out."""

    pages: deque[bytes]


Handle = Upload | Reading | Listing


class BadHandle(Exception):
    """The request names a handle that is not open, or of the wrong sort."""


class Answers:
    """What a session asks is answered here; `end` closes what is left open, as torn."""

    def __init__(self, door: LabelDoor, tree: Tree, space: Space, changes: Changes, max_handles: int) -> None:
        self._door = door
        self._tree = tree
        self._space = space
        self._changes = changes
        self._max_handles = max_handles
        self._handles: dict[bytes, Handle] = {}
        self._next = 0
        self._greeted = False

    @property
    def uploads(self) -> int:
        """How many files are open for writing."""
        return sum(isinstance(handle, Upload) for handle in list(self._handles.values()))

    def answer(self, requests: deque[Request]) -> bytes:
        """Take requests off the left until all are answered or the replies reach 1 MiB; returns the joined replies.

        Raises ProtocolError when the client does not begin with INIT, or does so twice.
        """
        replies: list[bytes] = []
        size = 0
        while requests and size < MAX_REPLIES:
            request = requests.popleft()
            if isinstance(request, Write):
                reply = self._write(_gathered(request, requests))
            else:
                reply = self._one(request)
            replies.append(reply)
            size += len(reply)
        return b"".join(replies)

    def end(self) -> None:
        """The session is over: what is still open was torn off."""
        for name, handle in list(self._handles.items()):
            try:
                self._let_go(handle, torn=True)
            except (Trouble, OSError) as fault:
                self._door.warn("upload not ended in the journal", fault=str(fault), handle=name.hex())
        self._handles.clear()
        self._tree.close()

    def _one(self, request: Request) -> bytes:
        if isinstance(request, Init):
            return self._greet()
        if not self._greeted:
            raise ProtocolError("the first packet is not INIT")
        return self._guarded(request.id, lambda: self._dispatch(request))

    def _greet(self) -> bytes:
        if self._greeted:
            raise ProtocolError("a second INIT")
        self._greeted = True
        return protocol.version()

    def _guarded(self, id: int, answer: Callable[[], bytes]) -> bytes:
        """Turn whatever goes wrong into a status; what is our fault is logged and told as ours."""
        try:
            return answer()
        except BadHandle:
            return protocol.status(id, Code.FAILURE, "This file is not open.")
        except Refused as refusal:
            self._door.note("refused", why=str(refusal))
            return protocol.status(id, *code_and_text(refusal))
        except OSError as fault:
            code, text = code_and_text(fault)
            if text == OURS:
                self._door.warn("disk fault", fault=str(fault))
            return protocol.status(id, code, text)
        except Trouble as trouble:
            self._door.warn("door failed", fault=str(trouble))
        except Exception as crash:  # noqa: BLE001  the supervisor: a crash on one request must not end the session
            self._door.warn("request crashed", fault=f"{type(crash).__name__}: {crash}")
        return protocol.status(id, Code.FAILURE, OURS)

    def _dispatch(self, request: Request) -> bytes:
        match request:
            case OnPath():
                return self._on_path(request)
            case OnHandle():
                return self._on_handle(request)
            case Open():
                return self._open(request)
            case Read():
                return self._read(request)
            case Rename():
                self._changes.rename(parts_of(request.old), parts_of(request.new), replaces=request.replaces)
                return protocol.ok(request.id)
            case Fsync():
                self._upload(request.handle)
                return protocol.ok(request.id)
            case Statvfs():
                return self._statvfs(request)
            case Limits():
                return protocol.limits(request.id, self._max_handles)
            case Bad():
                return protocol.status(request.id, Code.BAD_MESSAGE, "This request could not be read.")
            case Unsupported():
                return protocol.status(request.id, Code.OP_UNSUPPORTED, "This is not offered here.")
            case _:
                raise AssertionError(request)

    def _on_path(self, request: OnPath) -> bytes:
        parts = parts_of(request.path)
        match request.kind:
            case Kind.REALPATH:
                return protocol.name(request.id, path_of(parts))
            case Kind.STAT | Kind.LSTAT:
                return protocol.attrs(request.id, self._tree.attributes(parts))
            case Kind.OPENDIR:
                pages = deque(protocol.pages(self._tree.listing(parts)))
                return protocol.handle(request.id, self._keep(lambda: Listing(pages)))
            case Kind.SETSTAT:
                self._tree.attributes(parts)
            case Kind.MKDIR:
                self._changes.make_folder(parts)
            case Kind.RMDIR:
                self._changes.remove_folder(parts)
            case _:
                self._changes.remove_file(parts)
        return protocol.ok(request.id)

    def _on_handle(self, request: OnHandle) -> bytes:
        handle = self._handle(request.handle)
        match request.kind:
            case Kind.CLOSE:
                return self._close(request, handle)
            case Kind.READDIR:
                if not isinstance(handle, Listing):
                    raise BadHandle
                if not handle.pages:
                    return protocol.status(request.id, Code.EOF, "")
                return protocol.page(request.id, handle.pages.popleft())
            case Kind.FSTAT:
                if isinstance(handle, Listing):
                    raise BadHandle
                area = Area.LIVE if isinstance(handle, Upload) else Area.SHELF
                return protocol.attrs(request.id, attributes_of(os.fstat(handle.descriptor), area))
            case _:
                return protocol.ok(request.id)

    def _open(self, request: Open) -> bytes:
        parts = parts_of(request.path)
        if request.flags & OpenFlag.WRITE:
            name = self._keep(lambda: self._changes.open_to_write(parts, request.flags))
        else:
            name = self._keep(lambda: Reading(self._tree.open_to_read(parts)))
        return protocol.handle(request.id, name)

    def _close(self, request: OnHandle, handle: Handle) -> bytes:
        """Answered only when the journal knows; while it fails the handle stays, for another CLOSE or the end."""
        self._let_go(handle, torn=False)
        del self._handles[request.handle]
        if isinstance(handle, Upload) and handle.failed:
            return protocol.status(request.id, Code.FAILURE, "Part of this file could not be stored. Upload it again.")
        return protocol.ok(request.id)

    def _let_go(self, handle: Handle, *, torn: bool) -> None:
        if isinstance(handle, Upload):
            handle.end(torn=torn)
        elif isinstance(handle, Reading):
            os.close(handle.descriptor)

    def _read(self, request: Read) -> bytes:
        handle = self._handle(request.handle)
        if isinstance(handle, Listing):
            raise BadHandle
        if request.offset >= 1 << 63:
            return protocol.status(request.id, Code.EOF, "")
        read = os.pread(handle.descriptor, min(request.length, MAX_TRANSFER), request.offset)
        return protocol.data(request.id, read) if read else protocol.status(request.id, Code.EOF, "")

    def _write(self, writes: list[Write]) -> bytes:
        """Carry out writes that follow on each other in one file; each id is answered OK, or each with the failure."""
        pieces = [piece for write in writes for piece in write.pieces]
        first = writes[0]

        def carry_out() -> bytes:
            self._upload(first.handle).write(first.offset, pieces)
            return b"".join([protocol.ok(write.id) for write in writes])

        if not self._greeted:
            raise ProtocolError("the first packet is not INIT")
        answer = self._guarded(first.id, carry_out)
        if answer[9:13] == bytes(4):
            return answer
        return b"".join([answer[:5] + write.id.to_bytes(4, "big") + answer[9:] for write in writes])

    def _statvfs(self, request: Statvfs) -> bytes:
        self._tree.attributes(parts_of(request.path))
        room = self._space.room()
        block = 4096
        return protocol.statvfs(request.id, block, room.total // block, room.free // block)

    def _keep(self, opened: Callable[[], Handle]) -> bytes:
        """Open something under a new handle; Refused when as many are open as one session may have."""
        listings = sum(isinstance(handle, Listing) for handle in self._handles.values())
        if len(self._handles) >= self._max_handles or listings >= MAX_LISTINGS:
            raise Refused(f"Too many files are open: close some of the {len(self._handles)} first.")
        handle = opened()
        self._next += 1
        name = self._next.to_bytes(4, "big")
        self._handles[name] = handle
        return name

    def _handle(self, name: bytes) -> Handle:
        if handle := self._handles.get(name):
            return handle
        raise BadHandle

    def _upload(self, name: bytes) -> Upload:
        handle = self._handle(name)
        if isinstance(handle, Upload):
            return handle
        raise BadHandle


def _gathered(first: Write, requests: deque[Request]) -> list[Write]:
    """Take the writes off the queue that go on in the same file just where the one before ends."""
    writes = [first]
    pieces, end = len(first.pieces), first.offset + first.length
    while requests and end - first.offset < MAX_GATHERED:
        following = requests[0]
        if not (isinstance(following, Write) and following.handle == first.handle and following.offset == end):
            break
        pieces += len(following.pieces)
        if pieces > 512:
            break
        requests.popleft()
        writes.append(following)
        end += following.length
    return writes
