"""Host names to addresses, by the system's resolver."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the addresses of a host for connections to a port. Raises OSError where there are none."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, in the order in which the system would try them. Raises OSError.

    The resolver runs in a thread of its own that nobody waits for: it cannot be stopped, and a caller who gives up must
    not wait for it as the threads of an event loop would have it. Names in other spellings of addresses, as 127.1 or
    0x7f000001, are resolved to those addresses.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[str]] = loop.create_future()

    def tell(addresses: Sequence[str], error: OSError | None) -> None:
        if found.done():
            return
        if error is None:
            found.set_result(addresses)
        else:
            found.set_exception(error)

    def look_up() -> None:
        addresses: Sequence[str] = ()
        failure: OSError | None = None
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except OSError as error:
            failure = error
        except UnicodeError:  # a label of more than 63 characters
            failure = OSError(f"{host} is no host name")
        with suppress(RuntimeError):  # the loop is closed: the caller gave up
            loop.call_soon_threadsafe(tell, addresses, failure)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    return await found
