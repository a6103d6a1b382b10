"""Sessions of one label beside each other, step by step: what they are told, what is stored, counted and sealed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ingest.inbound.sftp.protocol import Code, OpenFlag
from tests.inbound.sftp.sessions import MAKE, MAKE_ANEW
from tests.inbound.sftp.sessions_player import WHOSE, Player, playing
from tests.inbound.sftp.stored import Counts

QUOTA = Counts(bytes=200_000, files=6, folders=7)
READ, WRITE = OpenFlag.READ, OpenFlag.WRITE
ONE, OTHER = 0, 1
"""Two sessions of the label anna."""


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Player]:
    with playing(tmp_path, QUOTA) as player:
        player.mkdir(ONE, "R1")
        yield player


def put(play: Player, path: str, size: int) -> None:
    """Upload a file and close it."""
    held = play.open(ONE, path, MAKE_ANEW)
    assert held is not None
    play.write(held, 0, size)
    play.shut(held)
    play.check()


def test_uploads_renames_and_removals_without_open_handles_count_exactly(play: Player) -> None:
    put(play, "R1/x", 50_000)
    put(play, "R1/y", 20_000)
    put(play, "R1/x", 10_000)
    play.rename(OTHER, "R1/x", "R1/y", replaces=True)
    play.check()
    play.rename(OTHER, "R1", "R2")
    play.remove(ONE, "R2/y")
    play.check()
    assert play.rmdir(ONE, "R2") is Code.OK
    play.check()


def test_a_file_removed_while_open_is_written_on_and_counts_until_its_last_close(play: Player) -> None:
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 50_000)
    reading = play.open(OTHER, "R1/x", READ)
    assert reading is not None
    assert play.remove(OTHER, "R1/x") is Code.OK
    play.check()
    play.write(writing, 50_000, 10_000)
    play.read(reading, 40_000, 20_000)
    play.check()
    play.shut(writing)
    play.check()
    play.read(reading, 0, 100)
    play.shut(reading)
    play.check()


def test_a_file_replaced_by_a_rename_while_open_counts_until_its_last_close(play: Player) -> None:
    put(play, "R1/new", 30_000)
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 50_000)
    assert play.rename(OTHER, "R1/new", "R1/x", replaces=True) is Code.OK
    play.check()
    play.write(writing, 10, 70_000)
    play.check()
    play.shut(writing)
    play.check()


def test_truncating_a_file_that_is_open_makes_another_one_and_the_older_handle_keeps_its_own(play: Player) -> None:
    older = play.open(ONE, "R1/x", MAKE)
    assert older is not None
    play.write(older, 0, 50_000)
    newer = play.open(OTHER, "R1/x", MAKE_ANEW)
    assert newer is not None
    play.check()
    play.write(newer, 0, 100)
    play.write(older, 0, 60_000)
    play.check()
    play.shut(older)
    play.check()


def test_truncating_a_file_that_is_being_read_leaves_its_reader_the_old_bytes(play: Player) -> None:
    put(play, "R1/x", 5_000)
    reading = play.open(OTHER, "R1/x", READ)
    assert reading is not None
    writing = play.open(ONE, "R1/x", MAKE_ANEW)
    assert writing is not None
    play.write(writing, 0, 10)
    play.read(reading, 0, 9_000)
    play.check()


def test_two_handles_that_write_one_file_count_its_size_once(play: Player) -> None:
    one, other = play.open(ONE, "R1/x", MAKE), play.open(OTHER, "R1/x", MAKE)
    assert one is not None and other is not None
    play.write(one, 0, 50_000)
    play.write(other, 0, 50_000)
    play.check()
    play.write(other, 40_000, 20_000)
    play.check()


def test_a_write_beyond_the_quota_changes_nothing_and_room_is_there_again_after_a_removal(play: Player) -> None:
    put(play, "R1/x", 150_000)
    writing = play.open(ONE, "R1/y", MAKE)
    assert writing is not None
    assert play.write(writing, 0, 60_000) == [Code.FAILURE]
    play.check()
    assert play.write(writing, 100, 0) == [Code.OK]
    play.check()
    play.remove(OTHER, "R1/x")
    assert play.write(writing, 0, 60_000) == [Code.OK]
    play.check()


def test_what_is_removed_while_open_gives_no_room(play: Player) -> None:
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 150_000)
    play.remove(OTHER, "R1/x")
    other = play.open(OTHER, "R1/x", MAKE)
    assert other is not None
    assert play.write(other, 0, 60_000) == [Code.FAILURE]
    play.check()
    play.shut(writing)
    assert play.write(other, 0, 60_000) == [Code.OK]
    play.check()


def test_a_folder_is_sealed_when_its_last_writer_has_closed_and_frees_its_room(play: Player) -> None:
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 50_000)
    assert not play.seal("anna", "R1")
    play.rename(OTHER, "R1", "R2")
    assert not play.seal("anna", "R2")
    play.write(writing, 50_000, 10)
    play.check()
    play.shut(writing)
    reading = play.open(OTHER, "R2/x", READ)
    assert reading is not None
    assert play.seal("anna", "R2")
    play.check()
    play.read(reading, 0, 100_000)
    assert play.remove(OTHER, "R2/x") is Code.PERMISSION_DENIED
    assert play.open(OTHER, "R2/x", MAKE) is None
    play.shut(reading)
    play.check()


def test_a_folder_from_which_an_open_file_was_moved_can_be_sealed(play: Player) -> None:
    put(play, "R1/y", 10)
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.mkdir(ONE, "R2")
    play.rename(OTHER, "R1/x", "R2/x")
    assert play.seal("anna", "R1")
    assert not play.seal("anna", "R2")
    play.write(writing, 0, 100)
    play.check()


def test_a_folder_renamed_to_its_own_name_goes_on_knowing_what_is_open_in_it(play: Player) -> None:
    """The journal once forgot the folder, and with it the upload: the folder was sealed under an open handle."""
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 10)
    for replaces in (False, True):
        assert play.rename(OTHER, "R1", "R1", replaces=replaces) is Code.OK
    assert play.rename(OTHER, "R1", "R2") is Code.OK
    assert not play.seal("anna", "R2")
    play.mkdir(OTHER, "R3")
    play.rename(OTHER, "R2/x", "R3/x")
    assert not play.seal("anna", "R3")
    play.write(writing, 0, 100)
    play.check()


def test_a_lost_connection_gives_back_what_it_alone_held(play: Player) -> None:
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 50_000)
    play.remove(OTHER, "R1/x")
    play.lose(ONE)
    play.check()
    put(play, "R1/y", 10)
    assert play.seal("anna", "R1")
    play.check()


def test_another_label_keeps_all_of_its_own_room(play: Player) -> None:
    put(play, "R1/x", 200_000)
    writing = play.open(3, "x", MAKE)
    assert writing is not None
    assert play.write(writing, 0, 100_000, 100_000) == [Code.OK, Code.OK]
    play.check()


def test_a_size_that_is_set_is_the_size_that_every_handle_sees_and_that_counts(play: Player) -> None:
    put(play, "R1/x", 50_000)
    for size in (50_000, 49_999, 0, 1, 60_000, 200_000):
        assert play.resize(OTHER, "R1/x", size) is Code.OK
        play.check()
        play.stat(ONE, "R1/x")
    reading = play.open(OTHER, "R1/x", READ)
    writing = play.open(ONE, "R1/x", MAKE)
    assert reading is not None and writing is not None
    play.write(writing, 0, 100)
    assert play.resize_open(writing, 10) is Code.OK
    play.read(reading, 0, 100)
    play.write(writing, 50, 10)
    play.check()
    play.read(reading, 0, 100)


def test_a_size_beyond_the_quota_is_refused_and_changes_nothing(play: Player) -> None:
    put(play, "R1/x", 150_000)
    put(play, "R1/y", 10)
    assert play.resize(ONE, "R1/y", 50_001) is Code.FAILURE
    play.check()
    assert play.resize(ONE, "R1/y", 50_000) is Code.OK
    writing = play.open(ONE, "R1/y", WRITE)
    assert writing is not None
    assert play.resize_open(writing, 50_001) is Code.FAILURE
    play.check()
    assert play.resize_open(writing, 49_999) is Code.OK
    assert play.shut(writing) is Code.FAILURE
    play.check()


def test_the_size_of_a_file_that_was_removed_while_open_counts_until_its_last_close(play: Player) -> None:
    writing = play.open(ONE, "R1/x", MAKE)
    assert writing is not None
    play.write(writing, 0, 50_000)
    play.remove(OTHER, "R1/x")
    for size in (20_000, 90_000):
        assert play.resize_open(writing, size) is Code.OK
        play.check()
    play.shut(writing)
    play.check()


def test_no_size_is_set_where_nothing_may_be_written(play: Player) -> None:
    put(play, "R1/x", 10)
    play.mkdir(ONE, "R2")
    reading = play.open(OTHER, "R1/x", READ)
    assert reading is not None
    assert play.resize_open(reading, 10) is Code.OK
    assert play.resize_open(reading, 9) is Code.PERMISSION_DENIED
    assert play.resize(ONE, "R2", 0) is Code.FAILURE
    assert play.resize(ONE, "R2/x", 0) is Code.NO_SUCH_FILE
    assert play.seal("anna", "R1")
    assert play.resize(ONE, "R1/x", 10) is Code.OK
    assert play.resize(ONE, "R1/x", 9) is Code.PERMISSION_DENIED
    assert play.resize(ONE, "R1/x", 11) is Code.PERMISSION_DENIED
    play.check()


SESSIONS = st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 3])
FOLDERS = st.sampled_from(["R1", "R2", "R3"])
PATHS = st.one_of(
    st.builds("{}/{}".format, FOLDERS, st.sampled_from("xy")),
    st.builds("{}/{}".format, FOLDERS, st.sampled_from("xy")),
    st.builds("{}/x/{}".format, FOLDERS, st.sampled_from("xy")),
    FOLDERS,
    st.just("x"),
)
FLAGS = st.sampled_from(
    [
        *(READ, READ, WRITE, MAKE, MAKE, MAKE | READ, MAKE_ANEW, MAKE_ANEW, MAKE_ANEW | READ),
        *(WRITE | OpenFlag.TRUNCATE, MAKE | OpenFlag.EXCLUSIVE, READ | OpenFlag.TRUNCATE),
    ]
)
OFFSETS = st.sampled_from([0, 0, 0, 7, 5_000, 60_000, 110_000])
LENGTHS = st.lists(st.sampled_from([0, 1, 5_000, 40_000, 90_000]), min_size=1, max_size=2)
HANDLES = st.integers(0, 60)
SIZES = st.sampled_from([0, 7, 4_999, 5_000, 5_001, 60_000, 110_000, 200_001])


class Sessions(RuleBasedStateMachine):
    """Three sessions of one label and one of another; after every step everything is compared with the model."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="sessions-model-"))
        self.play = Player(self.root, QUOTA)

    def teardown(self) -> None:
        self.play.close()
        shutil.rmtree(self.root)

    @initialize()
    def begin(self) -> None:
        for who in (ONE, WHOSE.index("bert")):
            self.play.mkdir(who, "R1")
        self.play.mkdir(ONE, "R2")

    @rule(who=SESSIONS, path=PATHS, flags=FLAGS)
    def open(self, who: int, path: str, flags: int) -> None:
        self.play.open(who, path, flags)

    @rule(who=SESSIONS, folder=FOLDERS, flags=FLAGS, offset=OFFSETS, lengths=LENGTHS)
    def open_and_write(self, who: int, folder: str, flags: int, offset: int, lengths: list[int]) -> None:
        if held := self.play.open(who, f"{folder}/x", flags):
            self.play.write(held, offset, *lengths)

    @precondition(lambda self: self.play.handles)
    @rule(index=HANDLES, offset=OFFSETS, lengths=LENGTHS)
    def write(self, index: int, offset: int, lengths: list[int]) -> None:
        handles = self.play.handles
        self.play.write(handles[index % len(handles)], offset, *lengths)

    @rule(who=SESSIONS, path=PATHS, size=SIZES)
    def setstat_size(self, who: int, path: str, size: int) -> None:
        self.play.resize(who, path, size)

    @precondition(lambda self: self.play.handles)
    @rule(index=HANDLES, size=SIZES)
    def fsetstat_size(self, index: int, size: int) -> None:
        self.play.resize_open(self.play.handles[index % len(self.play.handles)], size)

    @precondition(lambda self: self.play.handles)
    @rule(index=HANDLES, offset=OFFSETS)
    def read(self, index: int, offset: int) -> None:
        held = self.play.handles[index % len(self.play.handles)]
        self.play.read(held, offset, 100_000)
        self.play.fstat(held)

    @precondition(lambda self: self.play.handles)
    @rule(index=HANDLES)
    def close(self, index: int) -> None:
        self.play.shut(self.play.handles[index % len(self.play.handles)])

    @rule(who=SESSIONS, path=PATHS)
    def mkdir(self, who: int, path: str) -> None:
        self.play.mkdir(who, path)

    @rule(who=SESSIONS, path=PATHS)
    def rmdir(self, who: int, path: str) -> None:
        self.play.rmdir(who, path)

    @rule(who=SESSIONS, path=PATHS)
    def remove(self, who: int, path: str) -> None:
        self.play.remove(who, path)

    @rule(who=SESSIONS, old=PATHS, new=PATHS, replaces=st.booleans())
    def rename(self, who: int, old: str, new: str, replaces: bool) -> None:
        self.play.rename(who, old, new, replaces=replaces)

    @rule(who=SESSIONS, old=FOLDERS, new=FOLDERS)
    def rename_a_folder(self, who: int, old: str, new: str) -> None:
        self.play.rename(who, old, new)

    @rule(who=SESSIONS, path=PATHS)
    def look(self, who: int, path: str) -> None:
        self.play.stat(who, path)
        self.play.list(who, path)
        self.play.list_incoming(who)

    @rule(who=SESSIONS)
    def lose(self, who: int) -> None:
        self.play.lose(who)

    @rule(label=st.sampled_from(["anna", "anna", "bert"]), name=FOLDERS)
    def seal(self, label: str, name: str) -> None:
        self.play.seal(label, name)

    @invariant()
    def agrees(self) -> None:
        self.play.check()


@pytest.mark.slow
@pytest.mark.timeout(480)
def test_any_steps_of_any_sessions_do_what_the_model_says() -> None:
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            phases=[Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
