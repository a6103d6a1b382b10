"""Which ciphers a client is offered now, and on what client and server could not agree (RFC 4253, section 7.1).

A client that is known to speak AES-GCM may be configured not to. The key exchange that fails for it teaches the server
to make it the wide offer from then on.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

import asyncssh

from ingest.inbound.sftp.algorithms import HOST_KEY, KEX, MAC, WIDE, ciphers_for

MOST_REMEMBERED: Final = 10_000
MOST_NAMED: Final = 500
"""Characters of a client's own list that the log takes."""
COOKIE: Final = 17
"""Bytes before the first name-list: message number and cookie."""
KINDS: Final = ("key exchange", "host key", "cipher", "cipher to the client", "MAC", "MAC to the client")
"""The name-lists of a KEXINIT, in its order; those of compression and languages come after them."""


class Offers:
    """The ciphers for each client, by its address and version line."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, bytes], None] = {}
        self._told: dict[str, None] = {}

    def ciphers(self, address: str, version_line: bytes) -> tuple[str, ...]:
        """The ciphers to offer; all of them to a client that did not agree to fewer before."""
        return WIDE if (address, version_line) in self._failed else ciphers_for(version_line)

    def note_failed(self, address: str, version_line: bytes) -> bool:
        """The key exchange with this client failed; True the first time for its address."""
        is_new = address not in self._told
        self._failed[address, version_line] = self._told[address] = None
        if len(self._failed) > MOST_REMEMBERED:
            del self._failed[next(iter(self._failed))]
        if len(self._told) > MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        return is_new


def disagreement(
    connection: asyncssh.SSHServerConnection, host_keys: Sequence[str], ciphers: Sequence[str]
) -> Mapping[str, str]:
    """About what no agreement was found, what the client asked for, and what it was offered; for the log.

    Empty when the first key exchange came as far as the server's NEWKEYS. Some clients end the connection before their
    own KEXINIT is sent: then only `offered` is known.
    """
    if connection.get_extra_info("send_cipher"):
        return {}
    offers = (KEX, host_keys, ciphers, ciphers, MAC, MAC)
    for kind, asked, offer in zip(KINDS, _name_lists(connection), offers, strict=False):
        if not set(asked) & set(offer):
            return {"about": kind, "asked": ",".join(asked)[:MOST_NAMED], "offered": ",".join(offer)}
    return {"about": "not known", "asked": "", "offered": ",".join([*host_keys, *ciphers])}


def host_key_algorithms(keys: Sequence[asyncssh.SSHKeyPair]) -> list[str]:
    """The signature algorithms that these host keys are offered with."""
    return [name.decode() for name in HOST_KEY if any(name in key.host_key_algorithms for key in keys)]


def _name_lists(connection: asyncssh.SSHServerConnection) -> list[list[str]]:
    """The name-lists of the client's KEXINIT, as far as they are there; asyncssh keeps it, under a private name."""
    kexinit = bytes(getattr(connection, "_client_kexinit", b""))
    found: list[list[str]] = []
    at = COOKIE
    while len(found) < len(KINDS) and at + 4 <= len(kexinit):
        (size,) = struct.unpack_from(">I", kexinit, at)
        found.append(kexinit[at + 4 : at + 4 + size].decode("ascii", "replace").split(","))
        at += 4 + size
    return found
