"""Code in a confined child reaches nothing: every forbidden call is made from inside one, on old kernels too.

The calls are made by `attacks`; what they would have changed is looked at from outside.
"""

from __future__ import annotations

import ctypes.util
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import landlock, sandbox
from ingest.readers.fork_client import Failure, Limits
from ingest.readers.pool import Pool
from tests.conftest import missing

LIMITS = Limits(memory_bytes=1_500_000_000, cpu_seconds=60, wall_seconds=60)
OFFERED = landlock.version()
VERSIONS = [version for version in range(7) if version <= OFFERED]
NEWER = ("fchmodat2",)
"""Calls that are refused as on a kernel that does not have them."""


@dataclass
class Scene:
    """A child's file, another of the account beside it, and the processes that a child might reach."""

    pool: Pool
    own: Path
    key: Path
    bystander: subprocess.Popen[bytes]

    @property
    def keeper(self) -> int:
        assert self.pool._client is not None
        return self.pool._client.pid

    def ask(self, read: str, **more: object) -> dict[str, Any]:
        return {
            "read": read,
            "name": read,
            "path": str(self.own),
            "key": str(self.key),
            "folder": str(self.key.parent),
            "keeper": self.keeper,
            "daemon": os.getpid(),
            "bystander": self.bystander.pid,
            **more,
        }

    def answer(self, read: str, **more: object) -> Any:
        (answer,) = self.pool.read([self.ask(read, **more)], LIMITS)
        assert not isinstance(answer, Failure), answer.reason
        return answer

    def beside_a_sibling(self, read: str, **more: object) -> Any:
        """The same while another child reads, which is `sibling`, and which must end as if nothing were."""
        until = self.own.with_name("until")
        with ThreadPoolExecutor(1) as thread:
            standing = thread.submit(self.answer, "standing_by", until=str(until))
            deadline = time.monotonic() + 30
            children = Path(f"/proc/{self.keeper}/task/{self.keeper}/children")
            while not (running := children.read_text().split()):
                assert time.monotonic() < deadline
            try:
                answer = self.answer(read, sibling=int(running[0]), **more)
            finally:
                until.touch()
            assert standing.result() == "stood"
        until.unlink()
        return answer

    def state(self) -> dict[str, object]:
        """All that an attack could have changed, from outside."""
        pids = (self.keeper, os.getpid(), self.bystander.pid)
        return {
            "files": {path: (path.stat(), path.read_bytes()) for path in (self.own, self.key)},
            "names": sorted(self.key.parent.iterdir()),
            "xattrs": [os.listxattr(path) for path in (self.own, self.key)],
            "priority": [os.getpriority(os.PRIO_PROCESS, pid) for pid in pids],
            "affinity": [os.sched_getaffinity(pid) for pid in pids],
            "policy": [os.sched_getscheduler(pid) for pid in pids],
            "limits": [resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids],
            "bystander": self.bystander.poll(),
        }


def _unit_can_be_confined() -> None:
    for there, tool in (
        (shutil.which("systemd-analyze"), "systemd-analyze"),
        (ctypes.util.find_library("seccomp"), "libseccomp"),
    ):
        if there is None:
            missing(tool)


@pytest.fixture(scope="module", params=["attacks", "attacks_in_unit"])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    if request.param == "attacks_in_unit":
        _unit_can_be_confined()
    opened = Pool(2, f"tests.readers.{request.param}")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def scene(pool: Pool, tmp_path: Path) -> Iterator[Scene]:
    own, key = tmp_path / "own/track.wav", tmp_path / "account/key"
    for path in (own, key):
        path.parent.mkdir()
        path.write_bytes(b"of great worth")
        path.chmod(0o600)
    bystander = subprocess.Popen(["sleep", "600"])
    yield Scene(pool, own, key, bystander)
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("version", VERSIONS)
def test_no_call_reaches_a_file_a_process_or_the_machine(scene: Scene, version: int) -> None:
    scene.answer("number")
    before, keeper = scene.state(), scene.keeper
    answers = scene.beside_a_sibling("attack", landlock=version)

    assert len(answers) > 300
    assert {name: told for name, told in answers.items() if told != "EPERM"} == {
        f"{name} {which}": "ENOSYS" for name in NEWER for which in ("mine", "key")
    }
    # The time of the last access is not the attacker's doing: the file was read.
    assert _without_access(scene.state()) == _without_access(before)
    assert scene.keeper == keeper


def _without_access(state: dict[str, Any]) -> dict[str, Any]:
    files = {
        path: (
            [getattr(seen, f"st_{name}") for name in ("mode", "uid", "gid", "size", "nlink", "mtime_ns", "ctime_ns")],
            data,
        )
        for path, (seen, data) in state["files"].items()
    }
    return state | {"files": files}


def test_every_call_that_is_not_on_the_list_is_refused(scene: Scene) -> None:
    in_unit = scene.pool._module.endswith("unit")
    # Calls of the x32 kind end a process under the unit.
    assert scene.answer("every_call", x32=not in_unit) == {}


@pytest.mark.parametrize("version", [one for one in VERSIONS if one])
def test_nothing_but_its_own_file_is_read(scene: Scene, version: int) -> None:
    answers = scene.beside_a_sibling("read_elsewhere", landlock=version)

    assert len(answers) > 15
    assert {path: told for path, told in answers.items() if told != "EACCES"} == {}


HELD_SINCE = {
    "reading": (1, "EACCES"),
    "listing": (1, "EACCES"),
    "writing": (1, "EACCES"),
    "making": (1, "EACCES"),
    "mkdir": (1, "EACCES"),
    "symlink": (1, "EACCES"),
    "removing": (1, "EACCES"),
    "running": (1, "EACCES"),
    "ptrace": (1, "EPERM"),
    "truncate": (3, "EACCES"),
    "connect": (4, "EACCES"),
    "abstract": (6, "EPERM"),
    "signal": (6, "EPERM"),
    "queued signal": (6, "EPERM"),
}
"""What Landlock holds without any filter of system calls, since which version."""
ELSE = {"connect": "ECONNREFUSED"}


@pytest.mark.parametrize("version", [one for one in VERSIONS if one])
def test_without_a_filter_landlock_holds_all_that_its_version_can(
    scene: Scene, version: int, request: pytest.FixtureRequest
) -> None:
    if scene.pool._module.endswith("unit"):
        pytest.skip("there the unit's filter holds too")
    name = f"ingest-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(f"\0{name}")
        listening.listen()
        answers = scene.answer("without_filter", landlock=version, seccomp=False, abstract=name)

    expected = {one: told if version >= since else ELSE.get(one, "done") for one, (since, told) in HELD_SINCE.items()}
    assert answers == expected


def test_a_child_holds_its_answer_pipe_and_nothing_else(scene: Scene) -> None:
    scene.answer("number")
    assert scene.beside_a_sibling("descriptors") == ["null", "null", "null", "p"]


def test_a_child_finds_in_its_memory_nothing_of_what_others_read(scene: Scene) -> None:
    """Neither what siblings that have ended told, nor what they were asked: names of other labels' files among it."""
    for size in (100, 1000, 70_000):
        for count in range(5):
            word = f"{count}_" + "x" * size
            assert scene.answer("told", word=word, name=f"secret-of-asked{size}.wav") == f"secret-of-{word}"
        assert scene.answer("remembered") == []
    assert scene.answer("remembered", name="secret-of-mine") == ["secret-of-mine"]


def test_a_child_holds_nothing_of_what_was_left_open_to_the_keeper(tmp_path: Path) -> None:
    left = tmp_path / "secret"
    left.write_bytes(b"x")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = 66_000
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, max(hard, highest + 1)))
    except (ValueError, PermissionError):
        highest = soft - 1
    request = {"read": "descriptors", "name": "a", "path": str(left)}
    order = json.dumps({"limits": asdict(LIMITS), "request": request}).encode()
    head = {"key": 1, "read": "descriptors", "hashes": False, "bytes": len(order), "seconds": LIMITS.wall_seconds}
    numbers = [*range(200, 1200), highest]
    opened = os.open(left, os.O_RDONLY)
    try:
        for number in numbers:
            os.dup2(opened, number)
        command = [sys.executable, "-m", "tests.readers.attacks"]
        keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False)
    finally:
        for number in [opened, *numbers]:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with keeper:
        assert keeper.stdin is not None and keeper.stdout is not None
        keeper.stdin.write(json.dumps(head).encode() + b"\n" + order)
        keeper.stdin.flush()
        _, answer = keeper.stdout.readline(), keeper.stdout.readline()
        keeper.stdin.close()
    assert json.loads(answer) == {"facts": ["null", "null", "null", "p"]}


def test_a_child_that_cannot_be_confined_reads_nothing(scene: Scene) -> None:
    """Where the kernel offers Landlock and then refuses it, the reading fails and says why."""
    (answer,) = scene.pool.read([scene.ask("number", refused=True)], LIMITS)
    assert isinstance(answer, Failure) and "Landlock cannot be put in force" in answer.reason


def test_the_confinement_can_be_asked_for() -> None:
    assert sandbox.probe() == sandbox.Confinement(landlock=OFFERED, seccomp=True)


def test_a_confinement_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "RESTRICT_SELF", landlock.ADD_RULE)
    with pytest.raises(OSError, match="Landlock cannot be put in force"):
        sandbox.probe()
