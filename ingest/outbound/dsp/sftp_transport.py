"""A DSP's folder on its SFTP server.

Files are put several at once, each in blocks of which some are under way together; what was put in part is continued.
The answers of the server are not trusted: names that lead elsewhere and links are left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncssh
from asyncssh import SFTPError, SFTPNoSuchFile, SFTPPermissionDenied

from ingest.config import SftpTarget
from ingest.core.relative import relative_parts
from ingest.outbound.dsp.block_writer import BlockWriter
from ingest.outbound.dsp.pace import Pace
from ingest.outbound.dsp.sftp_login import connected
from ingest.outbound.dsp.transport import MOST_FILES, Progress, TransportError, is_plain_name

Value = TypeVar("Value")

SMALLEST_BLOCK: Final = 32_768
"""Bytes that every server takes in one request (draft-ietf-secsh-filexfer-02, section 3)."""
LARGEST_BLOCK: Final = 256_000
IN_FLIGHT: Final = 1_000_000
"""The window of a file in bytes (`BlockWriter`): an interrupted file is continued so many bytes before its end."""
ANSWER_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 1.0
DEEPEST: Final = 8
PART: Final = ".part"


class SftpTransport:
    """One login at a DSP's server; `close` ends it."""

    def __init__(self, target: SftpTarget) -> None:
        self._target = target
        self._pace = Pace(target.max_bytes_per_second)
        self._answered = 0.0
        with ExitStack() as opened:
            self._runner = opened.enter_context(asyncio.Runner())
            login = connected(target)
            self._client = self._runner.run(login.__aenter__())
            opened.callback(lambda: self._runner.run(login.__aexit__(None, None, None)))
            self._run(self._prove_root())
            self._opened = opened.pop_all()

    def close(self) -> None:
        """End the connection."""
        self._opened.close()

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of every finished file below a folder, by its path from our root."""
        return {path: size for path, size in self._run(self._sizes(folder)).items() if not path.endswith(PART)}

    def put(self, files: Mapping[str, Path], progress: Progress) -> None:
        """Put files, several at once; one that is there in part is continued."""
        self._run(self._put_all(files, progress))

    def put_bytes(self, path: str, data: bytes) -> None:
        """Put a small file, in place of one that is there; under another name first where the DSP allows that.

        What fits in one request (SMALLEST_BLOCK, and more where the server says so) is written by one.
        """
        self._run(self._put_bytes(path, data))

    def names(self, folder: str) -> Sequence[str]:
        """The files directly in a folder, in order."""
        return self._run(self._names(folder))

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a file."""
        return self._run(self._read(path, limit))

    def remove(self, path: str) -> None:
        """Remove a file; nothing where there is none."""
        self._run(self._remove(path))

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder; nothing where there is none."""
        self._run(self._remove_folder(path))

    def _run(self, work: Coroutine[Any, Any, Value]) -> Value:
        with _told(self._target.host):
            return self._runner.run(self._watched(work))

    async def _watched(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Carry out `work`, and give up where the server answers nothing; it may answer keepalives all the same."""
        task = asyncio.ensure_future(work)
        self._heard()
        try:
            while not task.done():
                await asyncio.wait((task,), timeout=LOOK_SECONDS)
                if not task.done() and time.monotonic() - self._answered > ANSWER_SECONDS:
                    reason = f"{self._target.host} answers nothing for {ANSWER_SECONDS:.0f} seconds"
                    raise TransportError(reason, "Ask the DSP what its server does; it is tried again by itself")
            return task.result()
        finally:
            task.cancel()
            await asyncio.wait((task,))

    def _heard(self) -> None:
        """Note that the server answered a request."""
        self._answered = time.monotonic()

    async def _prove_root(self) -> None:
        """Raise where our folder is not there: one that went away is not made anew, for nobody would look there."""
        if self._target.folder:
            await self._client.stat(self._target.folder)

    def _at(self, path: str) -> str:
        return "/".join((*([self._target.folder] if self._target.folder else []), *relative_parts(path)))

    async def _sizes(self, folder: str) -> dict[str, int]:
        found: dict[str, int] = {}
        open_folders, seen = [folder], 0
        while open_folders and seen < MOST_FILES:
            place = open_folders.pop()
            async for name, attributes in self._listed(place):
                seen += 1
                path = f"{place}/{name}"
                if attributes.type == asyncssh.FILEXFER_TYPE_DIRECTORY and path.count("/") < DEEPEST:
                    open_folders.append(path)
                elif attributes.type == asyncssh.FILEXFER_TYPE_REGULAR and attributes.size is not None:
                    found[path] = attributes.size
        return found

    async def _names(self, folder: str) -> list[str]:
        listed = [entry async for entry in self._listed(folder)]
        return sorted(name for name, attributes in listed if attributes.type == asyncssh.FILEXFER_TYPE_REGULAR)

    async def _listed(self, folder: str) -> AsyncIterator[tuple[str, asyncssh.SFTPAttrs]]:
        """What a listing shows, without names that lead elsewhere; nothing where there is no such folder."""
        count = 0
        try:
            async for entry in self._client.scandir(self._at(folder)):
                self._heard()
                name = entry.filename if isinstance(entry.filename, str) else entry.filename.decode("utf-8", "replace")
                if is_plain_name(name):
                    yield name, entry.attrs
                count += 1
                if count >= MOST_FILES:
                    return
        except SFTPNoSuchFile:
            return

    async def _put_all(self, files: Mapping[str, Path], progress: Progress) -> None:
        for folder in sorted({path.rpartition("/")[0] for path in files} - {""}):
            await self._client.makedirs(self._at(folder), exist_ok=True)
            self._heard()
        turn = asyncio.Semaphore(self._target.parallel)

        async def put(path: str, local: Path) -> None:
            async with turn:
                await self._put(path, local, progress)

        async with asyncio.TaskGroup() as group:
            for path, local in files.items():
                group.create_task(put(path, local))

    async def _put(self, path: str, local: Path, progress: Progress) -> None:
        final = self._at(path)
        written = final + PART if self._target.part_names else final
        size = local.stat().st_size
        there = await self._size(written)
        if there is None and written != final and await self._size(final) == size:
            progress(size)
            return
        begin = 0 if there is None or there > size else max(0, there - IN_FLIGHT)
        progress(begin)
        flags = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | (0 if begin else asyncssh.FXF_TRUNC)
        async with self._client.open(written, flags, encoding=None) as remote:

            async def write(data: bytes, offset: int) -> None:
                await remote.write(data, offset)
                self._heard()
                progress(len(data))

            with local.open("rb") as source:
                await BlockWriter(self._block(), IN_FLIGHT, self._pace).write(source, begin, write)
        if written != final:
            await self._rename(written, final)

    def _block(self) -> int:
        """The largest block that this server takes; the smallest of the drafts where it does not say.

        A slow pace has small ones: a block that waits long is no server that does not answer.
        """
        largest = min(self._client.limits.max_write_len, self._target.max_bytes_per_second or LARGEST_BLOCK)
        return max(SMALLEST_BLOCK, min(largest, LARGEST_BLOCK))

    async def _size(self, place: str) -> int | None:
        try:
            return (await self._client.lstat(place)).size
        except SFTPNoSuchFile:
            return None

    async def _rename(self, old: str, new: str) -> None:
        """Rename over whatever has that name; without the extension of OpenSSH that is removed before."""
        try:
            await self._client.posix_rename(old, new)
        except asyncssh.SFTPOpUnsupported:
            if await self._size(new) is not None:
                await self._client.remove(new)
            await self._client.rename(old, new)

    async def _put_bytes(self, path: str, data: bytes) -> None:
        folder = path.rpartition("/")[0]
        if folder:
            await self._client.makedirs(self._at(folder), exist_ok=True)
        final = self._at(path)
        written = final + PART if self._target.part_names else final
        async with self._client.open(written, "wb") as remote:
            await remote.write(data)
        if written != final:
            await self._rename(written, final)

    async def _read(self, path: str, limit: int) -> bytes:
        async with self._client.open(self._at(path), "rb") as remote:
            data: Any = await remote.read(limit)
        return bytes(data)

    async def _remove(self, path: str) -> None:
        try:
            await self._client.remove(self._at(path))
        except SFTPNoSuchFile:
            return

    async def _remove_folder(self, path: str) -> None:
        try:
            await self._client.rmdir(self._at(path))
        except SFTPNoSuchFile:
            return


@contextmanager
def _told(host: str) -> Iterator[None]:
    """What a server refuses, or a connection that is lost, as one TransportError with what to do about it.

    Several files may fail together; what the server says of one of them tells more than that the connection is gone.
    """
    try:
        yield
    except (asyncssh.Error, OSError, TransportError, ExceptionGroup) as error:
        every = list(_leaves(error))
        told = (_worded(host, kind, every) for kind in _KINDS)
        found = next((one for one in told if one is not None), None)
        if found is None or not all(isinstance(one, asyncssh.Error | OSError | TransportError) for one in every):
            raise
        raise found from error


_KINDS: Final = (
    TransportError,
    SFTPPermissionDenied,
    SFTPNoSuchFile,
    (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded),
    (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.ConnectionLost),
    SFTPError,
    (asyncssh.Error, OSError),
)
"""Kinds of errors; the first of which there is one tells what is wrong."""


def _worded(host: str, kind: Any, errors: Sequence[Exception]) -> TransportError | None:
    error: Any = next((one for one in errors if isinstance(one, kind)), None)
    match error:
        case None | TransportError():
            return error
        case SFTPPermissionDenied():
            reason, cure = f"{host} does not let us write there: {error.reason}", "Ask the DSP for the right to write"
        case SFTPNoSuchFile():
            reason, cure = f"{host} has no such folder any more: {error.reason}", "Ask the DSP where our folder is"
        case asyncssh.SFTPNoSpaceOnFilesystem() | asyncssh.SFTPQuotaExceeded():
            reason, cure = f"{host} has no room: {error.reason}", "Ask the DSP to make room"
        case asyncssh.SFTPConnectionLost() | asyncssh.SFTPNoConnection() | asyncssh.ConnectionLost():
            reason, cure = f"the connection to {host} was lost", "It is tried again by itself"
        case SFTPError():
            reason, cure = f"{host} refuses: {error.reason}", "Often its disk or quota is full; ask the DSP"
        case _:
            reason, cure = f"the connection to {host} failed: {error}", "It is tried again by itself"
    return TransportError(reason, cure)


def _leaves(error: Exception) -> Iterator[Exception]:
    """The errors in a group, however deep they lie."""
    if isinstance(error, ExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
