"""Requests parsed from packets."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbound.sftp.parsing import Malformed, parse
from ingest.inbound.sftp.protocol import Bad, Init, Kind, OnPath, ProtocolError, Write
from tests.inbound.sftp.packets import IDS, Pair, framed, pairs
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


@given(pairs().filter(lambda made: not isinstance(made[1], Write)))
def test_a_packet_parses_to_its_request_whatever_trails_it(made: Pair) -> None:
    packed, request = made
    assert parse(packed[4], packed[5:]) == request


@given(IDS, st.integers(0, 255).filter(lambda kind: kind != Kind.INIT), st.binary(max_size=60))
def test_any_body_with_an_id_is_answered_under_it(id: int, kind: int, body: bytes) -> None:
    request = parse(kind, number(id) + body)
    assert not isinstance(request, Init) and request.id == id


@given(st.integers(0, 255), st.binary(max_size=3))
def test_a_body_without_an_id_ends_the_session(kind: int, body: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"^a packet has no request id$"):
        parse(kind, body)


def test_a_packet_that_does_not_parse_is_known_by_its_id() -> None:
    assert (Malformed(7).id, str(Malformed(7))) == (7, "malformed packet 7")
