"""A bare SFTP client over paramiko's transport: any packet, any bytes, and replies read only when asked."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import paramiko

from ingest.inbound.sftp.protocol import Code, Kind
from tests.sftp_clients import PASSWORD

DROPPED = (paramiko.SSHException, EOFError, OSError)
"""What paramiko raises when the server ends the connection."""


def string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def packet(kind: int, id: int, *fields: bytes, tail: bytes = b"") -> bytes:
    body = id.to_bytes(4, "big") + b"".join(fields) + tail
    return struct.pack(">IB", len(body) + 1, kind) + body


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def long(value: int) -> bytes:
    return value.to_bytes(8, "big")


def wanted(size: int | None = None, modified: int | None = None) -> bytes:
    """ATTRS of a size and times as SETSTAT carries them, with a mode and an owner that are never applied."""
    sized = b"" if size is None else long(size)
    timed = b"" if modified is None else number(1) + number(modified)
    flags = 0x06 | bool(sized) * 0x01 | bool(timed) * 0x08
    return number(flags) + sized + number(0) * 2 + number(0o4777) + timed


def write(id: int, handle: bytes, offset: int, body: bytes, tail: bytes = b"") -> bytes:
    return packet(Kind.WRITE, id, string(handle), long(offset), string(body), tail=tail)


@dataclass(frozen=True)
class Reply:
    kind: Kind
    id: int
    body: bytes

    @property
    def status(self) -> tuple[Code, str]:
        assert self.kind is Kind.STATUS, self
        length = int.from_bytes(self.body[4:8], "big")
        return Code(int.from_bytes(self.body[:4], "big")), self.body[8 : 8 + length].decode()

    @property
    def handle(self) -> bytes:
        assert self.kind is Kind.HANDLE, self.status
        return self.body[4:]


class Raw:
    """One SFTP channel."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self.channel = channel
        self._id = 0

    def send(self, data: bytes) -> None:
        self.channel.sendall(data)

    def read(self) -> Reply:
        length, kind, id = struct.unpack(">IBI", self._exactly(9))
        return Reply(Kind(kind), id, self._exactly(length - 5))

    def ask(self, kind: int, *fields: bytes) -> Reply:
        self._id += 1
        self.send(packet(kind, self._id, *fields))
        reply = self.read()
        assert reply.id == self._id
        return reply

    def open(self, path: str, flags: int) -> bytes:
        return self.ask(Kind.OPEN, string(path.encode()), number(flags), number(0)).handle

    def greet(self) -> Reply:
        self.send(struct.pack(">IBI", 5, Kind.INIT, 6))
        return self.read()

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self.channel.recv(count - len(got))
            if not more:
                raise EOFError("the server ended the session")
            got += more
        return got


class Listening(Protocol):
    """A server on loopback."""

    @property
    def port(self) -> int: ...


@contextmanager
def transport(
    server: Listening, user: str = "anna", password: str = PASSWORD, *, source: str = "127.0.0.1"
) -> Iterator[paramiko.Transport]:
    """A logged-in connection that comes from the address `source`."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(source, 0))
    with paramiko.Transport(connection) as opened:
        opened.connect(username=user, password=password)
        yield opened


@contextmanager
def raw(server: Listening, user: str = "anna", *, greeted: bool = True, source: str = "127.0.0.1") -> Iterator[Raw]:
    """A session after INIT."""
    with transport(server, user, source=source) as opened:
        yield session(opened, greeted=greeted)


def session(opened: paramiko.Transport, *, greeted: bool = True, window: int | None = None) -> Raw:
    """One more session on a connection; `window` is how many bytes of replies it lets the server send unread."""
    channel = opened.open_session(window_size=window)
    channel.settimeout(20)
    channel.invoke_subsystem("sftp")
    client = Raw(channel)
    if greeted:
        client.greet()
    return client
