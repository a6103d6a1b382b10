"""Files that crash, hang, hog or eat memory cost themselves alone; packages share the children fairly."""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.readers import pool as pool_module
from ingest.readers.answers import CRASH_CHARACTERS, MOST_SIZE, MOST_SIZE_OF_MEDIA, WrongAnswer, parsed
from ingest.readers.fork_client import Answer, Failure, Hashes, Limits, Request
from ingest.readers.fork_server import _ending
from ingest.readers.pool import Pool, PoolClosed
from ingest.readers.turns import Share

LIMITS = Limits(memory_bytes=1_500_000_000, cpu_seconds=60, wall_seconds=60)
SHORT = Limits(memory_bytes=1_500_000_000, cpu_seconds=60, wall_seconds=3)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool(2, "tests.readers.hostile")
    yield opened
    opened.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.bin"
    path.write_bytes(b"x")
    return path


def hash_of(path: Path) -> Request:
    return {"read": "hash", "path": str(path), "name": path.name}


def ask(kind: str, **more: object) -> Request:
    return {"read": kind, "name": kind, **more}


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def keeper_of(pool: Pool) -> int:
    assert pool._client is not None
    return pool._client.pid


def test_facts_come_in_the_order_of_the_requests_from_several_children(pool: Pool, tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.bin" for n in range(7)]
    for n, path in enumerate(paths):
        path.write_bytes(bytes([n]) * 1000)
    progress: list[tuple[int, int, str]] = []
    answers = pool.read([hash_of(path) for path in paths], LIMITS, lambda *seen: progress.append(seen))
    assert answers == [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [seen[:2] for seen in progress] == [(n, 7) for n in range(1, 8)]
    assert sorted(name for _, _, name in progress) == [path.name for path in paths]


def test_every_file_is_read_in_a_child_of_its_own(pool: Pool) -> None:
    answers = pool.read([ask("note")] * 5, LIMITS)
    assert len(set(answers)) == 5


def test_a_file_that_makes_a_reader_raise_is_a_failure_of_ours_with_its_traceback(
    pool: Pool, tmp_path: Path, good: Path
) -> None:
    first, second = pool.read([hash_of(tmp_path / "gone.bin"), hash_of(good)], LIMITS)
    assert isinstance(first, Failure) and "FileNotFoundError" in first.reason
    assert second == hashlib.sha256(b"x").hexdigest()


def test_an_error_that_says_much_is_told_by_its_end(pool: Pool) -> None:
    (answer,) = pool.read([ask("artwork")], LIMITS)
    assert isinstance(answer, Failure) and answer.reason.endswith("\U0001f3b5the end\n")
    assert len(answer.reason) == CRASH_CHARACTERS


def test_a_file_that_is_cut_short_or_on_a_broken_disk_is_named_as_such() -> None:
    assert _ending(-signal.SIGBUS).endswith("SIGBUS: the disk failed, or the file became shorter")
    assert _ending(-signal.SIGSEGV) == "the reading process was ended by SIGSEGV"


HOSTILE = {
    "hang": (ask("rest", seconds=600), "no answer within 3 seconds"),
    "hog": (ask("hog"), "no answer within 3 seconds"),
    "swell": (ask("swell"), "MemoryError"),
    "crash": (ask("crash"), "the reading process was ended by SIGSEGV"),
    "mute": (ask("mute"), "the reading process was ended by SIGKILL"),
    "chatter": (ask("chatter"), "its answer has no end"),
    "lie": (ask("lie"), "the reading process gave an answer that is none"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_itself_and_neither_its_neighbours_nor_the_keeper(
    pool: Pool, good: Path, name: str
) -> None:
    request, reason = HOSTILE[name]
    pool.start()
    keeper = keeper_of(pool)
    limits = SHORT if "3 seconds" in reason else LIMITS
    before, answer, after = pool.read([hash_of(good), request, hash_of(good)], limits)
    assert isinstance(answer, Failure) and reason in answer.reason
    assert before == after == hashlib.sha256(b"x").hexdigest()
    assert keeper_of(pool) == keeper
    wait_for(lambda: children_of(keeper) == [])


def test_the_answers_about_one_package_have_an_end_together(pool: Pool, good: Path) -> None:
    answers = pool.read([ask("boast", length=130_000)] * 4, LIMITS)
    assert [isinstance(one, str) for one in answers].count(True) == 3
    told = {one for one in answers if isinstance(one, Failure)}
    assert told == {Failure("the files of its package gave more facts than are kept", is_final=True)}
    assert pool.read([hash_of(good)], LIMITS) == [hashlib.sha256(b"x").hexdigest()]


def test_hashes_are_told_before_a_file_is_parsed_and_nothing_that_parses_it_can_change_them(
    pool: Pool, good: Path
) -> None:
    request = hash_of(good) | {"hashes": ["sha256", "md5"]}
    heard: list[tuple[int, object, Hashes]] = []
    kinds = ["forge", "lie", "hash"]
    pool.read([request | {"read": one} for one in kinds], LIMITS, accept=lambda *told: heard.append(told))
    hashes = {kind: hashlib.new(kind, b"x").hexdigest() for kind in ("sha256", "md5")}
    assert sorted(heard, key=lambda told: told[0]) == [(0, 0, hashes), (2, hashes["sha256"], hashes)]


def test_a_file_that_cannot_be_hashed_is_not_read(pool: Pool, tmp_path: Path, good: Path) -> None:
    stamped = hash_of(good) | {"read": "note", "hashes": ["sha256"], "stamp": [0, 0, 0, 0, 0]}
    gone = hash_of(tmp_path / "gone") | {"read": "note", "hashes": ["sha256"]}
    changed, missing = pool.read([stamped, gone], LIMITS)
    assert changed == Failure("good.bin changed while it was read")
    assert isinstance(missing, Failure) and "FileNotFoundError" in missing.reason


def test_what_is_kept_of_an_answer_is_made_as_it_is_heard_and_a_wrong_one_costs_its_file(pool: Pool) -> None:
    def accept(index: int, facts: object, hashes: Hashes) -> tuple[int, object]:
        if index == 1:
            raise WrongAnswer
        if index == 2:
            raise MemoryError
        return index, facts

    requests = [ask("rest", seconds=0)] * 4
    none = "the reading process gave an answer that is none"
    assert pool.read(requests, LIMITS, accept=accept) == [
        (0, "rest"),
        Failure(none),
        Failure(f"{none}: MemoryError"),
        (3, "rest"),
    ]


def test_packages_wait_for_room_and_none_fails_because_of_another(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def read(name: str, files: int) -> list[Answer]:
        requests = [ask("rest", seconds=0.1) | {"name": name}] * files
        return pool.read(requests, LIMITS, lambda done, total, which: order.append(which))

    monkeypatch.setattr(pool, "_room", MOST_SIZE + 3 * MOST_SIZE_OF_MEDIA)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(read, "first", 3)
        wait_for(lambda: len(order) >= 1)
        second, third = threads.submit(read, "second", 3), threads.submit(read, "third", 1)
        assert [one.result() for one in (first, second, third)] == [["first"] * 3, ["second"] * 3, ["third"]]
    assert order[:3] == ["first"] * 3
    assert pool._room == MOST_SIZE + 3 * MOST_SIZE_OF_MEDIA


@pytest.mark.parametrize("error", [OSError(), AssertionError(), OverflowError(), MemoryError(), AttributeError()])
def test_an_answer_that_trips_us_costs_its_own_file(
    pool: Pool, good: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    pool.start()
    keeper = keeper_of(pool)

    def stumble(said: bytes) -> object:
        if b"trip" in said:
            raise error
        return parsed(said)

    monkeypatch.setattr("ingest.readers.fork_client.parsed", stumble)
    trip = ask("rest", seconds=0) | {"name": "trip"}
    before, answer, slow = pool.read([hash_of(good), trip, ask("rest", seconds=1)], LIMITS)
    assert isinstance(answer, Failure) and answer.is_final
    assert answer.reason.startswith("the reading process gave an answer that is none")
    assert (before, slow) == (hashlib.sha256(b"x").hexdigest(), "rest")
    assert keeper_of(pool) == keeper


@pytest.fixture
def frail() -> Iterator[Pool]:
    opened = Pool(3, "tests.readers.frail")
    yield opened
    opened.close()


def test_a_file_with_which_the_keeper_ends_costs_no_file_beside_it(frail: Pool, good: Path) -> None:
    healthy = ask("rest", seconds=1)
    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(frail.read, [healthy] * 4, LIMITS)
        poisoned = threads.submit(frail.read, [hash_of(good), ask("poison"), healthy, ask("poison")], LIMITS)
        assert other.result() == ["rest"] * 4
        first, *rest = poisoned.result()
    ended = Failure("the process that keeps the readers ended with status 3")
    assert (first, rest) == (hashlib.sha256(b"x").hexdigest(), [ended, "rest", ended])
    assert frail.read([healthy], LIMITS) == ["rest"]


def test_a_file_that_was_beside_one_with_which_the_keeper_ended_may_fail_once_more(frail: Pool) -> None:
    """What is read again because of another file has lost none of its own tries."""
    frail.start()
    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(frail.read, [ask("rest", seconds=2)], LIMITS)
        wait_for(lambda: children_of(keeper_of(frail)) != [])
        poisoned = threads.submit(frail.read, [ask("poison")], LIMITS)
        wait_for(lambda: [run.is_alone for run in list(frail._running.values())] == [True])
        wait_for(lambda: len(children_of(keeper_of(frail))) == 1)
        (pid,) = children_of(keeper_of(frail))
        os.kill(pid, signal.SIGKILL)
        assert reading.result() == ["rest"]
        assert isinstance(poisoned.result()[0], Failure)


def test_processor_time_has_a_limit_of_its_own(pool: Pool) -> None:
    (answer,) = pool.read([ask("hog")], Limits(cpu_seconds=1, wall_seconds=60))
    assert answer == Failure("the reading process was ended by SIGXCPU")


def test_memory_has_a_limit_for_each_file(pool: Pool) -> None:
    taken = pool.read([ask("gorge")] * 2, Limits(memory_bytes=1_000_000_000, cpu_seconds=60, wall_seconds=60))
    assert all(isinstance(one, int) and 300_000_000 < one < 1_000_000_000 for one in taken)


def test_a_file_larger_than_the_memory_of_a_child_is_read_all_the_same(pool: Pool, tmp_path: Path) -> None:
    track = tmp_path / "a.flac"
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + (44100 << 44 | 1 << 41 | 15 << 36 | 44100).to_bytes(8, "big")
    track.write_bytes(b"fLaC\x80\x00\x00\x22" + info + bytes(16))
    os.truncate(track, 1_100_000_000)
    request = {
        "read": "audio",
        "path": str(track),
        "name": "a.flac",
        "silence_level": -60.0,
        "max_duration": 43_200.0,
        "hashes": [],
    }
    look = {"read": "readiness", "path": str(tmp_path), "name": "Album", "max_bytes": 1000}
    limits = Limits(memory_bytes=1_000_000_000, cpu_seconds=60, wall_seconds=60)

    facts, readiness = pool.read([request, look], limits)

    assert not isinstance(facts, Failure) and not isinstance(readiness, Failure)
    assert facts["damages"] == [{"kind": "bad-header", "expected": None, "present": None, "chunk": "metadata"}]
    assert readiness["unreadable"] == "missing"


def test_a_child_that_is_killed_has_its_file_read_once_more(pool: Pool, good: Path) -> None:
    pool.start()
    keeper = keeper_of(pool)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(pool.read, [ask("rest", seconds=2)], LIMITS)
        wait_for(lambda: children_of(keeper) != [])
        (first,) = children_of(keeper)
        os.kill(first, signal.SIGKILL)
        assert reading.result() == ["rest"]
    assert keeper_of(pool) == keeper


def test_a_child_that_is_killed_twice_is_a_failure(pool: Pool) -> None:
    pool.start()
    keeper = keeper_of(pool)
    killed: list[int] = []

    def one_to_kill() -> bool:
        return any(pid not in killed for pid in children_of(keeper))

    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(pool.read, [ask("rest", seconds=2.5)], LIMITS)
        for _ in range(2):
            wait_for(one_to_kill)
            (pid,) = children_of(keeper)
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)
        assert reading.result() == [Failure("the reading process was ended by SIGKILL")]


def test_the_keeper_may_be_killed_and_every_file_is_read_all_the_same(pool: Pool, good: Path) -> None:
    pool.start()
    keeper = keeper_of(pool)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(pool.read, [ask("rest", seconds=2), ask("rest", seconds=2), hash_of(good)], LIMITS)
        wait_for(lambda: len(children_of(keeper)) == 2)
        children = children_of(keeper)
        os.kill(keeper, signal.SIGKILL)
        assert reading.result() == ["rest", "rest", hashlib.sha256(b"x").hexdigest()]
    assert keeper_of(pool) != keeper
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def resting(pool: Pool, order: list[str], name: str, label: str, files: int) -> list[Answer]:
    """A package of files that take 0.05 s each; each adds the package's name to `order` once it was read."""
    requests = [ask("rest", seconds=0.05) | {"name": name}] * files
    return pool.read(requests, LIMITS, lambda done, total, which: order.append(which), share=Share(label))


def test_a_single_of_another_label_is_read_before_the_rest_of_an_album(pool: Pool) -> None:
    order: list[str] = []
    pool.start()
    with ThreadPoolExecutor(2) as threads:
        album = threads.submit(resting, pool, order, "album", "anna", 60)
        wait_for(lambda: len(order) >= 2)
        before = len(order)
        resting(pool, order, "single", "ben", 2)
        assert len(order) - before <= 8, "only files that were being read come before it"
        assert album.result() == ["album"] * 60
    assert sorted(order) == ["album"] * 60 + ["single"] * 2


def test_a_message_is_read_at_once_while_every_worker_has_a_long_track(pool: Pool, good: Path) -> None:
    order: list[str] = []
    pool.start()
    with ThreadPoolExecutor(2) as threads:
        share = Share("anna", [40_000_000.0] * 6)
        requests = [ask("rest", seconds=0.5)] * 6
        threads.submit(pool.read, requests, LIMITS, lambda *seen: order.append("track"), share=share)
        wait_for(lambda: len(pool._running) == 2)
        pool.read([hash_of(good)], LIMITS, lambda *seen: order.append("message"), share=Share("ben"))
        assert order == ["message"]
        pool.read([ask("rest", seconds=0)], LIMITS, share=Share("ben", [2_000_000.0]))
        assert len(order) >= 2, "a track waits for a worker"


def test_a_label_gets_a_child_while_another_keeps_all_workers_for_long(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "LONG_SECONDS", 0.3)
    monkeypatch.setattr(pool_module, "LOOK_SECONDS", 0.1)
    order: list[str] = []
    pool.start()
    with ThreadPoolExecutor(2) as threads:
        requests = [ask("rest", seconds=3)] * 2
        slow = threads.submit(pool.read, requests, LIMITS, lambda *seen: order.append("slow"), share=Share("anna"))
        wait_for(lambda: len(pool._running) == 2)
        pool.read([ask("rest", seconds=0)], LIMITS, lambda *seen: order.append("quick"), share=Share("ben"))
        slow.result()
    assert order == ["quick", "slow", "slow"]


def test_small_files_that_take_long_are_charged_for_their_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "PACE", 1e9)
    order: list[str] = []

    def read(name: str, label: str, files: int, seconds: float, cost: float) -> None:
        requests = [ask("rest", seconds=seconds) | {"name": name}] * files
        share = Share(label, [cost] * files)
        pool.read(requests, LIMITS, lambda done, total, which: order.append(which), share=share)

    pool.start()
    with ThreadPoolExecutor(12) as threads:
        for number in range(10):
            threads.submit(read, f"slow {number}", "anna", 2, 0.3, 1.0)
        wait_for(lambda: len(pool._batches) == 10)
        album = threads.submit(read, "album", "ben", 8, 0.05, 60_000_000.0)
        album.result()
        assert sum(name != "album" for name in order) <= 10, "twenty would come first by their sizes"


def test_albums_come_out_one_by_one_in_the_order_of_their_labels_turns(pool: Pool) -> None:
    order: list[str] = []
    pool.start()
    names = ["a1", "a2", "a3", "b1", "c1"]
    with ThreadPoolExecutor(6) as threads:
        blocked = threads.submit(resting, pool, order, "first", "zoe", 8)
        for count, name in enumerate(names, 2):
            threads.submit(resting, pool, order, name, name[0], 10)
            wait_for(lambda count=count: len(pool._batches) >= count)  # type: ignore[misc]
        blocked.result()
    ends = {name: max(at for at, one in enumerate(order) if one == name) for name in names}
    assert sorted(names, key=ends.__getitem__) == ["a1", "b1", "c1", "a2", "a3"]
    for name in names:
        places = [at for at, one in enumerate(order) if one == name]
        assert places[-1] - places[0] < 12, "an album that was begun is finished before the next"


def test_a_child_may_read_its_file_and_do_nothing_else(pool: Pool, good: Path) -> None:
    good.with_name("secret").write_bytes(b"of another label")
    pool.start()
    (answer,) = pool.read([ask("attempts", path=str(good), keeper=keeper_of(pool))], LIMITS)
    assert answer == {
        "network": "PermissionError",
        "program": "PermissionError",
        "another process": "PermissionError",
        "the keeper": "PermissionError",
        "writing": "PermissionError",
        "a new file": "PermissionError",
        "a neighbour": "PermissionError",
        "a password": "PermissionError",
        "a thread": "RuntimeError",
        "its own file": "done",
    }
    assert good.read_bytes() == b"x"


def test_a_schema_may_include_those_beside_it(pool: Pool, good: Path, tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    for name in ("avs.xsd", "main.xsd"):
        (schemas / name).write_text(name)
    request = ask("peek", path=str(good), schema=str(schemas / "main.xsd"))
    assert pool.read([request], LIMITS) == [["avs.xsd", "main.xsd"]]


def test_closing_ends_the_children_and_whoever_waits(good: Path) -> None:
    closing = Pool(1, "tests.readers.hostile")
    closing.start()
    keeper = keeper_of(closing)
    ended: list[str] = []

    def read() -> None:
        try:
            closing.read([ask("rest", seconds=600)], Limits())
        except PoolClosed:
            ended.append("closed")

    thread = threading.Thread(target=read)
    thread.start()
    wait_for(lambda: children_of(keeper) != [])
    closing.close()
    thread.join(20)
    assert ended == ["closed"]
    wait_for(lambda: not Path(f"/proc/{keeper}").exists())


def test_the_keeper_ends_with_whoever_started_it() -> None:
    orphaned = Pool(1, "tests.readers.hostile")
    orphaned.start()
    keeper = keeper_of(orphaned)
    assert orphaned._client is not None and orphaned._client._process.stdin is not None
    orphaned._client._process.stdin.close()
    wait_for(lambda: not Path(f"/proc/{keeper}").exists())


def test_reading_works_beyond_a_thousand_open_descriptors(good: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip("this machine allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    crowded = Pool(1)
    with contextlib.ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        held.callback(crowded.close)
        for _ in range(1100):
            held.enter_context(good.open("rb"))
        assert crowded.read([hash_of(good)], LIMITS) == [hashlib.sha256(b"x").hexdigest()]
