"""What a child may do once it reads a label's file: little, and the kernel sees to it.

Memory, processor time, no file written and no core left; no new rights; it ends with its parent. Where the kernel can:
no other file to read than the release and the program (`landlock`), no network and no other process (`seccomp`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, Final

from ingest.readers import landlock, seccomp

OPEN_FILES: Final = 64
PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def confine(limits: dict[str, Any], request: dict[str, Any]) -> None:
    """Hold this process to `limits` for good, and to the files that `request` names."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _offer_to_oom_killer()
    _LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _limit(limits["memory_bytes"], _largest(_named(request)), limits["cpu_seconds"])
    landlock.allow_reading([*_named(request), *_program()])
    seccomp.filter_calls()


def _named(request: dict[str, Any]) -> list[Path]:
    """The release or the file; an operator's schema with the folder that holds what it imports."""
    named = [Path(request[key]) for key in ("path", "batch") if request.get(key) is not None]
    schema = request.get("schema")
    return [*named, *([] if schema is None else [Path(schema).parent])]


def _largest(named: list[Path]) -> int:
    """Bytes of the largest file that may be read: readers map files, which takes room but no memory."""
    below = (Path(folder, name) for place in named for folder, _, names in os.walk(place) for name in names)
    return max((one.lstat().st_size for one in (*named, *below) if one.is_file()), default=0)


def _limit(memory: int, mapped: int, cpu: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory + mapped, memory + mapped))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _offer_to_oom_killer() -> None:
    """When the machine's memory is out, this process goes first, and the daemon stays."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _program() -> set[Path]:
    """Where our code, its schemas, Python and the system's libraries lie: late imports and tracebacks read there."""
    package = Path(__file__).parents[1]
    return {package, package.parent / "schemas", Path(sys.prefix), Path(sys.base_prefix) / "lib", Path("/usr/lib")}
