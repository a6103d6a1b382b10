"""A shipment's folder: made under another name beside it, flushed, and renamed when every file is whole and proved.

It is built once. After a crash an unfinished one is removed, and a finished one is read again and used as it is. What
parses a label's media is handed in (`Convert`); here bytes are copied and hashed alone.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final

from ingest.core.conversion import Conversion, Converted, Form, NotConverted
from ingest.core.relative import relative_parts
from ingest.core.sent_file import SentFile
from ingest.host.fsync import flush
from ingest.host.openat import create_beneath, directory, read_beneath
from ingest.host.private import make_folder
from ingest.outbound.shipment import manifest
from ingest.outbound.shipment.manifest import Wanted

Texts = Callable[[tuple[SentFile, ...]], Mapping[str, bytes]]
"""Gets the files that were made; returns what is written of them, as the message, by its path in the shipment.

Whatever it raises, as for a message that is judged wrong, ends the building, and nothing is left.
"""

Convert = Callable[[Sequence[Conversion]], Sequence[Converted | NotConverted]]
"""Makes files in confined children; answers in the order of what was asked."""

PIECE: Final = 1 << 20
FILE_MODE: Final = 0o440
FOLDER_MODE: Final = 0o550
CHANGED: Final = "the package is no longer what was checked"
DIGESTS: Final = ("md5", "sha1", "sha256")
GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV, errno.EINVAL)


class NotBuilt(Exception):
    """No shipment was built; the text says why. `permanent`: no later attempt can succeed.

    `is_crash`: a child ended in the midst of its work, as it may every time.
    """

    def __init__(self, reason: str, permanent: bool = False, *, is_crash: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.is_crash = permanent, is_crash


def no_texts(_: tuple[SentFile, ...]) -> Mapping[str, bytes]:
    """Nothing is written beside the files."""
    return {}


def build(
    source: Path, wanted: Sequence[Wanted], target: Path, convert: Convert, texts: Texts = no_texts
) -> tuple[SentFile, ...]:
    """Build the folder `target` from files of the package at `source`, or verify it where it was built before.

    Returns its files in the order of `wanted`, then the texts, whose `source` is empty. Only one attempt at a time may
    build a target. Raises NotBuilt: a package that changed, or a file that cannot be made, is permanent; a full disk
    and the like are not.
    """
    try:
        _check(wanted)
        if target.is_dir():
            return _verified(target, wanted)
        return _built(source, wanted, target, convert, texts)
    except OSError as error:
        raise _not_now(error) from error


def prove(folder: Path, digests: Mapping[str, str]) -> None:
    """Read files of a frozen shipment again; `digests` are their SHA-256 in hex, by their paths in the folder.

    Raises NotBuilt, permanent where a file is gone or has other bytes.
    """
    try:
        with directory(folder) as root:
            for path, digest in digests.items():
                if (found := _digest(root, path)) != digest:
                    reason = f"{folder / path} has SHA-256 {found} where {digest} was built"
                    raise NotBuilt(reason, permanent=True)
    except OSError as error:
        raise _not_now(error) from error


def _not_now(error: OSError) -> NotBuilt:
    return NotBuilt(f"{type(error).__name__}: {error.strerror or error} ({error.filename})")


def remove(folder: Path) -> None:
    """Remove a shipment, or what there is of it; its folders are read-only. Raises OSError."""
    for place, _, _ in os.walk(folder):
        Path(place).chmod(0o700)
    shutil.rmtree(folder)


def _check(wanted: Sequence[Wanted]) -> None:
    try:
        for path in (path for one in wanted for path in (one.source, one.path)):
            relative_parts(path)
    except ValueError as error:
        raise NotBuilt(str(error), permanent=True) from None
    paths = [one.path for one in wanted] + [manifest.NAME]
    if len({path.casefold() for path in paths}) < len(paths):
        raise NotBuilt("two files of the shipment have one name", permanent=True)


def _built(
    source: Path, wanted: Sequence[Wanted], target: Path, convert: Convert, texts: Texts
) -> tuple[SentFile, ...]:
    staging = target.with_name(f".{target.name}.part")
    with suppress(FileNotFoundError):
        remove(staging)
    make_folder(staging)
    with ExitStack() as unfinished:
        unfinished.callback(_forget, staging)
        files = _staged(source, wanted, staging, convert)
        files += tuple(_written(staging, path, data) for path, data in texts(files).items())
        _freeze(staging, manifest.written(wanted, files))
        staging.rename(target)
        unfinished.pop_all()
    flush(target.parent)
    return files


def _forget(staging: Path) -> None:
    with suppress(OSError):
        remove(staging)


def _staged(source: Path, wanted: Sequence[Wanted], staging: Path, convert: Convert) -> tuple[SentFile, ...]:
    """All files in the folder `staging`: first what is copied, which costs little and may show a changed package."""
    made: dict[str, SentFile] = {}
    with directory(source) as package, directory(staging) as root:
        for one in wanted:
            if one.form is Form.AS_RECEIVED:
                made[one.path] = _copied(package, root, one)
        derived = [one for one in wanted if one.form is not Form.AS_RECEIVED]
        asked = [_conversion(package, root, source, staging, one) for one in derived]
    for one, result in zip(derived, convert(asked) if asked else (), strict=True):
        made[one.path] = _sent(one, result)
    return tuple(made[one.path] for one in wanted)


@contextmanager
def _opened(package: int, one: Wanted) -> Iterator[FileIO]:
    """The source of a file. Raises NotBuilt where it is gone, or a link or another thing has its name."""
    try:
        file = read_beneath(package, relative_parts(one.source))
    except OSError as error:
        if error.errno in GONE:
            raise NotBuilt(f"{CHANGED}: {one.source}: {error.strerror}", permanent=True) from error
        raise
    with file:
        yield file


def _written(staging: Path, path: str, data: bytes) -> SentFile:
    with directory(staging) as root, create_beneath(root, relative_parts(path), 0o600) as writing:
        rest = memoryview(data)
        while rest:
            rest = rest[writing.write(rest) :]
    md5, sha1, sha256 = (hashlib.new(kind, data, usedforsecurity=False).hexdigest() for kind in DIGESTS)
    return SentFile(path, "", len(data), md5, sha1, sha256)


def _copied(package: int, root: int, one: Wanted) -> SentFile:
    """Copy a file as it is. Its bytes are hashed as they are written. Raises NotBuilt where they are others."""
    digests = {kind: hashlib.new(kind, usedforsecurity=False) for kind in DIGESTS}
    size = 0
    with _opened(package, one) as reading, create_beneath(root, relative_parts(one.path), 0o600) as writing:
        while piece := reading.read(PIECE):
            size += len(piece)
            for digest in digests.values():
                digest.update(piece)
            rest = memoryview(piece)
            while rest:
                rest = rest[writing.write(rest) :]
    hexed = {kind: digest.hexdigest() for kind, digest in digests.items()}
    _same(one, hexed["sha256"])
    return SentFile(one.path, one.source, size, **hexed, audio=one.audio, image=one.image)


def _conversion(package: int, root: int, source: Path, staging: Path, one: Wanted) -> Conversion:
    """What to ask for; the source is held by its inode and times, and the target is a new file."""
    with _opened(package, one) as reading:
        seen = os.fstat(reading.fileno())
    create_beneath(root, relative_parts(one.path), 0o600).close()
    stamp = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return Conversion(str(source / one.source), one.source, stamp, one.form, str(staging / one.path))


def _sent(one: Wanted, result: Converted | NotConverted) -> SentFile:
    if isinstance(result, NotConverted):
        raise NotBuilt(result.reason, result.permanent, is_crash=result.is_crash)
    _same(one, result.source_sha256)
    digests = (result.md5, result.sha1, result.sha256)
    return SentFile(one.path, one.source, result.size, *digests, result.audio, result.image)


def _same(one: Wanted, found: str) -> None:
    if found != one.sha256:
        raise NotBuilt(f"{CHANGED}: {one.source} has SHA-256 {found} where {one.sha256} was recorded", permanent=True)


def _freeze(staging: Path, record: bytes) -> None:
    """Write the record, and flush and make read-only all there is, the folders last."""
    (staging / manifest.NAME).write_bytes(record)
    for place, _, names in os.walk(staging, topdown=False):
        for path in (Path(place, name) for name in names):
            path.chmod(FILE_MODE)
            flush(path)
        Path(place).chmod(FOLDER_MODE)
        flush(Path(place))


def _verified(target: Path, wanted: Sequence[Wanted]) -> tuple[SentFile, ...]:
    """The files of a shipment that was built before, each read again. Raises NotBuilt where it is not what it was."""
    try:
        files = manifest.recorded((target / manifest.NAME).read_bytes(), wanted)
    except ValueError as error:
        raise NotBuilt(f"the record of the shipment {target} is broken: {error}", permanent=True) from error
    if files is None:
        raise NotBuilt(f"the shipment {target} was built from other files", permanent=True)
    prove(target, {one.path: one.sha256 for one in files})
    return files


def _digest(root: int, path: str) -> str:
    """The SHA-256 of a frozen file, `nothing` where it is gone."""
    try:
        with read_beneath(root, relative_parts(path)) as frozen:
            return hashlib.file_digest(frozen, "sha256").hexdigest()
    except FileNotFoundError:
        return "nothing"
