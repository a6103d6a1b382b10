"""The protocol between the daemon and its supervisor: systemd, or any other that implements it.

sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3). Without a supervisor the functions do nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, MutableMapping
from typing import Final

FIRST_FD: Final = 3
UNNAMED: Final = "unknown"
SEND_SECONDS: Final = 1.0
"""How long sending may block: a supervisor whose queue is full must not stop the daemon."""


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send assignments such as `READY=1` in one message; False when it could not be sent. Never raises OSError.

    A line break inside a line becomes a space: each argument is one assignment.
    """
    place = environment.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return False
    address = "\0" + place[1:] if place.startswith("@") else place
    message = "\n".join(" ".join(line.splitlines()) for line in lines)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(SEND_SECONDS)
            sender.sendto(message.encode("utf-8", "replace"), address)
    except OSError:
        return False
    return True


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds after which the supervisor kills a daemon that sent no `WATCHDOG=1`; None where it does not watch us.

    Send it at half of this interval.
    """
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = _whole(environment.get("WATCHDOG_USEC", ""))
    return microseconds / 1_000_000 if microseconds > 0 else None


def listen_sockets(environment: MutableMapping[str, str] = os.environ) -> dict[str, list[socket.socket]]:
    """The listening sockets that the supervisor passed to this process, by the name that its unit gives them.

    Works once: the environment variables are removed, and child processes do not inherit the sockets. A socket without
    a name is under `unknown`. Raises OSError when a descriptor is not a socket.
    """
    process = environment.pop("LISTEN_PID", "")
    count = _whole(environment.pop("LISTEN_FDS", ""))
    names = environment.pop("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[socket.socket]] = {}
    if process != str(os.getpid()):
        return found
    for descriptor in range(FIRST_FD, FIRST_FD + count):
        os.set_inheritable(descriptor, False)
    for position in range(count):
        name = names[position] if position < len(names) and names[position] else UNNAMED
        found.setdefault(name, []).append(socket.socket(fileno=FIRST_FD + position))
    return found


def _whole(text: str) -> int:
    """A number in decimal digits; 0 for any other text."""
    return int(text) if text.isascii() and text.isdigit() else 0
