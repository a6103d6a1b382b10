"""Which algorithms a client is offered, by the version line that it sends first.

The client's order of ciphers wins (RFC 4253, section 7.1), and few put AES-GCM first, which costs this server by far
the least. So a client that is known to support it is offered nothing else. FileZilla would take the longer key, which
costs both sides more, so it is offered the shorter one only. An unknown or late version line gets the wide offer.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Final

GCM_128: Final[tuple[str, ...]] = ("aes128-gcm@openssh.com",)
GCM: Final[tuple[str, ...]] = (*GCM_128, "aes256-gcm@openssh.com")
WIDE: Final[tuple[str, ...]] = (*GCM, "aes256-ctr", "aes192-ctr", "aes128-ctr")
OFFERS: Final = (GCM_128, GCM, WIDE)
"""Every result that `ciphers_for` may have."""
KEX: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "curve448-sha512",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
)
HOST_KEY: Final = (
    b"ssh-ed25519",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
    b"rsa-sha2-512",
    b"rsa-sha2-256",
)
MAC: Final = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "umac-128-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "umac-128@openssh.com",
)
WAIT_SECONDS: Final = 0.3
FAR_SECONDS: Final = 0.03
NEAR_WINDOW: Final = 4 << 20
FAR_WINDOW: Final = 16 << 20

_FILEZILLA: Final = re.compile(rb"SSH-2\.0-FileZilla_3\.(?:6[3-9]|[7-9]\d)")
_SPEAKS_GCM: Final = re.compile(
    rb"SSH-2\.0-(?:"
    rb"OpenSSH_(?:[7-9]|[1-9]\d)|"
    rb"PuTTY_Release_0\.(?:7[89]|[89]\d)|"
    rb"WinSCP_release_(?:[6-9]|[1-9]\d)|"
    rb"AsyncSSH_(?:[2-9])|"
    rb"Go\b|rclone/|"
    rb"libssh2_1\.(?:1[1-9]|[2-9]\d))"
)


def ciphers_for(version_line: bytes) -> tuple[str, ...]:
    """The ciphers to offer to the client of this version line."""
    if _FILEZILLA.match(version_line):
        return GCM_128
    return GCM if _SPEAKS_GCM.match(version_line) else WIDE


def window_for(round_trip: float) -> int:
    """The receive window of a channel (RFC 4254, section 5.2) in bytes, for a round trip to the client in seconds.

    It limits the bytes in flight, so a long round trip needs a large window. On a short one a large window only fills
    the client's buffers, which slows OpenSSH's client down.
    """
    return NEAR_WINDOW if round_trip < FAR_SECONDS else FAR_WINDOW


async def peek_version(connection: socket.socket) -> bytes:
    """The bytes that the client sent within 0.3 s, left in the socket; empty when it waits for our line first."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _settle, readable)
    try:
        await asyncio.wait_for(readable, WAIT_SECONDS)
        return connection.recv(255, socket.MSG_PEEK)
    except (TimeoutError, OSError):
        return b""
    finally:
        loop.remove_reader(connection)


def _settle(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)
