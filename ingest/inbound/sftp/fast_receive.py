"""The receive accelerator: AES-GCM channel data goes from the socket to the session without asyncssh's copies.

asyncssh slices its input buffer several times for every packet. Here the bytes are read into one buffer, each packet of
channel data is decrypted where it lies, and all data of one read goes to the channel at once. Every other packet, every
other cipher and every packet with an error is passed unchanged to asyncssh's own code, which stays in charge of keys,
sequence numbers, windows and errors.

asyncssh also sends an empty IGNORE packet before every other one, so that the initialization vectors of CBC cannot be
known beforehand (RFC 4251, section 9.3.1). In AES-GCM they need not be unknown, so there these packets are left out: a
third of the cost of a short reply, here and at the client.

Only this module and `negotiation` use private attributes of asyncssh. It is used only with the versions that it was
tested with, after a self-test at start, and can be switched off (`sftp.accelerator`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import asyncssh
from asyncssh.encryption import GCMEncryption, get_encryption
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TESTED: Final = frozenset({"2.24.1"})

READ: Final = 256 << 10
READ_SLOW: Final = 32 << 10
"""The most bytes that are read at once while asyncssh's own code takes them."""
READ_LEAST: Final = 4 << 10
BEAT_SECONDS: Final = 1.0
PACKETS: Final = 64
"""Packets that one read brings at most, about: a flood of tiny packets must not delay the other connections."""
LENGTH: Final = 4
TAG: Final = 16
LEAST: Final = LENGTH + 12
"""The shortest packet: length in clear, at least twelve bytes, tag (RFC 5647; RFC 4253, section 6)."""
IGNORE: Final = 2
CHANNEL_DATA: Final = 94
DATA_HEAD: Final = 10
"""Bytes before the data: padding length, message number, channel, length (RFC 4254, section 5.2)."""

_CONNECTION: Final = (
    "_recv_data",
    "_recv_pkthdr",
    "_recv_packet",
    "_reset_keepalive_timer",
    "_finish_recv_packet",
    "send_packet",
)
_CHANNEL: Final = ("_accept_data", "_process_data")


def is_available() -> bool:
    """True when this asyncssh is a tested version and has the private attributes that this module uses."""
    if asyncssh.__version__ not in TESTED:
        return False
    names = (
        *((asyncssh.SSHServerConnection, name) for name in _CONNECTION),
        *((asyncssh.SSHServerChannel, name) for name in _CHANNEL),
    )
    return all(callable(getattr(owner, name, None)) for owner, name in names) and _decrypts_alike()


def _decrypts_alike() -> bool:
    """Self-test: packets that asyncssh encrypts are decrypted here; two of them, because the nonce has a counter."""
    key, nonce, head = bytes(range(16)), bytes(range(12)), (32).to_bytes(LENGTH, "big")
    sender: Any = get_encryption(b"aes128-gcm@openssh.com", key, nonce)
    receiver: Any = get_encryption(b"aes128-gcm@openssh.com", key, nonce)
    try:
        for seq in (0, 1):
            packet, tag = sender.encrypt_packet(seq, head, bytes(32))
            cipher = receiver._cipher
            if AESGCM(cipher._key).decrypt(cipher._iv, packet[LENGTH:] + tag, packet[:LENGTH]) != bytes(32):
                return False
            cipher._update_iv()
    except (AttributeError, InvalidTag, ValueError):
        return False
    return isinstance(receiver, GCMEncryption)


def accelerate(connection: asyncssh.SSHServerConnection) -> None:
    """Replace asyncssh as the receiver of a connection that has logged in; called once per connection."""
    inner: Any = connection
    inner._transport.set_protocol(FastReceiver(inner))
    inner.send_packet = _without_ignored(inner.send_packet, inner)


def _without_ignored(send_packet: Callable[..., None], connection: Any) -> Callable[..., None]:
    """`send_packet` of the connection, which sends no IGNORE packets while it encrypts with AES-GCM."""

    def send(kind: int, *fields: bytes, **more: object) -> None:
        if kind != IGNORE or not isinstance(connection._send_encryption, GCMEncryption):
            send_packet(kind, *fields, **more)

    return send


class FastReceiver(asyncio.BufferedProtocol):
    """The protocol between the transport and asyncssh's connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._view = memoryview(bytearray(2 * READ))
        self._end = 0
        self._most = READ
        self._cipher: Any = None
        self._decrypt: Callable[[bytes, memoryview, memoryview], bytes]
        self._fixed = b""
        self._counter = 0
        self._taken = 0
        self._beat_at = 0.0
        self._channel: Any = None
        self._head = b""
        self._pieces: list[memoryview] = []
        self._room = 0

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view[self._end : self._end + self._most]

    def buffer_updated(self, nbytes: int) -> None:
        """Take all whole packets from the buffer; keep the rest for the next read."""
        self._end += nbytes
        if self._is_fast() or self._reclaim():
            self._show_life()
            at = self._take_packets()
        else:
            self._connection.data_received(bytes(self._view[: self._end]))
            at = self._end
            self._most = READ_SLOW
        rest = self._end - at
        self._view[:rest] = self._view[at : self._end]
        self._end = rest

    def _show_life(self) -> None:
        """Data came: postpone asyncssh's keepalive request, once a second at most because this is slow."""
        now = time.monotonic()
        if now - self._beat_at >= BEAT_SECONDS:
            self._beat_at = now
            self._connection._reset_keepalive_timer()

    def eof_received(self) -> None:
        self._connection.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)
        del self._connection.send_packet  # ours, which refers to the connection: nothing is to wait for the collector

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    def _is_fast(self) -> bool:
        """True when asyncssh stands between two packets, its buffer is empty, and packets come in AES-GCM."""
        connection = self._connection
        encryption = connection._recv_encryption
        if not isinstance(encryption, GCMEncryption) or connection._decompressor or not connection._auth_complete:
            return False
        if connection._inpbuf or connection._recv_handler != connection._recv_pkthdr:
            return False
        if self._cipher is not encryption._cipher:
            self._cipher = encryption._cipher
            self._decrypt = AESGCM(self._cipher._key).decrypt
        self._fixed, self._counter = self._cipher._iv[:4], int.from_bytes(self._cipher._iv[4:], "big")
        return True

    def _reclaim(self) -> bool:
        """Take back the part of a packet that asyncssh holds, if it only waits for the rest of that packet."""
        connection = self._connection
        if not isinstance(connection._recv_encryption, GCMEncryption):
            return False
        if connection._recv_handler == connection._recv_packet:
            held = connection._packet + connection._inpbuf
        elif connection._recv_handler == connection._recv_pkthdr:
            held = connection._inpbuf
        else:
            return False
        if self._end + len(held) > READ + READ // 2:
            return False
        self._view[len(held) : len(held) + self._end] = self._view[: self._end]
        self._view[: len(held)] = held
        self._end += len(held)
        connection._packet = connection._inpbuf = b""
        connection._recv_handler = connection._recv_pkthdr
        return self._is_fast()

    def _take_packets(self) -> int:
        """Take packet by packet; returns how many bytes of the buffer were taken."""
        at, end, view, count = 0, self._end, self._view, 0
        while end - at >= LEAST:
            length = view[at : at + LENGTH]
            after = at + LENGTH + int.from_bytes(length, "big") + TAG
            if after > end and after - at <= READ:
                break
            if not self._take_data(length, view[at + LENGTH : after]):
                self._settle()
                self._deliver()
                if not self._pass_on(view[at:after], view[after:end]):
                    return end
            at, count = after, count + 1
        self._settle()
        self._deliver()
        if count:
            self._most = min(READ, max(READ_LEAST, PACKETS * at // count))
        return at

    def _take_data(self, length: memoryview, sealed: memoryview) -> bool:
        """True when the packet is data for an open channel and fits its window; the data then waits for `_deliver`."""
        try:
            packet = self._decrypt(self._fixed + self._counter.to_bytes(8, "big"), sealed, length)
        except (InvalidTag, ValueError):
            return False
        if packet[1:6] != self._head and not self._turn_to(packet):
            return False
        size = int.from_bytes(packet[6:DATA_HEAD], "big")
        if DATA_HEAD + size + packet[0] != len(packet) or not 0 < size <= self._room:
            return False
        self._room -= size
        self._pieces.append(memoryview(packet)[DATA_HEAD : DATA_HEAD + size])
        self._counter += 1
        self._taken += 1
        return True

    def _settle(self) -> None:
        """Advance asyncssh's nonce (RFC 5647, section 7.1) and sequence number by the packets that were taken."""
        self._cipher._iv = self._fixed + (self._counter & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")
        self._connection._recv_seq = (self._connection._recv_seq + self._taken) & 0xFFFFFFFF
        self._taken = 0

    def _turn_to(self, packet: bytes) -> bool:
        """Deliver what waits, then take data for the channel that this packet names; False if that is not open."""
        self._deliver()
        channel = self._connection._channels.get(int.from_bytes(packet[2:6], "big"))
        if packet[1] != CHANNEL_DATA or channel is None or channel._recv_state != "open":
            return False
        self._channel, self._head, self._room = channel, packet[1:6], channel._recv_window
        return True

    def _deliver(self) -> None:
        """Give all waiting data to its channel in one call; the next packet looks its channel up again."""
        pieces, self._pieces, self._head = self._pieces, [], b""
        if pieces:
            self._channel._accept_data(b"".join(pieces))

    def _pass_on(self, packet: memoryview, rest: memoryview) -> bool:
        """Let asyncssh take one packet, and the rest too if it is not between two packets then. True to go on here."""
        connection = self._connection
        if connection._transport:
            connection.data_received(bytes(packet))
        if self._is_fast():
            return True
        if connection._transport and rest:
            connection.data_received(bytes(rest))
        return False
