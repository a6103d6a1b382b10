"""Requests parsed from packets."""

from __future__ import annotations

import struct

from ingest.inbound.sftp.protocol import Bad, Init, Kind, OnPath
from tests.inbound.sftp.packets import framed
from tests.inbound.sftp.raw import long, number, packet, string


def test_fields_longer_than_their_packet_are_answered_as_bad() -> None:
    good = packet(Kind.STAT, 9, string(b"/"))
    cases = [
        packet(Kind.STAT, 1, number(2**32 - 1), b"x"),
        packet(Kind.OPEN, 2, string(b"/a")),
        packet(Kind.CLOSE, 3, string(b"h" * 257)),
        packet(Kind.WRITE, 4, string(b"h"), long(0), number(100), b"short"),
        packet(Kind.WRITE, 5, number(2**32 - 1), b"h" * 40),
        packet(Kind.WRITE, 6, string(b"h" * 257), long(0), string(b"body")),
        packet(Kind.WRITE, 7),
        packet(Kind.WRITE, 8, b"ab"),
    ]
    for id, case in enumerate(cases, start=1):
        expected = [Bad(id), OnPath(9, Kind.STAT, b"/")]
        assert framed(case + good) == expected
        assert framed(case + good, range(len(case))) == expected


def test_init_carries_its_version() -> None:
    assert framed(struct.pack(">IBI", 5, Kind.INIT, 6)) == [Init(6)]
