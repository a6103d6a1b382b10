"""Messages between two processes of the server, one datagram each (a SOCK_SEQPACKET pair), in order, none lost.

A message is a list of plain values as JSON; a connection's socket may travel with it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

MESSAGE: Final = 64 << 10


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class IpcChannel:
    """One end, in the running loop. `heard` gets each message; `lost` is called once, when the other end is gone."""

    def __init__(
        self,
        end: socket.socket,
        heard: Callable[[list[Any], socket.socket | None], None],
        lost: Callable[[], None],
    ) -> None:
        self._end = end
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[bytes, socket.socket | None]] = deque()
        self._is_open = True
        end.setblocking(False)
        self._loop.add_reader(end, self._readable)

    @property
    def is_open(self) -> bool:
        return self._is_open

    def send(self, *words: object, carry: socket.socket | None = None) -> None:
        """Send a message; `carry` belongs to the other end from now on and is closed here. In vain when lost."""
        if not self._is_open:
            if carry:
                carry.close()
            return
        self._waiting.append((json.dumps(words).encode(), carry))
        if len(self._waiting) == 1:
            self._flush()

    def close(self) -> None:
        """Let go of this end; `lost` is not called."""
        if not self._is_open:
            return
        self._is_open = False
        self._loop.remove_reader(self._end)
        self._loop.remove_writer(self._end)
        self._end.close()
        for _, carried in self._waiting:
            if carried:
                carried.close()
        self._waiting.clear()

    def _flush(self) -> None:
        while self._waiting:
            message, carried = self._waiting[0]
            try:
                socket.send_fds(self._end, [message], [carried.fileno()] if carried else [])
            except BlockingIOError:
                self._loop.add_writer(self._end, self._flush)
                return
            except OSError:
                self._end_of_it()
                return
            self._waiting.popleft()
            if carried:
                carried.close()
        self._loop.remove_writer(self._end)

    def _readable(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._end, MESSAGE, 1)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        if not message:
            self._end_of_it()
            return
        carried = socket.socket(fileno=descriptors[0]) if descriptors else None
        self._heard(json.loads(message), carried)

    def _end_of_it(self) -> None:
        if self._is_open:
            self.close()
            self._lost()
