"""Messages between two processes of the server, in order and none lost: a pair of sockets, unix(7), SOCK_SEQPACKET.

A message is a list of plain values as JSON, in one datagram; the socket of a connection may travel with it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

MESSAGE: Final = 64 << 10
"""Bytes of the longest message that is received."""


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends, one for each process."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class IpcChannel:
    """One end, used in the running event loop.

    `heard` gets each message; `lost` is called once, when the other end is gone.
    """

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
        """False after `close`, or once the other end is gone."""
        return self._is_open

    def send(self, *words: object, carry: socket.socket | None = None) -> None:
        """Send a message without waiting; nothing when the channel is closed.

        `carry` is given to the other process (SCM_RIGHTS) and closed here, also when the channel is closed.
        """
        if not self._is_open:
            if carry:
                carry.close()
            return
        self._waiting.append((json.dumps(words).encode(), carry))
        if len(self._waiting) == 1:
            self._flush()

    def close(self) -> None:
        """Close this end and drop messages that were not sent yet; `lost` is not called."""
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
