"""What a child may do once it reads a label's file: little, and the kernel sees to it.

Memory, processor time, no file written but one that was opened before (`output`), and that up to a size, no core left;
no new rights; it ends with its parent. Where the kernel can:
no other file to read than the release and the program (`landlock`), and no system call but those that readers need
(`seccomp`): no network, no process or thread, no code, nothing that changes a file or another process. What still can
be asked is said in `seccomp`. A kernel that has neither is worked with; one that offers and then refuses is not.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ingest.readers import landlock, seccomp
from ingest.readers.output import most_written

OPEN_FILES: Final = 64
PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


_PACKAGE: Final = Path(__file__).parents[1]
_LIBRARIES: Final = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
PROGRAM: Final = frozenset({_PACKAGE, _PACKAGE.parent / "schemas", *_LIBRARIES})
"""Where our code, its schemas, the libraries' and Python's own lie: late imports and tracebacks read there."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the kernel sees to: Landlock of which version (0: none), and whether system calls are filtered."""

    landlock: int
    seccomp: bool


def confine(limits: dict[str, Any], request: dict[str, Any]) -> Confinement:
    """Hold this process to `limits` for good, and to the files that `request` names.

    Raises OSError where the kernel offers what it then refuses: no file is read half confined.
    """
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _offer_to_oom_killer()
    _LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _limit(limits["memory_bytes"], _largest(_named(request)), limits["cpu_seconds"], most_written(request))
    version = landlock.allow_reading([*_named(request), *PROGRAM])
    return Confinement(version, seccomp.filter_calls())


def _named(request: dict[str, Any]) -> list[Path]:
    """The release or the file; an operator's schema with the folder that holds what it imports."""
    named = [Path(request[key]) for key in ("path", "batch") if request.get(key) is not None]
    schema = request.get("schema")
    return [*named, *([] if schema is None else [Path(schema).parent])]


def _largest(named: list[Path]) -> int:
    """Bytes of the largest file that may be read: readers map files, which takes room but no memory."""
    below = (Path(folder, name) for place in named for folder, _, names in os.walk(place) for name in names)
    return max((one.lstat().st_size for one in (*named, *below) if one.is_file()), default=0)


def _limit(memory: int, mapped: int, cpu: int, written: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory + mapped, memory + mapped))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    # What `seccomp` refuses anyway, for the kernels without it: processes and threads, locked memory, message queues.
    for none in (resource.RLIMIT_NPROC, resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE):
        resource.setrlimit(none, (0, 0))


def _offer_to_oom_killer() -> None:
    """When the machine's memory is out, this process goes first, and the daemon stays."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def probe() -> Confinement:
    """What holds children on this machine: one is forked, confined and asked. Raises OSError where none can be."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(theirs, json.dumps(asdict(confine({"memory_bytes": 1 << 30, "cpu_seconds": 10}, {}))).encode())
        except OSError as error:
            os.write(theirs, json.dumps(str(error)).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as told:
        answer = json.loads(told.read() or '"it ended without a word"')
    os.waitpid(pid, 0)
    if isinstance(answer, str):
        raise OSError(answer)
    return Confinement(**answer)
