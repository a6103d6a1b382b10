"""The child process in which labels' bytes are read: one request a line on stdin, one answer a line on stdout.

Run as `python -m ingest.readers.child PARENT_PID LIMITS_JSON`. It holds itself to its limits before it reads a byte,
and ends when its parent is gone. A crash here costs the file that was being read, never the daemon.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

WATCH_SECONDS: Final = 0.5


def main() -> None:
    parent, limits = int(sys.argv[1]), json.loads(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    _silence_libraries()
    _limit(limits)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    for line in sys.stdin:
        _allow_cpu(limits["cpu_seconds"])
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


def _silence_libraries() -> None:
    """What a decoder prints must neither reach the answers nor the daemon's log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit(limits: dict[str, Any]) -> None:
    memory = limits["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _allow_cpu(seconds: int) -> None:
    """Let the next request use `seconds` of CPU beyond what is used already; past it the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The facts asked for, or our own crash in words for ops."""
    try:
        return {"facts": READS[request["read"]](request)}
    except Exception:  # noqa: BLE001 - the supervisor of this process: whatever a reader did not foresee is ours
        return {"crash": traceback.format_exc(limit=-6)}


def _read_folder(request: dict[str, Any]) -> Any:
    from ingest.readers.contents import read_contents
    from ingest.readers.plain import plain

    schema = request["schema"]
    return plain(
        read_contents(
            Path(request["path"]), request["name"], request["max_bytes"], None if schema is None else Path(schema)
        )
    )


def _read_readiness(request: dict[str, Any]) -> Any:
    from ingest.readers.plain import plain
    from ingest.readers.readiness import look

    return plain(look(Path(request["path"]), request["name"], request["max_bytes"]))


def _read_audio(request: dict[str, Any]) -> Any:
    from ingest.readers.audio import read_audio
    from ingest.readers.plain import plain

    return plain(
        read_audio(
            Path(request["path"]),
            request["name"],
            silence_level=request["silence_level"],
            hashes=tuple(request["hashes"]),
        )
    )


def _read_artwork(request: dict[str, Any]) -> Any:
    from ingest.readers.artwork import read_artwork
    from ingest.readers.plain import plain

    return plain(read_artwork(Path(request["path"]), request["name"], max_pixels=request["max_pixels"]))


def _read_hash(request: dict[str, Any]) -> Any:
    import hashlib

    with Path(request["path"]).open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


READS: Final = {
    "folder": _read_folder,
    "readiness": _read_readiness,
    "audio": _read_audio,
    "artwork": _read_artwork,
    "hash": _read_hash,
}

if __name__ == "__main__":
    main()
