"""Random and mutated SFTP packets against framing, protocol, answers and session, for as long as they are given.

    python -m tests.fuzz.sftp SECONDS [SEED]

A round is a seed: a stream of plausible packets, damaged in places and cut into chunks anywhere, answered on a real
folder. Nothing but ProtocolError may come out, every reply must be whole, no request may crash inside, and memory stays
below a few times what was sent. A round that breaks this is told by its seed.
"""

from __future__ import annotations

import asyncio
import random
import socket
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ingest.inbound.sftp.protocol import MAX_PACKET, Kind, ProtocolError
from ingest.inbound.sftp.session import QUEUE_HIGH, Session
from ingest.inbound.sftp.turns import Turns
from tests.inbound.sftp.offline_session import OfflineSession, offline_session, replies_in
from tests.inbound.sftp.raw import long, number, packet, string, wanted

BASE: Final = 4 << 20
"""Bytes that a round may hold whatever it was sent: replies of the widest READs, pages of listings."""
START: Final = (
    number(5)
    + bytes([Kind.INIT])
    + number(3)
    + packet(Kind.OPEN, 1, string(b"/incoming/f"), number(3), number(0))
    + packet(Kind.OPEN, 2, string(b"/incoming/new"), number(0x1A), number(0))
    + packet(Kind.OPENDIR, 3, string(b"/incoming"))
)
"""How most rounds begin: with one file to read and write, one to write, and one folder open."""
REQUESTS: Final = [kind for kind in Kind if kind < Kind.STATUS and kind not in (Kind.INIT, Kind.VERSION)]
KINDS: Final = [
    *REQUESTS * 6,
    *[Kind.WRITE, Kind.READ, Kind.OPEN, Kind.EXTENDED] * 8,
    Kind.INIT,
    Kind.STATUS,
    0,
    77,
    255,
]
TROUBLE: Final = {"request crashed", "backend failed", "disk fault", "session crashed"}
PATHS: Final = (
    *(b"/", b"", b"/incoming", b"/incoming/a", b"/incoming/a/b", b"/incoming/f", b"/incoming/a/g", b"/reports", b".."),
    *(b"/incoming/" + b"d/" * 40, b"\0", b"\xff" * 9, b"/incoming/\n", b"x" * 5000, b"/incoming/../../etc/passwd"),
)
NUMBERS: Final = (0, 1, 2, 5, 0x1A, 255, 4096, 65_535, 1 << 31, (1 << 32) - 1)
PLACES: Final = (0, 1, 7, 4096, 1 << 31, 1 << 46, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
EXTENSIONS: Final = (
    *(b"posix-rename@openssh.com", b"statvfs@openssh.com", b"fsync@openssh.com", b"limits@openssh.com"),
    *(b"copy-data", b"hardlink@openssh.com", b"", b"x" * 300),
)


class Round:
    """The packets of one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def stream(self) -> bytes:
        packets = [self.packet() for _ in range(self.chance.randrange(1, 60))]
        share = self.chance.choice((0, 0.02, 0.1, 0.3))
        damaged = [self.damage(one) if self.chance.random() < share else one for one in packets]
        return (START if self.chance.random() < 0.95 else b"") + b"".join(damaged)

    def packet(self) -> bytes:
        """One well-formed request, of which some name what exists."""
        one_of, id = self.chance.choice, self.chance.choice(NUMBERS)
        path, other = string(one_of(PATHS)), string(one_of(PATHS))
        handle = string(one_of((*map(number, (1, 1, 2, 2, 3, 4, 9)), b"", b"h" * 257)))
        match kind := one_of(KINDS):
            case Kind.OPEN:
                return packet(kind, id, path, number(one_of(NUMBERS)), number(0))
            case Kind.WRITE:
                body = bytes(one_of((0, 1, 100, 3000, 32_768, 200_000)))
                return packet(kind, id, handle, long(one_of(PLACES)), string(body))
            case Kind.READ:
                return packet(kind, id, handle, long(one_of(PLACES)), number(one_of(NUMBERS)))
            case Kind.SETSTAT | Kind.FSETSTAT:
                size, modified = one_of((None, *PLACES)), one_of((None, *NUMBERS))
                return packet(kind, id, path if kind is Kind.SETSTAT else handle, wanted(size, modified))
            case Kind.CLOSE | Kind.FSTAT | Kind.READDIR:
                return packet(kind, id, handle, number(one_of(NUMBERS)))
            case Kind.EXTENDED:
                return packet(kind, id, string(one_of(EXTENSIONS)), one_of((path, handle)), other)
            case _:
                return packet(kind, id, path, other)

    def damage(self, whole: bytes) -> bytes:
        """Bytes changed, left out, put in or said twice; the packet's own length mostly stays true."""
        data, at = bytearray(whole), self.chance.randrange(4, len(whole))
        match self.chance.randrange(5):
            case 0:
                data[at] = self.chance.randrange(256)
            case 1:
                del data[at : at + self.chance.randrange(1, 20)]
            case 2:
                data[at:at] = self.chance.randbytes(self.chance.randrange(1, 20))
            case 3:
                data[at : at + 4] = number(self.chance.choice(NUMBERS))
            case _:
                data += data[at:]
        if self.chance.random() < 0.9:
            data[:4] = number(len(data) - 4)
        else:
            data[:4] = number(self.chance.choice([*NUMBERS, MAX_PACKET, MAX_PACKET + 1, len(data)]))
        return bytes(data)

    def chunks(self, stream: bytes) -> Iterator[bytes]:
        """The stream cut anywhere, sometimes into single bytes."""
        most = self.chance.choice((1, 3, 50, 5000, 32_768)) if len(stream) < 20_000 else 32_768
        while stream:
            count = self.chance.randrange(1, most + 1)
            yield stream[:count]
            stream = stream[count:]


def play_alone(played: Round, place: Path) -> None:
    """Framing, protocol and answers, one chunk after the other."""
    (place / "incoming" / "a").mkdir(parents=True)
    (place / "incoming" / "f").write_bytes(b"f" * 1000)
    with offline_session(place, greeted=False) as here:
        with suppress(ProtocolError):
            for chunk in played.chunks(played.stream()):
                here.send(chunk)
        check_log(here)


class Channel:
    """As much of an SSH channel as a session needs, with everything that was written to it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.written = bytearray()

    def get_extra_info(self, name: str) -> socket.socket:
        return self.connection

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *words, **options: None


async def play_session(played: Round, place: Path) -> None:
    """The session too, with its queue, its threads and its end."""
    warned: list[str] = []
    one, other = socket.socketpair()
    with one, other, ThreadPoolExecutor(2) as threads, offline_session(place, greeted=False, ends=False) as here:
        warn: Callable[..., None] = lambda event, **values: warned.append(event)  # noqa: E731
        session = Session(lambda: here.answers, Turns(threads), lambda: None, warn, lambda: 0)
        channel: Any = Channel(one)
        session.connection_made(channel)
        running = asyncio.create_task(session.run())
        for chunk in played.chunks(played.stream()):
            session.data_received(chunk, None)
            if played.chance.random() < 0.1:
                await asyncio.sleep(0)
        session.eof_received()
        await asyncio.wait_for(running, 30)
        list(replies_in(bytes(channel.written)))
        assert not TROUBLE & set(warned), warned
        check_log(here)


def check_log(here: OfflineSession) -> None:
    trouble = [line for line in here.log.lines if line[1] in TROUBLE]
    assert not trouble, trouble


def play(seed: int) -> None:
    """One round; raises whatever must not happen."""
    played = Round(seed)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        if seed % 8:
            play_alone(played, Path(place))
        else:
            asyncio.run(play_session(played, Path(place)))


def fuzz(seed: int, rounds: int | None = None, seconds: float = 0) -> int:
    """Play rounds from a seed on, so many or so long; returns how many. Raises AssertionError with the round's seed."""
    end, played = time.monotonic() + seconds, 0
    tracemalloc.start()
    try:
        while played < rounds if rounds is not None else time.monotonic() < end:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                play(seed + played)
                held = tracemalloc.get_traced_memory()[1] - before
                most = BASE + QUEUE_HIGH + 6 * len(Round(seed + played).stream())
                assert held < most, f"{held} bytes of memory, and {most} would do"
            except Exception as fault:
                raise AssertionError(f"round {seed + played}: {type(fault).__name__}: {fault}") from fault
            played += 1
    finally:
        tracemalloc.stop()
    return played


if __name__ == "__main__":
    begin = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 40)
    print(f"seed {begin}", flush=True)
    print(f"{fuzz(begin, seconds=float(sys.argv[1]))} rounds")
