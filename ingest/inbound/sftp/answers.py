"""Answers the requests of one session, with its handles and its label's tree.

`answer` runs in a thread, one call at a time.

WRITEs that follow on each other in one file are gathered into one system call; replies keep the order of the requests.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from ingest.inbound.backend import Refused
from ingest.inbound.sftp import replies
from ingest.inbound.sftp.changes import Changes
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble
from ingest.inbound.sftp.handles import BadHandle, Handles, Listing, Reading
from ingest.inbound.sftp.paths import Parts, parts_of, path_of
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
    SetHandle,
    SetPath,
    Statvfs,
    Unsupported,
    Write,
)
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.refusals import FULL, OURS, code_and_text
from ingest.inbound.sftp.tree import Area, Tree, attributes_of
from ingest.inbound.sftp.uploads import Upload

MAX_REPLIES: Final = 256 << 10
MAX_GATHERED: Final = 4 << 20
MAX_SECONDS: Final = 0.05
"""After this time one call of `answer` begins no further request, so that other sessions get its thread."""
MAX_NOTED: Final = 100
"""Refusals that one session may write to the log; further ones are only counted."""


class Answers:
    """Answers what a session asks; `client` is its version line. Call `end` when the session is over."""

    def __init__(
        self,
        backend: ConnectionBackend,
        tree: Tree,
        quota: LabelQuota,
        changes: Changes,
        max_handles: int,
        client: str = "",
    ) -> None:
        self._backend = backend
        self._tree = tree
        self._quota = quota
        self._changes = changes
        self._handles = Handles(max_handles)
        self._client = client
        self._greeted = False
        self._refusals = 0

    @property
    def uploads(self) -> int:
        """How many files are open for writing."""
        return self._handles.uploads

    def answer(self, requests: deque[Request]) -> bytes:
        """Take requests off the left until all are answered, the replies reach 256 KiB, or the time is up.

        Returns the joined replies; at least one request is answered, and the rest stays for the next call.
        Raises ProtocolError when the client does not begin with INIT, or does so twice.
        """
        made: list[bytes] = []
        size = 0
        end = time.monotonic() + MAX_SECONDS
        while requests and size < MAX_REPLIES and (not made or time.monotonic() < end):
            request = requests.popleft()
            if isinstance(request, Write):
                reply = self._write(_gathered(request, requests))
            else:
                reply = self._one(request)
            made.append(reply)
            size += len(reply)
        return b"".join(made)

    def close_removed(self) -> None:
        """Close files being read that have no name any more. Safe from any thread."""
        self._handles.close_removed()

    def end(self) -> None:
        """The session is over: what is still open for writing is recorded as interrupted, and everything is closed."""
        if self._refusals > MAX_NOTED:
            self._backend.warn("refused again and again", times=self._refusals)
        for error in self._handles.interrupt():
            self._backend.warn("upload not ended in the journal", fault=str(error))
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
        return replies.version()

    def _guarded(self, id: int, answer: Callable[[], bytes]) -> bytes:
        """The answer, or a status for what was raised. An error of ours is logged, and the label gets the text `OURS`.

        Once the account is revoked, every request is answered with the reason.
        """
        try:
            self._backend.check_standing()
            return answer()
        except BadHandle:
            return replies.status(id, Code.FAILURE, "This file is not open.")
        except Refused as refusal:
            self._refusals += 1
            if self._refusals <= MAX_NOTED:
                self._backend.note("refused", why=str(refusal))
            return replies.status(id, *code_and_text(refusal, self._client))
        except OSError as error:
            code, text = code_and_text(error, self._client)
            if text == OURS:
                self._backend.warn("disk fault", fault=str(error))
            if error.errno in FULL:
                self._quota.tell_disk_full(str(error.strerror))
            return replies.status(id, code, text)
        except Trouble as trouble:
            self._backend.warn("backend failed", fault=str(trouble))
        except Exception as crash:  # noqa: BLE001  the supervisor: a crash on one request must not end the session
            self._backend.warn("request crashed", fault=f"{type(crash).__name__}: {crash}")
        return replies.status(id, Code.FAILURE, OURS)

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
            case SetPath():
                self._changes.set_attributes(parts_of(request.path), request.wanted)
                return replies.ok(request.id)
            case SetHandle():
                self._handles.get(request.handle).set_attributes(request.wanted)
                return replies.ok(request.id)
            case Rename():
                self._changes.rename(parts_of(request.old), parts_of(request.new), replaces=request.replaces)
                return replies.ok(request.id)
            case Fsync():
                self._handles.upload(request.handle)
                return replies.ok(request.id)
            case Statvfs():
                return self._statvfs(request)
            case Limits():
                return replies.limits(request.id, self._handles.most)
            case Bad():
                return replies.status(request.id, Code.BAD_MESSAGE, "This request could not be read.")
            case Unsupported():
                return replies.status(request.id, Code.OP_UNSUPPORTED, "This is not offered here.")
            case _:
                raise AssertionError(request)

    def _on_path(self, request: OnPath) -> bytes:
        parts = parts_of(request.path)
        match request.kind:
            case Kind.REALPATH:
                return replies.name(request.id, path_of(parts))
            case Kind.STAT | Kind.LSTAT:
                return replies.attrs(request.id, self._tree.attributes(parts))
            case Kind.OPENDIR:
                return replies.handle(request.id, self._handles.keep(lambda: self._listing(parts)))
            case Kind.MKDIR:
                self._changes.make_folder(parts)
            case Kind.RMDIR:
                self._changes.remove_folder(parts)
            case _:
                self._changes.remove_file(parts)
        return replies.ok(request.id)

    def _on_handle(self, request: OnHandle) -> bytes:
        match request.kind:
            case Kind.CLOSE:
                return self._close(request)
            case Kind.READDIR:
                page = next(self._handles.listing(request.handle).pages, None)
                return replies.page(request.id, page) if page else _end_of_file(request.id)
            case _:
                file = self._handles.file(request.handle)
                area = Area.LIVE if isinstance(file, Upload) else Area.READ_ONLY
                return replies.attrs(request.id, attributes_of(file.stat(), area))

    def _listing(self, parts: Parts) -> Listing:
        self._backend.ask_standing()
        folder = self._tree.listing(parts)
        return Listing(folder, replies.pages(folder.entries()))

    def _open(self, request: Open) -> bytes:
        parts = parts_of(request.path)
        if request.flags & OpenFlag.WRITE:
            name = self._handles.keep(lambda: self._changes.open_to_write(parts, request.flags))
        else:
            name = self._handles.keep(lambda: self._reading(parts))
        return replies.handle(request.id, name)

    def _reading(self, parts: Parts) -> Reading:
        """Open a file for reading.

        The bytes of one under /incoming count for its label until it is closed, removed or not.
        """
        self._backend.ask_standing()
        if self._tree.place(parts).area is Area.LIVE:
            return Reading(self._quota.open_held(lambda: self._tree.open_to_read(parts)), self._quota.close_held)
        return Reading(self._tree.open_to_read(parts), os.close)

    def _close(self, request: OnHandle) -> bytes:
        closed = self._handles.close(request.handle)
        self._backend.check_standing()
        if isinstance(closed, Upload) and closed.failed:
            return replies.status(request.id, Code.FAILURE, "Part of this file could not be stored. Upload it again.")
        return replies.ok(request.id)

    def _read(self, request: Read) -> bytes:
        file = self._handles.file(request.handle)
        if request.offset >= 1 << 63:
            return _end_of_file(request.id)
        read = file.read(min(request.length, MAX_TRANSFER), request.offset)
        return replies.data(request.id, read) if read else _end_of_file(request.id)

    def _write(self, writes: list[Write]) -> bytes:
        """Carry out WRITEs that follow on each other in one file; each is answered OK, or each with the failure."""
        pieces = [piece for write in writes for piece in write.pieces]
        first = writes[0]

        def carry_out() -> bytes:
            self._handles.upload(first.handle).write(first.offset, pieces)
            return b"".join([replies.ok(write.id) for write in writes])

        if not self._greeted:
            raise ProtocolError("the first packet is not INIT")
        answer = self._guarded(first.id, carry_out)
        if answer[9:13] == bytes(4):
            return answer
        return b"".join([answer[:5] + write.id.to_bytes(4, "big") + answer[9:] for write in writes])

    def _statvfs(self, request: Statvfs) -> bytes:
        self._tree.attributes(parts_of(request.path))
        return replies.statvfs(request.id, 4096, self._quota.room())


def _end_of_file(id: int) -> bytes:
    return replies.status(id, Code.EOF, "")


def _gathered(first: Write, requests: deque[Request]) -> list[Write]:
    """Take the WRITEs off the queue that continue in the same file exactly where the one before ends."""
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
