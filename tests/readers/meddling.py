"""A file that is changed at a chosen moment while it is read: between any two calls that the readers make."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

Result = TypeVar("Result")
Modules = tuple[str, ...]
"""Ends of the paths of modules among the readers."""


@contextmanager
def at_call(number: int, change: Callable[[], None], within: Modules = ("",)) -> Iterator[list[int]]:
    """Call `change` at the call of this number (from 0) that these modules make; gives how many there were."""
    seen = [0]

    def hear(frame: FrameType, event: str, _: Any) -> None:
        place = frame.f_code.co_filename
        if event not in ("call", "c_call") or "/ingest/readers/" not in place or not place.endswith(within):
            return
        seen[0] += 1
        if seen[0] == number + 1:
            sys.setprofile(None)
            change()
            sys.setprofile(hear)

    sys.setprofile(hear)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def moments(read: Callable[[], object], most: int, within: Modules = ("",)) -> list[int]:
    """Numbers of calls that `read` makes, `most` at the most: the first and the last ones, and some between."""
    with at_call(sys.maxsize - 1, lambda: None, within) as seen:
        read()
    total, edge = seen[0], most // 3
    between = range(edge, max(total - edge, edge), max((total - 2 * edge) // edge, 1))
    return sorted({*range(min(edge, total)), *between, *range(max(total - edge, 0), total)})


def rewritten(path: Path, content: bytes) -> Callable[[], None]:
    """What rewrites the file where it lies, and puts back the time of its last change as far as anybody can."""
    before = path.stat()

    def change() -> None:
        with path.open("r+b") as file:
            file.write(content)
            file.truncate()
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


def replaced(path: Path, content: bytes) -> Callable[[], None]:
    """What puts another file in its place."""

    def change() -> None:
        other = path.with_name("other")
        other.write_bytes(content)
        other.replace(path)

    return change


def outcome(
    read: Callable[[], Result], change: Callable[[], None], number: int, within: Modules = ("",)
) -> Result | Exception:
    """What comes of a reading during which the file is changed."""
    with at_call(number, change, within):
        try:
            return read()
        except Exception as fault:
            return fault
