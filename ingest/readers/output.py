"""The one file that a child may write: opened before anything of a label is read, and never longer than was asked.

The child may read back what it wrote.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

Request = dict[str, Any]


class NotWritten(Exception):
    """The file could not be written: the disk is full or failed, or the file became longer than is allowed."""


def open_output(request: Request) -> Request:
    """The request with the descriptor of its file `out`, opened and emptied, where it names one. Raises OSError.

    The file must exist under this one name: whoever asked has made it.
    """
    if "out" not in request:
        return request
    number = os.open(request["out"], os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    seen = os.fstat(number)
    if not stat.S_ISREG(seen.st_mode) or seen.st_nlink != 1:
        os.close(number)
        raise OSError(errno.EINVAL, "not a regular file of one name", request["out"])
    os.ftruncate(number, 0)
    return request | {"descriptor": number}


def most_written(request: dict[str, Any]) -> int:
    """Bytes that the file may have in the end; 0 where none is written."""
    return int(request["most_bytes"]) if "out" in request else 0


def write_all(number: int, data: bytes | memoryview) -> None:
    """Write every byte. Raises NotWritten."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(number, rest) :]
    except OSError as error:
        raise NotWritten(os.strerror(error.errno or 0)) from error
