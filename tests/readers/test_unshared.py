"""The buffer whose bytes no child gets: it grows, is taken from at its front, and is not there after a fork."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from ingest.readers.unshared import LEAST, Unshared


@pytest.fixture
def buffer() -> Iterator[Unshared]:
    made = Unshared()
    yield made
    made.close()


def filled(buffer: Unshared, data: bytes) -> int:
    """What a pipe that holds `data` brings into the buffer."""
    ours, theirs = os.pipe()
    try:
        os.write(theirs, data)
        os.close(theirs)
        return buffer.read_from(ours, 1 << 16)
    finally:
        os.close(ours)


def written(buffer: Unshared, count: int) -> bytes:
    file = os.memfd_create("written")
    try:
        buffer.write_to(file, count)
        return os.pread(file, count + 1, 0)
    finally:
        os.close(file)


def test_what_is_read_is_found_taken_and_dropped_in_its_order(buffer: Unshared) -> None:
    assert filled(buffer, b"one\ntwo\nthree") == 13
    assert (len(buffer), buffer.find(b"\n"), buffer.ends_with(b"three"), buffer.ends_with(b"\n")) == (
        13,
        3,
        True,
        False,
    )
    assert buffer.take(4) == b"one\n"
    assert written(buffer, 3) == b"two"
    buffer.drop(4)
    assert (len(buffer), written(buffer, 5), buffer.find(b"\n")) == (5, b"three", -1)
    assert filled(buffer, b"") == 0


def test_only_what_is_in_it_counts(buffer: Unshared) -> None:
    filled(buffer, b"ab")
    buffer.drop(2)
    assert (len(buffer), buffer.find(b"b"), buffer.ends_with(b"b"), buffer.ends_with(b"")) == (0, -1, False, True)


def test_it_grows_and_keeps_every_byte(buffer: Unshared) -> None:
    pieces = [bytes([number]) * 60_000 for number in range(3 * LEAST // 60_000)]
    for piece in pieces:
        assert filled(buffer, piece) == len(piece)
    assert written(buffer, len(buffer)) == b"".join(pieces)


@pytest.mark.parametrize("rounds", [1, 2 * LEAST // 60_000])
def test_a_child_has_nothing_of_it(buffer: Unshared, rounds: int) -> None:
    """Before it grew and after: to look there ends the child."""
    for _ in range(rounds):
        filled(buffer, b"x" * 60_000)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        buffer.find(b"y")
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGSEGV
