"""A label that fills the disk beyond its quota, with files that have no name any more or are emptied under a handle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.inbound.sftp.protocol import Code, OpenFlag
from tests.inbound.sftp.sessions import BLOCK, MAKE, MAKE_ANEW, Server, Session, code_of, prepare
from tests.inbound.sftp.stored import Counts, stored

MEGABYTE = 10**6
QUOTA = Counts(bytes=2 * MEGABYTE, files=50, folders=50)
ROUNDS = 12
PIECE = bytes(range(256)) * 2000
"""512,000 bytes: four of them reach the quota's end."""


@dataclass
class Greedy:
    """Two sessions of the label anna, which hold open whatever they opened."""

    server: Server
    one: Session
    other: Session
    most: int = 0
    handles: list[tuple[Session, bytes]] = field(default_factory=list)

    def begin(self, session: Session, path: str, flags: int) -> bytes | None:
        """Open and keep open; None when that is refused."""
        reply = session.open(path, flags)
        if code_of(reply) is not Code.OK:
            return None
        self.handles.append((session, reply.handle))
        return reply.handle

    def write(self, session: Session, handle: bytes | None, offset: int = 0) -> bool:
        """Write a piece; whether it was taken."""
        if handle is None:
            return False
        (reply,) = session.write(handle, (offset, PIECE))
        self.look()
        return code_of(reply) is Code.OK

    def look(self) -> Counts:
        """What is stored now, and whether STATVFS tells of it; it never is more than the quota and a megabyte."""
        there = stored(self.server.paths, "anna")
        self.most = max(self.most, there.bytes)
        assert there.bytes <= QUOTA.bytes + MEGABYTE, f"{there.bytes} bytes are stored"
        _, free = self.other.statvfs()
        assert free == max(0, QUOTA.bytes - there.bytes) // BLOCK
        return there

    def close_all(self) -> None:
        for session, handle in self.handles:
            session.close(handle)
        self.handles.clear()


@pytest.fixture
def greedy(tmp_path: Path) -> Iterator[Greedy]:
    prepare(tmp_path, QUOTA)
    server = Server(tmp_path)
    greedy = Greedy(server, server.session("anna"), server.session("anna"))
    yield greedy
    greedy.one.end()
    greedy.other.end()
    assert server.trouble() == []
    assert not any((server.paths.home("anna") / ".removed").glob("*"))
    server.close()


def check_room_comes_back(greedy: Greedy) -> None:
    """Once all is closed and removed, the whole quota can be used again, and no more than that."""
    assert greedy.most > QUOTA.bytes - len(PIECE), "the quota was never reached"
    greedy.close_all()
    left = greedy.one.listing("")
    assert isinstance(left, dict)
    for name in left:
        assert code_of(greedy.one.remove(name)) is Code.OK
    assert greedy.look() == Counts(0, 0, 0) == greedy.server.counts("anna")
    handle = greedy.begin(greedy.one, "again", MAKE)
    taken = [greedy.write(greedy.one, handle, at * len(PIECE)) for at in range(4)]
    assert taken == [True, True, True, False]


def test_files_removed_while_they_are_open_go_on_counting(greedy: Greedy) -> None:
    for number in range(ROUNDS):
        handle = greedy.begin(greedy.one, f"f{number}", MAKE)
        greedy.write(greedy.one, handle)
        assert code_of(greedy.other.remove(f"f{number}")) is Code.OK
        greedy.look()
    check_room_comes_back(greedy)


def test_files_replaced_by_a_rename_while_they_are_open_go_on_counting(greedy: Greedy) -> None:
    for number in range(ROUNDS):
        handle = greedy.begin(greedy.one, "f", MAKE)
        greedy.write(greedy.one, handle)
        empty = greedy.other.open(f"e{number}", MAKE)
        greedy.other.close(empty.handle)
        assert code_of(greedy.other.rename(f"e{number}", "f", replaces=True)) is Code.OK
        greedy.look()
    check_room_comes_back(greedy)


def test_a_file_truncated_by_a_second_handle_counts_for_what_the_first_one_writes_on(greedy: Greedy) -> None:
    for number in range(ROUNDS):
        first = greedy.begin(greedy.one, f"f{number}", MAKE)
        greedy.write(greedy.one, first)
        assert greedy.begin(greedy.other, f"f{number}", MAKE_ANEW) is not None
        greedy.look()
        greedy.write(greedy.one, first)
    check_room_comes_back(greedy)


def test_files_removed_while_they_are_read_go_on_counting(greedy: Greedy) -> None:
    for number in range(ROUNDS):
        writing = greedy.one.open(f"f{number}", MAKE)
        greedy.one.write(writing.handle, (0, PIECE))
        greedy.one.close(writing.handle)
        assert greedy.begin(greedy.other, f"f{number}", OpenFlag.READ) is not None
        assert code_of(greedy.one.remove(f"f{number}")) is Code.OK
        greedy.look()
    check_room_comes_back(greedy)


def test_files_of_a_lost_connection_give_their_room_back(greedy: Greedy) -> None:
    lost = greedy.server.session("anna")
    for number in range(4):
        handle = lost.open(f"f{number}", MAKE).handle
        lost.write(handle, (0, PIECE))
        greedy.one.remove(f"f{number}")
    assert greedy.look().bytes == 3 * len(PIECE)
    lost.end()
    assert greedy.look() == Counts(0, 0, 0) == greedy.server.counts("anna")


def test_as_many_files_as_the_quota_allows_may_be_held_open_without_a_name(greedy: Greedy) -> None:
    made = 0
    while made <= QUOTA.files and greedy.begin(greedy.one, f"f{made}", MAKE) is not None:
        greedy.other.remove(f"f{made}")
        made += 1
    assert made == QUOTA.files == greedy.look().files
