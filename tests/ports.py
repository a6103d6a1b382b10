"""TCP ports on loopback for servers that tests start later, or start again."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from typing import Final

FIRST: Final = 15_000
"""Below the ports that the kernel gives to whoever asks for any, so that none of those is taken while it is free."""
FOR_EACH_WORKER: Final = 2_000


def _ports() -> Iterator[int]:
    """The ports of this worker of pytest, again and again; no other worker tries them, another run begins elsewhere."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw"))
    first = FIRST + worker % 8 * FOR_EACH_WORKER
    begin = os.getpid() * 101 % FOR_EACH_WORKER
    return itertools.cycle(first + (begin + step) % FOR_EACH_WORKER for step in range(FOR_EACH_WORKER))


_PORTS: Final = _ports()


def free_port() -> int:
    """A port that nothing listens on, and that this function gave nobody else for a long time."""
    for port in itertools.islice(_PORTS, FOR_EACH_WORKER):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("no port is free")
