"""The limit on open files of this process: every connection needs some."""

from __future__ import annotations

import resource
from contextlib import suppress


def raise_limit() -> None:
    """Raise the soft limit on open files, RLIMIT_NOFILE of setrlimit(2), to the hard one.

    The usual soft limit of 1,024 is for programs that use select(2), which the daemon does not; a few hundred
    connections reach it. Where the system refuses, the limit stays.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
