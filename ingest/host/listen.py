"""Listening sockets."""

from __future__ import annotations

import socket
from typing import Final

BACKLOG: Final = 256


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; without a host on every address, IPv6 and IPv4 alike where the machine has both.

    Raises OSError where the port is taken.
    """
    if host:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)
    return socket.create_server(("", port), backlog=BACKLOG)
